//! Archives and their dangers: what is packed is unpacked under a count, never by what its headers say.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use domain::Issue;
use domain::issue::Severity;
use zip::ZipArchive;

use crate::error::ReadError;
use crate::formats::detect::{Format, detect};
use crate::formats::opening::Opening;
use crate::formats::{Part, limits, open_format};

/// Counts unpacked bytes against both limits.
struct Meter<'a> {
    opening: &'a Opening<'a>,
    packed: u64,
    unpacked: u64,
    limit: u64,
    words: &'static str,
}

impl Meter<'_> {
    fn copy(&mut self, path: &Path, input: &mut impl Read, output: &mut impl Write) -> Result<(), ReadError> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let length = match input.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.opening.damaged(self.words, error)),
            };
            self.unpacked += length as u64;
            if self.unpacked > self.limit {
                return Err(ReadError::UnpacksTooLarge {
                    file: self.opening.file.clone(),
                    limit: self.limit,
                });
            }
            if self.unpacked > limits::RATIO_FREE_BYTES && self.unpacked / limits::RATIO_MAX > self.packed {
                let detail = format!(
                    "it unpacks to more than {} times its size, as only harmful files do",
                    limits::RATIO_MAX
                );
                return Err(self.opening.damaged(self.words, detail));
            }
            output.write_all(&buffer[..length]).map_err(|error| ReadError::io("write", path, error))?;
        }
    }
}

fn size(path: &Path) -> Result<u64, ReadError> {
    path.metadata().map(|metadata| metadata.len()).map_err(|error| ReadError::io("read", path, error))
}

fn archive(
    opening: &Opening<'_>,
    path: &Path,
    words: &'static str,
) -> Result<ZipArchive<BufReader<File>>, ReadError> {
    let file = File::open(path).map_err(|error| ReadError::io("read", path, error))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| opening.damaged(words, error))?;
    if archive.len() > limits::ENTRIES_MAX {
        return Err(opening.damaged(words, format!("it lists {} members", archive.len())));
    }
    if archive.has_overlapping_files().map_err(|error| opening.damaged(words, error))? {
        return Err(opening.damaged(words, "its members share the same bytes, as only harmful files do"));
    }
    Ok(archive)
}

/// Unpacks a workbook to nowhere, so that the library which reads it meets neither a bomb nor a torn member.
pub(crate) fn check(opening: &Opening<'_>, path: &Path, words: &'static str) -> Result<(), ReadError> {
    let mut archive = archive(opening, path, words)?;
    let limit = opening.options.unpacked_bytes_max.min(limits::WORKBOOK_BYTES_MAX);
    let mut meter = Meter { opening, packed: size(path)?, unpacked: 0, limit, words };
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|error| opening.damaged(words, error))?;
        if entry.encrypted() {
            return Err(ReadError::PasswordProtected { file: opening.file.clone() });
        }
        let name = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
        drop(entry);
        // Pictures and the like are never unpacked by the reader.
        let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        if ["xml", "bin", "rels"].contains(&ending.as_str()) {
            let mut entry = archive.by_index(index).map_err(|error| opening.damaged(words, error))?;
            meter.copy(path, &mut entry, &mut io::sink())?;
        }
    }
    Ok(())
}

/// All bytes of a file whose format cannot be read in pieces.
pub(crate) fn whole(opening: &Opening<'_>, path: &Path, words: &str) -> Result<Vec<u8>, ReadError> {
    let bytes = size(path)?;
    if bytes > limits::IN_MEMORY_BYTES_MAX {
        let what = format!("{words} of {bytes} bytes (at most {} are read)", limits::IN_MEMORY_BYTES_MAX);
        return Err(ReadError::Unsupported { file: opening.file.clone(), what });
    }
    std::fs::read(path).map_err(|error| ReadError::io("read", path, error))
}

/// The tables of all members, the largest member first.
pub(crate) fn open_zip(opening: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    let words = Format::Zip.words();
    let mut archive = archive(opening, path, words)?;
    let mut meter =
        Meter { opening, packed: size(path)?, unpacked: 0, limit: opening.options.unpacked_bytes_max, words };
    let mut members: Vec<(u64, Vec<Part>)> = Vec::new();
    let mut left_out: Vec<(Issue, ReadError)> = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|error| opening.damaged(words, error))?;
        let name =
            entry.name().map_or_else(|_| format!("member {}", index + 1), std::borrow::Cow::into_owned);
        let (folder, encrypted) = (entry.is_dir(), entry.encrypted());
        drop(entry);
        let own = name.rsplit(['/', '\\']).next().unwrap_or_default();
        if folder
            || own.is_empty()
            || own.starts_with('.')
            || own == "Thumbs.db"
            || name.starts_with("__MACOSX/")
        {
            continue;
        }
        let member = opening.member(&name);
        let read = if encrypted {
            Err(ReadError::PasswordProtected { file: member.file.clone() })
        } else {
            let target = opening.scratch_file("member");
            let before = meter.unpacked;
            unpack(&mut archive, index, &mut meter, &target)?;
            open_member(&member, &target).map(|parts| (meter.unpacked - before, parts))
        };
        match read {
            Ok((bytes, mut parts)) => {
                for part in &mut parts {
                    part.names.insert(0, name.clone());
                }
                members.push((bytes, parts));
            }
            Err(error @ (ReadError::Io { .. } | ReadError::Write { .. })) => return Err(error),
            Err(error) => {
                let message = format!("member {name:?} was left out: {error}");
                left_out.push((opening.issue(Severity::Warning, "member_left_out", message), error));
            }
        }
    }
    members.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    let mut parts: Vec<Part> = members.into_iter().flat_map(|(_, parts)| parts).collect();
    match parts.first_mut() {
        Some(main) => main.issues.extend(left_out.into_iter().map(|(issue, _)| issue)),
        None => {
            return Err(match left_out.into_iter().next() {
                Some((_, error)) => error,
                None => opening.no_rows("an archive without files"),
            });
        }
    }
    Ok(parts)
}

fn unpack(
    archive: &mut ZipArchive<BufReader<File>>,
    index: usize,
    meter: &mut Meter<'_>,
    target: &Path,
) -> Result<(), ReadError> {
    let mut entry = archive.by_index(index).map_err(|error| meter.opening.damaged(meter.words, error))?;
    let mut output = File::create(target).map_err(|error| ReadError::io("write", target, error))?;
    meter.copy(target, &mut entry, &mut output)
}

fn open_member(member: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    if size(path)? == 0 {
        return Err(ReadError::EmptyFile { file: member.file.clone() });
    }
    match detect(path)? {
        Ok(Format::Zip | Format::Gzip) => Err(ReadError::Unsupported {
            file: member.file.clone(),
            what: "an archive within an archive".into(),
        }),
        Ok(format) => open_format(member, path, format),
        Err(refusal) => Err(refusal.into_error(member.file.clone())),
    }
}

/// The one file in a gzip file. It has no name of its own, so it adds none.
pub(crate) fn open_gzip(opening: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    let words = Format::Gzip.words();
    let target: PathBuf = opening.scratch_file("member");
    let file = File::open(path).map_err(|error| ReadError::io("read", path, error))?;
    let mut input = flate2::read::MultiGzDecoder::new(BufReader::new(file));
    let mut output = File::create(&target).map_err(|error| ReadError::io("write", &target, error))?;
    let mut meter =
        Meter { opening, packed: size(path)?, unpacked: 0, limit: opening.options.unpacked_bytes_max, words };
    meter.copy(&target, &mut input, &mut output)?;
    drop(output);
    open_member(opening, &target)
}
