//! A text file in pieces that end at row borders, so that pieces can be split side by side.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::error::{ReadError, display_name};

/// Line ends that are tried from the back of a piece for one that lies outside quotes.
const TRIED: usize = 200;

#[derive(Debug)]
pub struct Pieces {
    path: PathBuf,
    file: File,
    quote: Option<u8>,
    piece_bytes: usize,
    /// Bytes that were read and belong to the next piece.
    rest: Vec<u8>,
    ended: bool,
    pub bytes_read: u64,
}

impl Pieces {
    /// Starts `skip` bytes into the file and `lines` lines below that.
    pub fn open(
        path: &Path,
        skip: u64,
        lines: u64,
        quote: Option<u8>,
        piece_bytes: usize,
    ) -> Result<Self, ReadError> {
        let mut file = File::open(path).map_err(|e| ReadError::io("open", path, e))?;
        file.seek(SeekFrom::Start(skip)).map_err(|e| ReadError::io("read", path, e))?;
        let mut pieces = Self {
            path: path.to_owned(),
            file,
            quote,
            piece_bytes,
            rest: Vec::new(),
            ended: false,
            bytes_read: 0,
        };
        pieces.skip_lines(lines)?;
        Ok(pieces)
    }

    fn skip_lines(&mut self, mut lines: u64) -> Result<(), ReadError> {
        while lines > 0 && !self.ended {
            self.fill(64 << 10)?;
            let mut end = 0;
            for at in memchr::memchr_iter(b'\n', &self.rest) {
                end = at + 1;
                lines -= 1;
                if lines == 0 {
                    break;
                }
            }
            if lines == 0 {
                self.rest.drain(..end);
            } else {
                self.rest.clear();
            }
        }
        if lines > 0 {
            self.rest.clear();
        }
        Ok(())
    }

    fn fill(&mut self, wanted: usize) -> Result<(), ReadError> {
        let before = self.rest.len();
        let missing = wanted.saturating_sub(before) as u64;
        let read = (&mut self.file)
            .take(missing)
            .read_to_end(&mut self.rest)
            .map_err(|e| ReadError::io("read", &self.path, e))?;
        self.bytes_read += read as u64;
        self.ended = (read as u64) < missing;
        Ok(())
    }

    /// The next piece; `None` at the end of the file.
    pub fn next_piece(&mut self) -> Result<Option<String>, ReadError> {
        let mut wanted = self.piece_bytes;
        loop {
            if !self.ended && self.rest.len() < wanted {
                self.fill(wanted)?;
            }
            if self.rest.is_empty() {
                return Ok(None);
            }
            let end = if self.ended && self.rest.len() <= wanted {
                self.rest.len()
            } else {
                border(&self.rest[..wanted.min(self.rest.len())], self.quote)
            };
            if end == 0 {
                wanted *= 2;
                continue;
            }
            let next = self.rest.split_off(end);
            let piece = std::mem::replace(&mut self.rest, next);
            return String::from_utf8(piece).map(Some).map_err(|_| ReadError::Damaged {
                file: display_name(&self.path),
                format: "text".to_owned(),
                detail: "it changed while it was read".to_owned(),
            });
        }
    }
}

/// The end of the last row: behind the last line end that lies outside quotes, or the last at all where a quote is odd.
fn border(bytes: &[u8], quote: Option<u8>) -> usize {
    let Some(last) = memchr::memrchr(b'\n', bytes) else { return 0 };
    let Some(quote) = quote.filter(|quote| *quote == b'"') else { return last + 1 };
    let mut open = memchr::memchr_iter(quote, &bytes[..last]).count() % 2 == 1;
    let mut at = last;
    for _ in 0..TRIED {
        if !open {
            return at + 1;
        }
        let Some(before) = memchr::memrchr(b'\n', &bytes[..at]) else { break };
        open ^= memchr::memchr_iter(quote, &bytes[before..at]).count() % 2 == 1;
        at = before;
    }
    last + 1
}
