//! The product, started as people start it, in a folder of its own.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

pub(crate) struct Product {
    child: Child,
    // Kept open, so that the program never writes into a closed pipe.
    _lines: BufReader<ChildStdout>,
    pub(crate) address: String,
    /// Signs the first person in, once.
    pub(crate) link: String,
}

impl Product {
    /// `None` where no Postgres is installed.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        Self::start_with(folder, &[])
    }

    /// The same with settings; on a folder that has people there is no link.
    pub(crate) fn start_with(folder: &Path, settings: &[(&str, &str)]) -> Option<Self> {
        if let Err(error) = cluster::find_binaries() {
            eprintln!("skipped: {error}");
            return None;
        }
        let first_start = !folder.join("data").exists();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_plantintel"))
            .current_dir(folder)
            .env("PLANTINTEL_DATA_FOLDER", folder.join("data"))
            .env("PLANTINTEL_ADDRESS", "127.0.0.1:0")
            .env("PLANTINTEL_ROUNDS_SECONDS", "2")
            // The model of the walk is on this machine.
            .env("PLANTINTEL_PRIVATE_MODELS", "true")
            .env_remove("DATABASE_URL")
            // These are for the test; the product refuses variables that it does not know.
            .env_remove("PLANTINTEL_AXE")
            .env_remove("PLANTINTEL_SCREENSHOTS")
            .env_remove("PLANTINTEL_LANGUAGES")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let first = line();
        let Some(address) = first.strip_prefix("PlantIntel is at ").map(str::to_owned) else {
            panic!("it did not start: {first}{}", std::fs::read_to_string(folder.join("log")).unwrap());
        };
        let link = if first_start {
            line();
            line()
        } else {
            String::new()
        };
        Some(Self { child, _lines: lines, address, link })
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
    }
}

/// The exports of a made-up plant, without the list of what is wrong in it.
pub(crate) fn exports(folder: &Path) -> Vec<PathBuf> {
    let made = Command::new(env!("CARGO_BIN_EXE_plantintel"))
        .args(["generate", "--orders", "400", "--seed", "7"])
        .arg(folder)
        .env_remove("PLANTINTEL_AXE")
        .env_remove("PLANTINTEL_SCREENSHOTS")
        .env_remove("PLANTINTEL_LANGUAGES")
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    files.sort();
    files
}
