//! Where the files of a plant go.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

/// Takes the bytes of several files as they are made, in pieces, interleaved.
pub trait Sink {
    /// Appends to `file`, which is created at its first piece.
    fn write(&mut self, file: &str, bytes: &[u8]) -> io::Result<()>;
}

/// Keeps the files in memory, for tests and small demonstrations.
#[derive(Debug, Default)]
pub struct MemorySink {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Sink for MemorySink {
    fn write(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.files.entry(file.to_owned()).or_default().extend_from_slice(bytes);
        Ok(())
    }
}

/// Writes the files into one folder, replacing files of the same name.
#[derive(Debug)]
pub struct DirectorySink {
    directory: PathBuf,
    open: BTreeMap<String, File>,
}

impl DirectorySink {
    /// Creates the folder if it is absent.
    pub fn create(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        std::fs::create_dir_all(&directory)?;
        Ok(Self { directory, open: BTreeMap::new() })
    }
}

impl Sink for DirectorySink {
    fn write(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        if !self.open.contains_key(file) {
            self.open.insert(file.to_owned(), File::create(self.directory.join(file))?);
        }
        match self.open.get_mut(file) {
            Some(open) => open.write_all(bytes),
            None => Ok(()),
        }
    }
}
