//! The archive of everything that an organisation owns: every table as lines of JSON, every file as it was sent.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use clients::blobs::{Key, Kind};
use store::{
    Page,
    audit::{self, Event, Outcome},
    files::{self, FileState},
    jobs::{self, Done},
    your_data,
};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{Backing, Error, Scratch, worker::Hold};

pub(crate) const KIND: &str = "export_data";

const README: &str = "Everything that your organisation owns here.\n\n\
    tables/  one file per table, one row per line, as JSON (https://jsonlines.org)\n\
    files/   every file as you uploaded it; the number before its name is its id in tables/files.jsonl\n";

/// Makes the archive.
pub(crate) async fn perform(backing: &Backing, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let scratch = Scratch::new()?;
    let folder = scratch.path().to_owned();
    let failed = |error: std::io::Error| Error::Work(format!("the archive could not be written: {error}"));
    let mut members: Vec<(String, PathBuf)> = Vec::new();
    hold.say("writing tables", 0.1);
    let mut tx = backing.store.begin(&claim.actor()).await?;
    for table in your_data::tables(&mut tx).await? {
        let path = folder.join(format!("{table}.jsonl"));
        let mut out = BufWriter::new(File::create_new(&path).map_err(failed)?);
        your_data::each_row(&mut tx, &table, |line| {
            out.write_all(line.as_bytes())?;
            out.write_all(b"\n")
        })
        .await?
        .map_err(failed)?;
        out.flush().map_err(failed)?;
        members.push((format!("tables/{table}.jsonl"), path));
    }
    let mut page = Page::default();
    loop {
        let listing = files::list(&mut tx, page).await?;
        for file in listing.items.iter().filter(|file| file.state == FileState::Stored) {
            hold.wanted()?;
            let key = Key::of(claim.org, &file.object_key)?;
            let path = backing.blobs.lay_out(&key, &folder, &file.id.to_string()).await?;
            members.push((format!("files/{}-{}", file.id, crate::files::display_name(&file.name)), path));
        }
        match listing.next {
            Some(next) => page = Page { after: Some(next), ..page },
            None => break,
        }
    }
    tx.rollback().await?;
    hold.say("packing", 0.6);
    let path = folder.join("everything.zip");
    let packed = path.clone();
    hold.compute(move |hold| pack(&packed, &members, hold)).await?;
    let key = Key::new(claim.org, Kind::Export, claim.job.id.0);
    let written = backing.blobs.write_file(&key, &path).await?;
    let mut tx = backing.store.begin(&claim.actor()).await?;
    jobs::finish(&mut tx, claim, &Done::Completed).await?;
    let event = Event::new("org.export_done", Outcome::Done)
        .on("job", claim.job.id)
        .traced(claim.job.trace_id.clone())
        .detail("bytes", i64::try_from(written.bytes).unwrap_or(i64::MAX));
    audit::record(&mut tx, &event).await?;
    tx.commit().await?;
    // The newest takes the place of those before.
    for (other, _) in backing.blobs.list(claim.org).await? {
        if other.kind() == Kind::Export && other != key {
            backing.blobs.delete(&other).await?;
        }
    }
    Ok(())
}

fn pack(path: &Path, members: &[(String, PathBuf)], hold: &Hold) -> Result<(), Error> {
    let failed =
        |error: &dyn std::fmt::Display| Error::Work(format!("the archive could not be packed: {error}"));
    let mut zip = ZipWriter::new(File::create_new(path).map_err(|error| failed(&error))?);
    let options = SimpleFileOptions::default().large_file(true);
    zip.start_file("README.txt", options).map_err(|error| failed(&error))?;
    zip.write_all(README.as_bytes()).map_err(|error| failed(&error))?;
    for (name, member) in members {
        hold.wanted()?;
        zip.start_file(name.as_str(), options).map_err(|error| failed(&error))?;
        let mut file = File::open(member).map_err(|error| failed(&error))?;
        std::io::copy(&mut file, &mut zip).map_err(|error| failed(&error))?;
    }
    zip.finish().map_err(|error| failed(&error))?;
    Ok(())
}

/// Removes the archive of a job that has ended without one.
pub(crate) async fn abandon(backing: &Backing, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    Ok(backing.blobs.delete(&Key::new(claim.org, Kind::Export, claim.job.id.0)).await?)
}
