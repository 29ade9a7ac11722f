//! Filling an empty installation from a backup.

use std::{fs::File, path::Path};

use clients::blobs::{Blobs, Key};
use store::{
    Connection,
    backup::{Position, Target},
};

use super::{
    BLOBS, TABLES,
    manifest::{Manifest, check},
};
use crate::Error;

/// Fills the database and the store of files from a folder, reads all rows back and compares. The database is left at the version of
/// the backup; migrating it to the program's own is the caller's next step.
pub async fn restore(connection: &Connection, blobs: &Blobs, folder: &Path) -> Result<Manifest, Error> {
    // Nothing is begun with a damaged backup.
    let (manifest, list) = check(folder)?;
    let mut target = Target::make(connection, &manifest.versions).await.map_err(refused)?;
    for table in target.tables().to_vec() {
        let name = table.full_name();
        if !manifest.tables.iter().any(|known| known.name == name) {
            return Err(Error::Input(format!("the backup has no rows of {name}, which its version has")));
        }
        let path = folder.join(TABLES).join(format!("{name}.copy"));
        let mut file = File::open(&path)
            .map_err(|error| Error::Input(format!("{} cannot be read: {error}", path.display())))?;
        target.fill(&table, &mut file).await.map_err(refused)?;
    }
    for sequence in &manifest.sequences {
        target.go_on(&Position { sequence: sequence.name.clone(), last: sequence.last }).await?;
    }
    // The bytes come before the rows can be seen.
    for blob in &list {
        let key: Key = blob.key.parse()?;
        let written = blobs.write_file(&key, &folder.join(BLOBS).join(&blob.key)).await?;
        if written.bytes != blob.bytes || hex::encode(written.sha256) != blob.sha256 {
            return Err(Error::Work(format!("{} did not arrive as it was sent", blob.key)));
        }
    }
    let filled = target.commit().await?;
    for (name, written) in filled.read_back().await? {
        let expected = manifest.tables.iter().find(|known| known.name == name);
        if expected.is_none_or(|known| known.rows != written.rows || known.sha256 != written.sha256) {
            return Err(Error::Work(format!("the rows of {name} are not those of the backup")));
        }
    }
    Ok(manifest)
}

/// What the database says to whoever restores, as it is: the words are about the backup, not about a customer.
fn refused(error: store::Error) -> Error {
    match error {
        store::Error::Backup(reason) => Error::Input(reason),
        store::Error::Refused { constraint }
        | store::Error::Conflict { constraint }
        | store::Error::Reference { constraint } => {
            Error::Input(format!("the database does not take the backup: {constraint}"))
        }
        other => other.into(),
    }
}
