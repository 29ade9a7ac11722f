//! Files of every format, broken in a thousand ways: reading answers in time, with tables or with a sentence, and never panics.
//!
//! Two seconds by default; `cargo xtask fuzz SECONDS` runs it longer, with another seed each time. An input that breaks the rule is
//! kept in `plantintel-fuzz` of the folder for temporary files.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// A file of this size or less must be judged within this time, on a machine that has other work too.
const SLOWEST: Duration = Duration::from_secs(10);

/// Numbers that any seed gives again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        // xorshift64*: nothing depends on its quality.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.roll() % n.max(1) as u64) as usize
    }
}

fn csv() -> Vec<u8> {
    let mut text = "Auftrag;Datum;Menge;Kosten €;Bemerkung\n".to_owned();
    for n in 0..40 {
        text.push_str(&format!(
            "A-{n};{:02}.03.2026;{};1.{n:03},50;\"a;b \"\"{n}\"\"\"\n",
            n % 28 + 1,
            n * 7
        ));
    }
    text.into_bytes()
}

fn xlsx() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for name in ["Orders", "Other"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for row in 0..20_u32 {
            sheet.write_string(row, 0, format!("{name}-{row}")).unwrap();
            sheet.write_number(row, 1, f64::from(row) * 1.5).unwrap();
            sheet.write_formula(row, 2, "=B1*2").unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn ods() -> Vec<u8> {
    let content = br#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>Order</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Qty</text:p></table:table-cell></table:table-row><table:table-row table:number-rows-repeated="3"><table:table-cell office:value-type="string"><text:p>A</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="7"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    let manifest = br#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#;
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content),
    ])
}

fn parquet(folder: &Path) -> Vec<u8> {
    let path = folder.join("seed.csv");
    std::fs::write(&path, csv()).unwrap();
    let tables = ingest::read(&path, folder, &ingest::ReadOptions::default(), &mut |_| {}).unwrap();
    std::fs::read(&tables[0].parquet).unwrap()
}

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let json = br#"{"value": [{"Order": "A-1", "Qty": 7, "Ops": [{"Op": 10}, {"Op": 20}]}, {"Order": "A-2", "Qty": 1.5e3}]}"#;
    let xml = br#"<?xml version="1.0" encoding="UTF-8"?><orders><order id="1"><qty unit="pcs">7</qty><note><![CDATA[a<b]]></note></order><order id="2"><qty>8</qty></order></orders>"#;
    let html = b"<html><table><tr><th>Order</th><th>Qty</th></tr><tr><td>A&amp;B</td><td colspan=2>7</td></tr></table></html>";
    let latin: Vec<u8> = csv().iter().map(|byte| if *byte > 127 { 0xe4 } else { *byte }).collect();
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(String::from_utf8(csv()).unwrap().encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    vec![
        ("csv", csv()),
        ("csv", latin),
        ("csv", wide),
        ("tsv", String::from_utf8(csv()).unwrap().replace(';', "\t").into_bytes()),
        ("txt", b"Order      Qty  Cost\nA-1          7  1.50\nA-2         12  2.00\n".repeat(5)),
        ("xlsx", xlsx()),
        ("ods", ods()),
        ("zip", zipped(&[("a.csv", &csv()), ("b/c.csv", &csv()), ("d.xlsx", &xlsx())])),
        ("json", json.to_vec()),
        ("jsonl", b"{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n".to_vec()),
        ("xml", xml.to_vec()),
        ("xls", html.to_vec()),
        ("parquet", parquet(folder.path())),
    ]
}

/// Pieces that often hurt.
const SORE: [&[u8]; 18] = [
    b"\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\"",
    b"\"\"\"",
    b"\r",
    b"\n\n\n",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"&a;&#0;&#x110000;",
    b"[[[[[[[[[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":",
    b"1e999999",
    b"-",
    b"\xef\xbb\xbf",
    b"9999-99-99 99:99",
    b"</table:table-row>",
];

fn mutate(dice: &mut Dice, seeds: &[(&'static str, Vec<u8>)], bytes: &mut Vec<u8>) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => bytes[at] = dice.roll() as u8,
            2 => bytes.truncate(at),
            3 => {
                let sore = SORE[dice.below(SORE.len())];
                bytes.splice(at..at, sore.iter().copied());
            }
            4 => {
                let end = (at + dice.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + dice.below(256)).min(bytes.len());
                let piece = bytes[at..end].repeat(dice.below(40) + 1);
                bytes.splice(at..at, piece);
            }
            6 => {
                let other = &seeds[dice.below(seeds.len())].1;
                let from = dice.below(other.len());
                let end = (from + dice.below(200)).min(other.len());
                let piece = other[from..end].to_vec();
                bytes.splice(at..at, piece);
            }
            7 => {
                let end = (at + dice.below(32)).min(bytes.len());
                bytes[at..end].fill(0);
            }
            _ => {
                let end = (at + dice.below(32)).min(bytes.len());
                bytes[at..end].reverse();
            }
        }
        bytes.truncate(256 << 10);
    }
}

/// Reads, and gives back how long that took; what the reader left in its folder is counted by the caller.
fn read(path: &Path, out: &Path) -> Duration {
    let begun = Instant::now();
    let _ = ingest::read(path, out, &ingest::ReadOptions::default(), &mut |_| {});
    begun.elapsed()
}

fn keep(bytes: &[u8], ending: &str, seed: u64) -> PathBuf {
    let folder = std::env::temp_dir().join("plantintel-fuzz");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{seed:x}.{ending}"));
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn whatever_is_broken_is_answered_in_time() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let time = Duration::from_secs(number("PLANTINTEL_FUZZ_SECONDS").unwrap_or(2));
    let first = number("PLANTINTEL_SEED").unwrap_or(1);
    let seeds = seeds();
    for (ending, bytes) in &seeds {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("seed.{ending}"));
        std::fs::write(&path, bytes).unwrap();
        let outcome = ingest::read(&path, folder.path(), &ingest::ReadOptions::default(), &mut |_| {});
        assert!(outcome.is_ok(), "the unbroken {ending} is not read: {:?}", outcome.err());
    }
    let begun = Instant::now();
    let (mut n, mut slowest) = (0_u64, Duration::ZERO);
    while begun.elapsed() < time {
        let seed = first.wrapping_mul(1_000_003).wrapping_add(n).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut dice = Dice(seed);
        let (ending, bytes) = &seeds[(n % seeds.len() as u64) as usize];
        let mut bytes = bytes.clone();
        mutate(&mut dice, &seeds, &mut bytes);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("broken.{ending}"));
        std::fs::write(&path, &bytes).unwrap();
        let out = folder.path().join("out");
        std::fs::create_dir(&out).unwrap();
        let Ok(took) = std::panic::catch_unwind(|| read(&path, &out)) else {
            panic!("reading panics on {}", keep(&bytes, ending, seed).display())
        };
        slowest = slowest.max(took);
        assert!(took < SLOWEST, "{took:?} for {}", keep(&bytes, ending, seed).display());
        // Nothing but tables is left.
        for entry in std::fs::read_dir(&out).unwrap() {
            let left = entry.unwrap().path();
            let is_table = left.extension().is_some_and(|ending| ending == "parquet");
            assert!(is_table, "{} is left of {}", left.display(), keep(&bytes, ending, seed).display());
        }
        n += 1;
    }
    eprintln!("{n} broken files in {:?}, the slowest in {slowest:?}", begun.elapsed());
}
