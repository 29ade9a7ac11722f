//! Reading one file.

use std::io::Write;
use std::path::Path;

use ingest::{ReadError, ReadOptions, ReadTable};

use crate::{Error, Scratch};

/// Told what is being done, in words for a person who waits.
pub type Say<'a> = &'a mut dyn FnMut(&str);

/// The typed tables of a file; they lie in `scratch`.
pub fn read(
    path: &Path,
    part: Option<&str>,
    scratch: &Scratch,
    say: Say<'_>,
) -> Result<Vec<ReadTable>, Error> {
    let folder = scratch.folder(&format!("read-{}", digest(path)))?;
    Ok(read_into(path, part, &folder, say)?)
}

/// The typed tables of a file; they lie in `folder`. The error tells what the content is from what the disk did.
pub(crate) fn read_into(
    path: &Path,
    part: Option<&str>,
    folder: &Path,
    say: Say<'_>,
) -> Result<Vec<ReadTable>, ReadError> {
    let name = ingest::error::display_name(path);
    let options = ReadOptions { part: part.map(str::to_owned), ..ReadOptions::default() };
    ingest::read::read(path, folder, &options, &mut |progress| {
        let share = progress.share.map_or(String::new(), |share| format!(" ({:.0} %)", share * 100.0));
        say(&format!("reading {name}: {} rows{share}", progress.rows));
    })
}

/// The main table as read: RFC 4180, all cells as text.
pub fn write_csv(path: &Path, part: Option<&str>, writer: &mut dyn Write) -> Result<(), Error> {
    let options = ReadOptions { part: part.map(str::to_owned), ..ReadOptions::default() };
    ingest::read::write_csv(path, &options, writer)?;
    Ok(())
}

/// A folder name for a path: two files of one name in different folders stay apart.
fn digest(path: &Path) -> String {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for byte in path.to_string_lossy().bytes() {
        digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{digest:016x}")
}
