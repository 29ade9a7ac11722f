//! How many threads there are, and how many of them are at work.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What the machine has, shared between analyzers that run side by side and the threads that each of them asks for.
#[derive(Debug)]
pub struct Threads {
    all: usize,
    busy: AtomicUsize,
}

/// One more is at work until this goes.
#[derive(Debug)]
pub struct Busy<'a>(&'a Threads);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Default for Threads {
    /// All that the machine has.
    fn default() -> Self {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        Self { all, busy: AtomicUsize::new(0) }
    }
}

impl Threads {
    pub fn all(&self) -> usize {
        self.all
    }

    /// Counts the caller as at work.
    pub fn busy(&self) -> Busy<'_> {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(self)
    }

    /// How many threads one of those at work may use, itself included.
    pub fn fair_share(&self) -> usize {
        (self.all / self.busy.load(Ordering::Relaxed).max(1)).max(1)
    }
}
