//! A disk that fails or lies, for a program that is started with it: a small library that stands before the C library, compiled
//! where there is a C compiler.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What happens below one folder.
#[derive(Debug)]
pub struct Disk {
    library: PathBuf,
    control: PathBuf,
    folder: PathBuf,
}

impl Disk {
    /// For the files below `folder`; what it needs lies beside it, in `beside`. `None`, and a printed line, where nothing can be
    /// compiled.
    pub fn below(folder: &Path, beside: &Path) -> Option<Self> {
        let (source, library) = (beside.join("disk.c"), beside.join("disk.so"));
        std::fs::write(&source, include_str!("disk.c")).ok()?;
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ldl")
            .status();
        if !compiled.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no C compiler that makes a library");
            return None;
        }
        let disk = Self { library, control: beside.join("disk.control"), folder: folder.to_owned() };
        disk.set("well").ok()?;
        Some(disk)
    }

    /// What a program is started with.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", &self.library),
            ("TESTKIT_DISK_FOLDER", &self.folder),
            ("TESTKIT_DISK_CONTROL", &self.control),
        ]
        .map(|(name, path)| (name.to_owned(), path.display().to_string()))
        .to_vec()
    }

    /// From now on: `well`, `eio 10`, `enospc 10` (of a hundred calls) or `lie`.
    pub fn set(&self, how: &str) -> std::io::Result<()> {
        // Whole at every moment: the other process reads it at any time.
        let next = self.control.with_extension("next");
        std::fs::write(&next, how)?;
        std::fs::rename(next, &self.control)
    }
}
