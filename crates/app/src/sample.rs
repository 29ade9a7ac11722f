//! The sample plant: exports of a made-up job shop with known problems, read and mapped like any upload.

use bytes::Bytes;
use domain::{Role, id::FacilityId};
use futures::stream;
use generator::{MemorySink, PlantSpec};

use crate::{
    Backing, Caller, Error,
    datasets::{self, Import, NewImport},
    files,
};

/// Large enough for every analysis to have something to say, small enough to be done within half a minute.
const ORDERS: u64 = 1_500;
const SEED: u64 = 11;

/// What the sample plant is called; whoever opens it may call it so in another language.
pub const NAME: &str = "Sample plant";

/// Uploads the sample plant's exports as one import of this name.
pub async fn open(
    backing: &Backing,
    caller: &Caller,
    facility: Option<FacilityId>,
    name: &str,
) -> Result<Import, Error> {
    caller.require(Role::Analyst)?;
    let exports = tokio::task::spawn_blocking(exports)
        .await
        .map_err(|error| Error::Work(format!("making the sample plant broke: {error}")))??;
    let mut taken = Vec::new();
    for (name, bytes) in exports {
        let declared = bytes.len() as u64;
        let body = stream::iter([Ok::<_, std::io::Error>(Bytes::from(bytes))]);
        taken.push(files::receive(backing, caller, &name, Some(declared), body).await?.file.id);
    }
    let new = NewImport { name: Some(name.to_owned()), facility, files: taken, ..NewImport::default() };
    datasets::create(backing, caller, &new).await
}

/// One file of the plant that every upload takes: its orders, or else its largest table.
pub async fn file() -> Result<(String, Vec<u8>), Error> {
    let exports = tokio::task::spawn_blocking(exports)
        .await
        .map_err(|error| Error::Work(format!("making the sample plant broke: {error}")))??;
    let largest = exports.into_iter().max_by_key(|(_, bytes)| bytes.len());
    largest.ok_or_else(|| Error::Work("the sample plant has no files".to_owned()))
}

/// The files of the plant, without the list of what is wrong in it.
fn exports() -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut sink = MemorySink::default();
    generator::generate(&PlantSpec::new(ORDERS, SEED), &mut sink)
        .map_err(|error| Error::Work(error.to_string()))?;
    Ok(sink.files.into_iter().filter(|(name, _)| name != "truth.json").collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_the_same_every_time_and_tells_no_answers() {
        let files = exports().unwrap();
        assert!(
            files.len() > 3 && files.iter().all(|(name, bytes)| !name.contains("truth") && !bytes.is_empty())
        );
        assert_eq!(files, exports().unwrap());
    }
}
