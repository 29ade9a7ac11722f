//! What a file is, by its bytes. Its name is never asked: exports named `.xls` are HTML, XML or text as often as not.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use memchr::memmem;

use crate::error::ReadError;
use crate::formats::limits;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
    Parquet,
    /// One document: an array of records, or objects around such arrays.
    Json,
    JsonLines,
    /// A list of equal elements.
    Xml,
    /// The XML spreadsheet of Excel 2003.
    SpreadsheetMl,
    Html,
    Zip,
    Gzip,
    /// Everything else: delimited text, or nothing that can be read; `text` tells which.
    Text,
}

impl Format {
    pub fn words(self) -> &'static str {
        match self {
            Self::Xlsx => "Excel workbook (xlsx)",
            Self::Xlsb => "Excel workbook (xlsb)",
            Self::Xls => "Excel workbook (xls)",
            Self::Ods => "OpenDocument spreadsheet (ods)",
            Self::Parquet => "Parquet",
            Self::Json => "JSON",
            Self::JsonLines => "JSON lines",
            Self::Xml => "XML list",
            Self::SpreadsheetMl => "XML spreadsheet (Excel 2003)",
            Self::Html => "HTML table",
            Self::Zip => "ZIP archive",
            Self::Gzip => "gzip file",
            Self::Text => "delimited text",
        }
    }
}

/// Why a file is turned away at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// What it is, to be put into "… is {}, not a table".
    NotATable(&'static str),
    Unsupported(&'static str),
    PasswordProtected,
    /// A format that is recognized and cannot be opened.
    Damaged(&'static str, &'static str),
}

impl Refusal {
    pub(crate) fn into_error(self, file: String) -> ReadError {
        match self {
            Self::NotATable(what) => ReadError::NotATable { file, what: what.into() },
            Self::Unsupported(what) => ReadError::Unsupported { file, what: what.into() },
            Self::PasswordProtected => ReadError::PasswordProtected { file },
            Self::Damaged(format, detail) => {
                ReadError::Damaged { file, format: format.into(), detail: detail.into() }
            }
        }
    }
}

/// Bytes that are looked at.
const PEEK: usize = 64 << 10;

/// Signatures of what is no table, with its name.
const NOT_TABLES: &[(&[u8], &str)] = &[
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"%!PS", "a PostScript document"),
    (b"ID3", "a sound file"),
    (b"RIFF", "a sound, video or picture file"),
];

/// Signatures of what may hold tables, in a form that is not read.
const UNSUPPORTED: &[(&[u8], &str)] = &[
    (b"\0\x01\0\0Standard Jet DB", "a Microsoft Access database"),
    (b"\0\x01\0\0Standard ACE DB", "a Microsoft Access database"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"ARROW1\0\0", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"ID;P", "a SYLK file"),
    (b"MIME-Version:", "a web archive (MHTML)"),
    (b"\x09\x00\x04\x00", "a workbook of Excel 2"),
    (b"\x09\x02\x06\x00", "a workbook of Excel 3"),
    (b"\x09\x04\x06\x00", "a workbook of Excel 4"),
];

pub fn detect(path: &Path) -> Result<Result<Format, Refusal>, ReadError> {
    let failed = |error| ReadError::io("read", path, error);
    let mut file = File::open(path).map_err(failed)?;
    let mut peek = Vec::new();
    file.by_ref().take(PEEK as u64).read_to_end(&mut peek).map_err(failed)?;
    if peek.starts_with(b"PK\x03\x04") || peek.starts_with(b"PK\x05\x06") || peek.starts_with(b"PK\x07\x08PK")
    {
        return Ok(detect_zip(file));
    }
    if peek.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return detect_ole(&mut file).map_err(failed);
    }
    if peek.starts_with(b"PAR1") {
        let mut tail = [0; 4];
        let whole = file.seek(SeekFrom::End(-4)).and_then(|_| file.read_exact(&mut tail)).is_ok();
        return Ok(match &tail {
            b"PAR1" if whole => Ok(Format::Parquet),
            b"PARE" => Err(Refusal::PasswordProtected),
            _ => Err(Refusal::Damaged("Parquet file", "its end is missing")),
        });
    }
    Ok(detect_bytes(&peek))
}

