//! How the bytes of a text are written, and a view of them as UTF-8 with LF or CRLF line ends.
//!
//! The whole file is looked at once (at memory speed), since one `ü` in the last row decides between encodings.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{ReadError, display_name};

const CHUNK: usize = 1 << 20;
/// Files above this size are looked at in two halves.
const HALVED: u64 = 32 << 20;
/// Bytes that are shown to the guesser of legacy encodings.
const GUESS_BYTES: usize = 4 << 20;

/// A text file as UTF-8: the file itself, or a copy in the scratch folder where it was written otherwise.
#[derive(Debug, Clone)]
pub struct Utf8Text {
    pub path: PathBuf,
    /// Bytes of a byte-order mark at the start of `path`.
    pub skip: u64,
    pub bytes: u64,
    /// In words: `utf-8 with BOM`.
    pub encoding: String,
    /// `LF`, `CRLF`, `CR`, `mixed`, or `None` for a single line.
    pub line_end: Option<&'static str>,
    /// Places where the bytes did not fit the encoding and a replacement character stands now.
    pub malformed: bool,
}

#[derive(Debug, Default)]
struct Survey {
    bytes: u64,
    lf: u64,
    crlf: u64,
    lone_cr: u64,
    nul: u64,
    valid_utf8: bool,
    longest: u64,
    longest_line: u64,
}

/// Looks at the whole file and gives it as UTF-8. `scratch` takes a copy where one is needed.
pub fn open(path: &Path, scratch: &Path, record_bytes_max: usize) -> Result<Utf8Text, ReadError> {
    let name = display_name(path);
    let mut file = File::open(path).map_err(|e| ReadError::io("open", path, e))?;
    let mut head = vec![0; 64 << 10];
    let filled = read_full(&mut file, &mut head).map_err(|e| ReadError::io("read", path, e))?;
    head.truncate(filled);
    if head.is_empty() {
        return Err(ReadError::EmptyFile { file: name });
    }
    if let Some(what) = foreign(&head) {
        return Err(ReadError::NotATable { file: name, what: what.to_owned() });
    }
    let (by_mark, mark) = match Encoding::for_bom(&head) {
        Some((encoding, length)) => (Some(encoding), length),
        None => (utf16_without_mark(&head), 0),
    };
    let wide = by_mark.is_some_and(|e| e == UTF_16LE || e == UTF_16BE);
    if !wide {
        refuse_binary(&head, &name)?;
    }
    let survey = if wide { Survey::default() } else { survey(&mut file, path)? };
    if !wide && survey.longest > record_bytes_max as u64 {
        return Err(ReadError::LineTooLong {
            file: name,
            line: survey.longest_line,
            limit: record_bytes_max,
        });
    }
    if survey.nul > 0 && survey.nul * 1000 > survey.bytes {
        return Err(ReadError::NotText { file: name, detail: format!("{} NUL bytes", survey.nul) });
    }
    let encoding = match by_mark {
        Some(encoding) if encoding != UTF_8 || survey.valid_utf8 => encoding,
        _ if survey.valid_utf8 => UTF_8,
        _ => guess(&mut file, path)?,
    };
    let described = describe(encoding, mark > 0, wide && mark == 0);
    if encoding == UTF_8 && survey.lone_cr == 0 {
        return Ok(Utf8Text {
            path: path.to_owned(),
            skip: mark as u64,
            bytes: survey.bytes,
            encoding: described,
            line_end: line_end(&survey),
            malformed: false,
        });
    }
    let copy = scratch.join("text-as-utf8.tmp");
    let (counts, malformed) = transcode(&mut file, path, encoding, mark, &copy)?;
    let longest = if wide { counts.longest } else { 0 };
    if longest > record_bytes_max as u64 {
        return Err(ReadError::LineTooLong {
            file: name,
            line: counts.longest_line,
            limit: record_bytes_max,
        });
    }
    Ok(Utf8Text {
        path: copy,
        skip: 0,
        bytes: counts.bytes,
        encoding: described,
        line_end: line_end(if wide { &counts } else { &survey }),
        malformed,
    })
}

