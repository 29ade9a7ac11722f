//! Programs whose clock a test moves, by libfaketime (Debian: `apt install libfaketime`).

use std::path::{Path, PathBuf};

const KNOWN: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
    "/usr/local/lib/faketime/libfaketimeMT.so.1",
];

/// A clock that a file moves: what stands in it (`+45d`, `-1h`) is how far it is from the true one.
#[derive(Debug)]
pub struct Faketime {
    library: PathBuf,
    offset: PathBuf,
}

impl Faketime {
    /// `None`, and a printed line, where the library is not installed.
    pub fn beside(folder: &Path) -> Option<Self> {
        let library = KNOWN.iter().map(Path::new).find(|path| path.exists()).map(Path::to_owned);
        if library.is_none() {
            eprintln!("skipped: libfaketime is not installed");
        }
        let faketime = Self { library: library?, offset: folder.join("offset") };
        faketime.set("+0").is_ok().then_some(faketime)
    }

    /// What a program is started with.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.offset.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // Waiting is by the monotonic clock, which no correction moves.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Moves the clock of all programs that were started with it.
    pub fn set(&self, offset: &str) -> std::io::Result<()> {
        std::fs::write(&self.offset, offset)
    }
}