/// The answer for everything that the first bytes give away.
pub fn detect_bytes(peek: &[u8]) -> Result<Format, Refusal> {
    if peek.starts_with(b"\x1f\x8b\x08") {
        return Ok(Format::Gzip);
    }
    if let Some((_, what)) = NOT_TABLES.iter().find(|(mark, _)| peek.starts_with(mark)) {
        // Short marks of letters could begin a header, so the rest must look binary.
        if peek[0] >= 0x80
            || peek.starts_with(b"%")
            || peek.starts_with(b"{\\rtf")
            || peek.contains(&0)
            || peek.starts_with(b"GIF8")
        {
            return Err(Refusal::NotATable(what));
        }
    }
    if let Some((mark, what)) = UNSUPPORTED.iter().find(|(mark, _)| peek.starts_with(mark)) {
        let textual = mark.iter().all(|byte| (b' '..0x7f).contains(byte));
        if !textual || *mark != b"BZh" || peek.iter().take(64).any(|byte| *byte >= 0x80 || *byte == 0) {
            return Err(Refusal::Unsupported(what));
        }
    }
    if peek.starts_with(b"MZ") && peek.contains(&0) {
        return Err(Refusal::NotATable("a program"));
    }
    if peek.starts_with(b"BM") && peek.get(6..10) == Some(&[0; 4]) {
        return Err(Refusal::NotATable("a picture (BMP)"));
    }
    if peek.get(4..8) == Some(b"ftyp") {
        return Err(Refusal::NotATable("a video or picture file"));
    }
    // Biff5 without its container, as some report writers leave it.
    if peek.starts_with(b"\x09\x08\x08\x00\x00\x05") || peek.starts_with(b"\x09\x08\x10\x00\x00\x06") {
        return Err(Refusal::Unsupported("a bare Excel 5 stream"));
    }
    Ok(detect_text(peek))
}

fn detect_text(peek: &[u8]) -> Format {
    let text = if let Some((encoding, bom)) = encoding_rs::Encoding::for_bom(peek) {
        encoding.decode_without_bom_handling(&peek[bom..]).0
    } else {
        String::from_utf8_lossy(peek)
    };
    let text = text.trim_start();
    match text.as_bytes().first() {
        Some(b'<') => detect_markup(text),
        Some(b'{' | b'[') => detect_json(text),
        _ => Format::Text,
    }
}

fn detect_markup(text: &str) -> Format {
    let start: String = text.chars().take(8192).collect::<String>().to_ascii_lowercase();
    if start.contains("urn:schemas-microsoft-com:office:spreadsheet")
        && start.contains("workbook")
        && !start.contains("<table")
    {
        return Format::SpreadsheetMl;
    }
    if start.contains("urn:schemas-microsoft-com:office:spreadsheet")
        && !start.contains("<html")
        && start.contains("<?mso-application")
    {
        return Format::SpreadsheetMl;
    }
    if ["<html", "<!doctype html", "<table", "<body", "<meta ", "<style", "<div"]
        .iter()
        .any(|mark| start.contains(mark))
        && !start.starts_with("<?xml")
        || start.contains("<html")
    {
        return Format::Html;
    }
    let name = start.trim_start_matches(['<', '?', '!', '/']);
    if name.starts_with(|mark: char| mark.is_alphabetic() || mark == '_' || mark == '-')
        && start.contains('>')
    {
        Format::Xml
    } else {
        Format::Text
    }
}

/// `[` and `{` also begin lines of text, so the next marks have to fit.
fn detect_json(text: &str) -> Format {
    let mut marks = text.chars().filter(|mark| !mark.is_whitespace());
    let (first, second) = (marks.next(), marks.next());
    let fits = match first {
        Some('{') => matches!(second, Some('"' | '}')),
        _ => {
            matches!(second, Some('{' | '[' | ']' | '"')) && {
                // `["a","b"]` is JSON, `["Order No"];[Qty]` is a header.
                let mut records =
                    serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
                match records.next() {
                    Some(Err(error)) => error.is_eof(),
                    Some(Ok(_)) => {
                        text[records.byte_offset()..].trim_start().is_empty()
                            || text[records.byte_offset()..].trim_start().starts_with('[')
                    }
                    None => false,
                }
            }
        }
    };
    if !fits {
        return Format::Text;
    }
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let whole = |line: Option<&str>| {
        line.is_some_and(|line| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok())
    };
    let first = lines.next();
    let second = lines.next();
    if whole(first) && second.is_some_and(|line| line.trim_start().starts_with(['{', '['])) {
        Format::JsonLines
    } else {
        Format::Json
    }
}