fn line_end(survey: &Survey) -> Option<&'static str> {
    let bare = survey.lf - survey.crlf;
    match (bare, survey.crlf, survey.lone_cr) {
        (0, 0, 0) => None,
        (_, 0, 0) => Some("LF"),
        (0, _, 0) => Some("CRLF"),
        (0, 0, _) => Some("CR"),
        _ => Some("mixed"),
    }
}

fn describe(encoding: &'static Encoding, mark: bool, guessed_wide: bool) -> String {
    let name = encoding.name().to_ascii_lowercase();
    match (mark, guessed_wide) {
        (true, _) => format!("{name} with BOM"),
        (false, true) => format!("{name} without BOM"),
        (false, false) => name,
    }
}

fn read_full(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(filled)
}

/// What the first bytes say where they are no text; containers are opened elsewhere and never come here.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const SIGNATURES: &[(&[u8], &str)] = &[
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"BM", "a bitmap image"),
        (b"\x7fELF", "a program"),
        (b"MZ\x90", "a program"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"\xd0\xcf\x11\xe0", "an Office document of an old format"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"{\\rtf", "a rich text document"),
        (b"OggS", "a sound file"),
        (b"ID3", "a sound file"),
    ];
    let binary = head.iter().take(512).any(|byte| *byte < 7 || *byte > 0xf4);
    SIGNATURES
        .iter()
        .find(|(mark, _)| head.starts_with(mark) && (mark.len() > 3 || binary))
        .map(|(_, what)| *what)
}

fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let sample = &head[..head.len() & !1];
    if sample.len() < 4 {
        return None;
    }
    let pairs = sample.len() / 2;
    let even = sample.iter().step_by(2).filter(|b| **b == 0).count();
    let odd = sample.iter().skip(1).step_by(2).filter(|b| **b == 0).count();
    // Line ends, blanks and digits keep their zero byte in every script.
    let clear = |zeros: usize, others: usize| zeros * 10 > pairs && others * 50 < zeros;
    if clear(odd, even) {
        Some(UTF_16LE)
    } else if clear(even, odd) {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn refuse_binary(head: &[u8], name: &str) -> Result<(), ReadError> {
    let control = head.iter().filter(|b| is_control(**b)).count();
    if control * 20 > head.len() {
        return Err(ReadError::NotText {
            file: name.to_owned(),
            detail: format!("{control} control bytes in the first {}", head.len()),
        });
    }
    Ok(())
}

fn is_control(byte: u8) -> bool {
    // Separators 0x1c to 0x1f and 0x01 serve as delimiters.
    byte < 0x1c && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x0b | 0x01 | 0x1b)
}

/// Looks at the whole file, a large one in two halves side by side.
fn survey(file: &mut File, path: &Path) -> Result<Survey, ReadError> {
    let error = |e| ReadError::io("read", path, e);
    let size = file.seek(SeekFrom::End(0)).map_err(error)?;
    if size < HALVED {
        return survey_part(file, path, 0, size);
    }
    let middle = line_start(file, size / 2).map_err(error)?.unwrap_or(size);
    let mut second = File::open(path).map_err(|e| ReadError::io("open", path, e))?;
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(move || survey_part(&mut second, path, middle, size - middle));
        (survey_part(file, path, 0, middle), second.join())
    });
    let first = first?;
    let second = second.map_err(|_| error(std::io::Error::other("a thread stopped")))??;
    let (longest, longest_line) = if second.longest > first.longest {
        (second.longest, first.lf + second.longest_line)
    } else {
        (first.longest, first.longest_line)
    };
    Ok(Survey {
        bytes: first.bytes + second.bytes,
        lf: first.lf + second.lf,
        crlf: first.crlf + second.crlf,
        lone_cr: first.lone_cr + second.lone_cr,
        nul: first.nul + second.nul,
        valid_utf8: first.valid_utf8 && second.valid_utf8,
        longest,
        longest_line,
    })
}

/// The start of the first line behind a place in the file, if one starts within a megabyte.
fn line_start(file: &mut File, from: u64) -> std::io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(from))?;
    let mut buffer = vec![0; CHUNK];
    let read = read_full(file, &mut buffer)?;
    Ok(memchr::memchr(b'\n', &buffer[..read]).map(|at| from + at as u64 + 1))
}

fn survey_part(file: &mut File, path: &Path, from: u64, length: u64) -> Result<Survey, ReadError> {
    let error = |e| ReadError::io("read", path, e);
    file.seek(SeekFrom::Start(from)).map_err(error)?;
    let mut left = length;
    let mut out = Survey { valid_utf8: true, ..Survey::default() };
    let mut buffer = vec![0; CHUNK];
    let mut held = 0;
    let mut line_length = 0;
    let mut lines = 0;
    let mut after_cr = false;
    loop {
        let room = (buffer.len() - held).min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = read_full(file, &mut buffer[held..held + room]).map_err(error)?;
        left -= read as u64;
        if read == 0 {
            out.valid_utf8 &= held == 0;
            break;
        }
        let fresh = &buffer[held..held + read];
        count_bytes(fresh, &mut out, &mut line_length, &mut lines, &mut after_cr);
        let text = &buffer[..held + read];
        let keep = match std::str::from_utf8(text) {
            _ if !out.valid_utf8 => 0,
            Ok(_) => 0,
            Err(bad) if bad.error_len().is_none() => text.len() - bad.valid_up_to(),
            Err(_) => {
                out.valid_utf8 = false;
                0
            }
        };
        out.bytes += read as u64;
        let end = text.len();
        buffer.copy_within(end - keep..end, 0);
        held = keep;
    }
    out.lone_cr += u64::from(after_cr);
    note_line(&mut out, line_length, lines + 1);
    Ok(out)
}

fn note_line(out: &mut Survey, length: u64, line: u64) {
    if length > out.longest {
        out.longest = length;
        out.longest_line = line;
    }
}

fn count_bytes(fresh: &[u8], out: &mut Survey, line_length: &mut u64, lines: &mut u64, after_cr: &mut bool) {
    out.nul += memchr::memchr_iter(0, fresh).count() as u64;
    let has_cr = memchr::memchr(b'\r', fresh).is_some();
    let mut last = 0;
    for at in memchr::memchr_iter(b'\n', fresh) {
        out.lf += 1;
        *lines += 1;
        let length = (at - last) as u64 + std::mem::take(line_length);
        if length > out.longest {
            out.longest = length;
            out.longest_line = *lines;
        }
        let before_cr = if at == 0 { *after_cr } else { fresh[at - 1] == b'\r' };
        out.crlf += u64::from(before_cr);
        last = at + 1;
    }
    *line_length += (fresh.len() - last) as u64;
    if *after_cr && fresh.first() != Some(&b'\n') {
        out.lone_cr += 1;
        *line_length = (fresh.len() - last) as u64;
    }
    *after_cr = fresh.last() == Some(&b'\r');
    if has_cr {
        for at in memchr::memchr_iter(b'\r', fresh) {
            if at + 1 < fresh.len() && fresh[at + 1] != b'\n' {
                out.lone_cr += 1;
                // A line of old Mac text ends here, so that its length is not that of the file.
                *line_length = (fresh.len() - at - 1) as u64;
            }
        }
    }
}

fn guess(file: &mut File, path: &Path) -> Result<&'static Encoding, ReadError> {
    let error = |e| ReadError::io("read", path, e);
    file.seek(SeekFrom::Start(0)).map_err(error)?;
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let mut buffer = vec![0; CHUNK];
    let mut told = 0;
    let mut bytes = Vec::new();
    loop {
        let read = read_full(file, &mut buffer).map_err(error)?;
        if read == 0 {
            break;
        }
        // Lines of plain ASCII say nothing; only the others are shown, so that the last row counts like the first.
        for line in buffer[..read].split_inclusive(|byte| *byte == b'\n') {
            if !line.is_ascii() && told < GUESS_BYTES {
                told += line.len();
                detector.feed(line, false);
                if bytes.len() < CHUNK {
                    bytes.extend_from_slice(line);
                }
            }
        }
    }
    detector.feed(b"", true);
    let guessed = detector.guess(None, chardetng::Utf8Detection::Deny);
    Ok(settle(guessed, &bytes))
}