fn detect_zip(file: File) -> Result<Format, Refusal> {
    let Ok(mut archive) = zip::ZipArchive::new(file) else {
        return Err(Refusal::Damaged(
            "ZIP archive or workbook",
            "its directory cannot be read; it may be cut off",
        ));
    };
    if archive.len() > limits::ENTRIES_MAX {
        return Err(Refusal::Unsupported("an archive of more than 10,000 files"));
    }
    if archive.index_for_name("xl/workbook.xml").is_some() {
        return Ok(Format::Xlsx);
    }
    if archive.index_for_name("xl/workbook.bin").is_some() {
        return Ok(Format::Xlsb);
    }
    let mut mimetype = String::new();
    if let Ok(entry) = archive.by_name("mimetype") {
        let _ = entry.take(200).read_to_string(&mut mimetype);
    }
    if mimetype.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
        return Ok(Format::Ods);
    }
    if mimetype.starts_with("application/vnd.oasis.opendocument") {
        return Err(Refusal::NotATable("an OpenDocument text, drawing or presentation"));
    }
    if mimetype.starts_with("application/epub") {
        return Err(Refusal::NotATable("an e-book"));
    }
    let names: Vec<String> =
        archive.file_names().filter_map(Result::ok).map(std::borrow::Cow::into_owned).collect();
    let any = |prefix: &str| names.iter().any(|name| name.starts_with(prefix));
    if any("[Content_Types].xml") {
        if any("word/") {
            return Err(Refusal::NotATable("a Word document"));
        }
        if any("ppt/") {
            return Err(Refusal::NotATable("a PowerPoint presentation"));
        }
        if any("xl/") {
            // Some writers put the workbook under another name; the reader follows the relations.
            return Ok(Format::Xlsx);
        }
    }
    if names.iter().any(|name| std::path::Path::new(name).extension().is_some_and(|ending| ending == "iwa")) {
        return Err(Refusal::Unsupported("an Apple Numbers, Pages or Keynote file"));
    }
    if any("META-INF/MANIFEST.MF") {
        return Err(Refusal::NotATable("a program (Java archive)"));
    }
    Ok(Format::Zip)
}

/// The container of old Office files. Its directory says which program wrote it.
fn detect_ole(file: &mut File) -> std::io::Result<Result<Format, Refusal>> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.by_ref().take(limits::IN_MEMORY_BYTES_MAX).read_to_end(&mut bytes)?;
    let wide = |name: &str| -> Vec<u8> { name.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let (Some(shift), Some(first)) = (bytes.get(30..32), bytes.get(48..52)) else {
        return Ok(Err(Refusal::Damaged("Office file", "it ends in its head")));
    };
    let size = 1_usize << u16::from_le_bytes([shift[0], shift[1]]).clamp(7, 16);
    let sector = u32::from_le_bytes([first[0], first[1], first[2], first[3]]) as usize;
    let start = (sector.saturating_add(1)).saturating_mul(size);
    let directory = bytes.get(start..bytes.len().min(start.saturating_add(size))).unwrap_or_default();
    // The first sector of the directory names the main stream; a large one may name it later.
    for place in [directory, &bytes[..]] {
        let holds = |name: &str| memmem::find(place, &wide(name)).is_some();
        if holds("EncryptedPackage") || holds("EncryptionInfo") {
            return Ok(Err(Refusal::PasswordProtected));
        }
        if holds("Workbook") || holds("Book") {
            return Ok(Ok(Format::Xls));
        }
        if holds("WordDocument") {
            return Ok(Err(Refusal::NotATable("a Word document")));
        }
        if holds("PowerPoint Document") {
            return Ok(Err(Refusal::NotATable("a PowerPoint presentation")));
        }
        if holds("VisioDocument") {
            return Ok(Err(Refusal::NotATable("a Visio drawing")));
        }
        if holds("__properties_version1.0") || holds("__substg1.0_") {
            return Ok(Err(Refusal::NotATable("an Outlook message")));
        }
    }
    Ok(Err(Refusal::Unsupported("an old Office file without a workbook")))
}