/// The guesser knows web pages. Exports come from a narrower world: Latin, Central European, Chinese and Japanese desks.
fn settle(guessed: &'static Encoding, bytes: &[u8]) -> &'static Encoding {
    use encoding_rs::{EUC_JP, GB18030, GBK, SHIFT_JIS, WINDOWS_1250};
    if guessed == GBK {
        return GB18030;
    }
    if [GB18030, SHIFT_JIS, EUC_JP].contains(&guessed) {
        return guessed;
    }
    let unassigned = |encoding: &'static Encoding| encoding.decode_without_bom_handling(bytes).1;
    let central = score_letters(WINDOWS_1250, bytes);
    let western = score_letters(WINDOWS_1252, bytes);
    if guessed == encoding_rs::ISO_8859_2 || guessed == WINDOWS_1250 {
        return if western > central + 2 { WINDOWS_1252 } else { WINDOWS_1250 };
    }
    if guessed == WINDOWS_1252 && central > western + 2 && !unassigned(WINDOWS_1250) {
        return WINDOWS_1250;
    }
    guessed
}

/// How many high bytes read as letters that one language would use together, by language of the best.
fn score_letters(encoding: &'static Encoding, bytes: &[u8]) -> i64 {
    const LANGUAGES: &[&str] = &[
        "äöüßÄÖÜ€°µ",
        "éèêëàâçîïôùûœÉÈÀÇ€°",
        "áéíóúñüÁÉÍÓÚÑ¿¡ºª€",
        "ãõáéíóúâêôçàÃÕÁÉÍÓÚÂÊÔÇºª",
        "àèéìòùÀÈÉÌÒÙ°€",
        "åäöæøÅÄÖÆØ",
        "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
        "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ",
        "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
        "ăâîșşțţĂÂÎŞŢ",
        "čćžšđČĆŽŠĐ",
    ];
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    LANGUAGES
        .iter()
        .map(|letters| {
            text.chars().filter(|c| !c.is_ascii()).map(|c| if letters.contains(c) { 1 } else { -2 }).sum()
        })
        .max()
        .unwrap_or(0)
}

fn transcode(
    file: &mut File,
    path: &Path,
    encoding: &'static Encoding,
    mark: usize,
    copy: &Path,
) -> Result<(Survey, bool), ReadError> {
    let error = |e| ReadError::io("read", path, e);
    file.seek(SeekFrom::Start(mark as u64)).map_err(error)?;
    let target = File::create(copy).map_err(|e| ReadError::io("create", copy, e))?;
    let mut target = BufWriter::with_capacity(CHUNK, target);
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut raw = vec![0; CHUNK];
    let mut text = String::with_capacity(CHUNK * 3 + 16);
    let mut counts = Survey::default();
    let mut malformed = false;
    let mut after_cr = false;
    let mut lines = 0;
    let mut line_length = 0;
    let mut line = Vec::with_capacity(CHUNK * 3 + 16);
    loop {
        let read = read_full(file, &mut raw).map_err(error)?;
        let last = read < raw.len();
        text.clear();
        text.reserve(decoder.max_utf8_buffer_length(read).unwrap_or(read * 3 + 16));
        let (_, _, bad) = decoder.decode_to_string(&raw[..read], &mut text, last);
        malformed |= bad;
        line.clear();
        for byte in text.bytes() {
            if after_cr && byte != b'\n' {
                counts.lone_cr += 1;
                line.push(b'\n');
                end_line(&mut counts, &mut lines, &mut line_length);
            } else if after_cr {
                counts.crlf += 1;
            }
            after_cr = byte == b'\r';
            if after_cr {
                continue;
            }
            line.push(byte);
            line_length += 1;
            if byte == b'\n' {
                counts.lf += 1;
                end_line(&mut counts, &mut lines, &mut line_length);
            }
        }
        if last && after_cr {
            counts.lone_cr += 1;
            line.push(b'\n');
        }
        counts.bytes += line.len() as u64;
        target.write_all(&line).map_err(|e| ReadError::io("write", copy, e))?;
        if last {
            break;
        }
    }
    note_line(&mut counts, line_length, lines + 1);
    target.flush().map_err(|e| ReadError::io("write", copy, e))?;
    Ok((counts, malformed))
}

fn end_line(counts: &mut Survey, lines: &mut u64, line_length: &mut u64) {
    *lines += 1;
    let length = std::mem::take(line_length);
    note_line(counts, length, *lines);
}
