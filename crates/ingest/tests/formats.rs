//! Every format: the same small table comes out of all of them, and hostile bytes come to nothing worse than an error.

#![expect(clippy::unwrap_used, reason = "a test fails where its files are not as it made them")]
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ingest::formats::{Content, open};
use ingest::rows::RawRow;
use ingest::{ReadError, ReadOptions};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

struct Opened {
    names: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
    issues: Vec<&'static str>,
}

fn read(path: &Path, options: &ReadOptions) -> Result<Vec<Opened>, ReadError> {
    let scratch = tempfile::tempdir().unwrap();
    let mut opened = Vec::new();
    for part in open(path, options, scratch.path())? {
        let mut rows = Vec::new();
        match part.content {
            Content::Rows(mut source) => {
                let mut row = RawRow::new();
                while source.next_row(&mut row)? {
                    rows.push((row.number(), row.cells().map(str::to_owned).collect()));
                }
            }
            Content::Text(path) => rows.push((0, vec![std::fs::read_to_string(path).unwrap_or_default()])),
        }
        opened.push(Opened {
            names: part.names,
            rows,
            issues: part.issues.iter().map(|issue| issue.kind).collect(),
        });
    }
    Ok(opened)
}

fn read_bytes(bytes: &[u8]) -> Result<Vec<Opened>, ReadError> {
    let folder = tempfile::tempdir().unwrap();
    // The name lies on purpose: only the bytes count.
    let path = folder.path().join("export.csv");
    std::fs::write(&path, bytes).unwrap();
    read(&path, &ReadOptions::default())
}

fn cells(opened: &Opened) -> Vec<String> {
    opened.rows.iter().map(|(number, cells)| format!("{number}: {}", cells.join("|"))).collect()
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let small = book.add_worksheet();
    small.set_name("Notes").unwrap().write(0, 0, "only a note").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("Orders").unwrap();
    let date = Format::new().set_num_format("dd.mm.yyyy");
    let clock = Format::new().set_num_format("hh:mm");
    let span = Format::new().set_num_format("[h]:mm");
    let stamp = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 5, "Order report", &plain).unwrap();
    sheet.merge_range(2, 2, 2, 3, "Time", &plain).unwrap();
    for (column, name) in [(0, "Order"), (1, "Qty"), (4, "Stamp"), (5, "Done")] {
        sheet.write(2, column, name).unwrap();
    }
    sheet.write(3, 0, "007").unwrap();
    sheet.write(3, 1, 0.1 + 0.2).unwrap();
    sheet.write_with_format(3, 2, 1.0 / 3.0, &clock).unwrap();
    sheet.write_with_format(3, 3, 4.1875, &span).unwrap();
    let at = ExcelDateTime::parse_from_str("2024-03-01T10:00:00").unwrap();
    sheet.write_with_format(3, 4, &at, &stamp).unwrap();
    sheet.write(3, 5, true).unwrap();
    sheet.write(5, 0, "008").unwrap();
    sheet.write_formula(5, 1, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let day = ExcelDateTime::parse_from_str("2024-03-02").unwrap();
    sheet.write_with_format(5, 4, &day, &date).unwrap();
    let hidden = book.add_worksheet();
    hidden.set_name("Secret").unwrap().set_hidden(true);
    for row in 0..50 {
        hidden.write(row, 0, row).unwrap();
    }
    book.add_worksheet().set_name("Empty").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_gives_its_sheets_largest_visible_first() {
    let parts = read_bytes(&workbook()).unwrap();
    assert_eq!(
        parts.iter().map(|part| part.names[0].as_str()).collect::<Vec<_>>(),
        ["Orders", "Notes", "Secret"]
    );
    assert_eq!(
        cells(&parts[0]),
        [
            "1: Order report|||||",
            "2: |||||",
            "3: Order|Qty|Time|Time|Stamp|Done",
            "4: 007|0.3|08:00:00|100:30|2024-03-01T10:00:00|TRUE",
            "5: |||||",
            "6: 008||||2024-03-02|",
        ]
    );
    assert!(parts[0].issues.contains(&"sheet_left_out"), "{:?}", parts[0].issues);
    assert!(parts[2].issues.contains(&"hidden_sheet"));
}

#[test]
fn an_option_selects_a_sheet_and_names_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book");
    std::fs::write(&path, workbook()).unwrap();
    let options = ReadOptions { part: Some("Notes".into()), ..ReadOptions::default() };
    assert_eq!(cells(&read(&path, &options).unwrap()[0]), ["1: only a note"]);
    let options = ReadOptions { part: Some("Nope".into()), ..ReadOptions::default() };
    let error = read(&path, &options).err().unwrap().to_string();
    assert!(error.contains("\"Orders\""), "{error}");
}

#[test]
fn documents_become_rows() {
    let cases: &[(&str, &[&str])] = &[
        (
            "[{\"a\":1.50,\"b\":{\"c\":\"x\"}},{\"d\":true,\"a\":null}]",
            &["0: a|b.c|d", "1: 1.5|x|", "2: ||TRUE"],
        ),
        ("{\"n\":2,\"value\":[{\"z\":\"é\",\"a\":1},{\"z\":\"\",\"a\":2}]}", &["0: z|a", "1: é|1", "2: |2"]),
        ("{\"a\":1}\n\n{\"a\":2,\"b\":[\"p\",\"q\"]}\n", &["0: a|b", "1: 1|", "2: |", "3: 2|p, q"]),
        (
            "<?xml version=\"1.0\"?><r><o id=\"1\"><q>2 &amp; 3</q><w><n>A</n></w></o><o id=\"2\"><q/></o></r>",
            &["0: id|q|w.n", "1: 1|2 & 3|A", "2: 2||"],
        ),
        (
            "<html><table><tr><th>A<th>B</tr><tr><td>1&nbsp;0</td><td>x<br>y</td></tr></table></html>",
            &["1: A|B", "2: 1 0|x y"],
        ),
        ("<table><tr><td rowspan=2>A</td><td>1</td></tr><tr><td>2</td></tr></table>", &["1: A|1", "2: A|2"]),
        (
            "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"S\"><Table><Row><Cell><Data ss:Type=\"String\">A</Data></Cell><Cell ss:Index=\"3\"><Data ss:Type=\"String\">C</Data></Cell></Row><Row ss:Index=\"3\"><Cell><Data ss:Type=\"DateTime\">2024-03-01T00:00:00.000</Data></Cell></Row></Table></Worksheet></Workbook>",
            &["1: A||C", "2: ||", "3: 2024-03-01||"],
        ),
    ];
    for &(text, expected) in cases {
        assert_eq!(cells(&read_bytes(text.as_bytes()).unwrap()[0]), expected);
    }
}

#[test]
fn what_is_no_table_is_told() {
    let cases: &[(&[u8], &str)] = &[
        (b"%PDF-1.7\n%\xe2", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"MZ\x90\0\x03\0\0\0", "a program"),
        (b"\0\x01\0\0Standard ACE DB\0", "Access"),
        (b"SQLite format 3\0", "SQLite"),
        (b"PK\x03\x04 cut off", "cut off"),
        (b"PAR1 cut off", "end is missing"),
        (b"<html><p>no table</p></html>", "without a table"),
        (b"<!DOCTYPE l [<!ENTITY a \"b\">]><l><x a='1'/><x a='2'/></l>", "entities"),
        (b"", "empty"),
    ];
    for &(bytes, words) in cases {
        let error = read_bytes(bytes).err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn text_stays_text() {
    let cases: &[&str] = &[
        "Order;Qty\n1;2\n",
        "[Order];[Qty]\n1;2\n",
        "BM_NO;QTY\n1;2\n",
        "RIFF,ID3\n1,2\n",
        "MM\tQty\n1\t2\n",
        "{GUID},Qty\n{1},2\n",
    ];
    for &text in cases {
        assert_eq!(read_bytes(text.as_bytes()).unwrap()[0].rows[0].1[0], text);
    }
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_archive_gives_its_members_and_reports_the_rest() {
    let book = workbook();
    let inner = zipped(&[("x.csv", b"a,b\n1,2\n")]);
    let bytes = zipped(&[
        ("a.csv", b"a,b\n1,2\n"),
        ("book.xlsx", &book),
        ("doc.pdf", b"%PDF-1.4"),
        ("inner.zip", &inner),
        ("__MACOSX/._a.csv", b"junk"),
    ]);
    let parts = read_bytes(&bytes).unwrap();
    assert_eq!(parts[0].names, ["book.xlsx", "Orders"]);
    assert_eq!(parts.last().unwrap().names, ["a.csv"]);
    assert_eq!(parts[0].issues.iter().filter(|kind| **kind == "member_left_out").count(), 2);
}

#[test]
fn a_bomb_is_refused_in_time() {
    let bytes = zipped(&[("bomb.csv", &vec![b'0'; 300 << 20])]);
    assert!(bytes.len() < 1 << 20);
    let start = std::time::Instant::now();
    let error = read_bytes(&bytes).err().unwrap().to_string();
    assert!(error.contains("times its size"), "{error}");
    assert!(start.elapsed().as_secs_f64() < 2.0, "{:?}", start.elapsed());
}

#[test]
fn gzip_is_opened() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"[{\"a\":1}]").unwrap();
    assert_eq!(cells(&read_bytes(&gzip.finish().unwrap()).unwrap()[0]), ["0: a", "1: 1"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Torn and flipped workbooks end in rows or in an error, never in a panic.
    #[test]
    fn a_damaged_workbook_never_panics(cut in 0.0_f64..1.0, flips in prop::collection::vec((0.0_f64..1.0, any::<u8>()), 0..8)) {
        let mut bytes = workbook();
        for (place, value) in flips {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] = value;
        }
        if cut < 0.5 {
            bytes.truncate((cut * 2.0 * bytes.len() as f64) as usize);
        }
        let _ = read_bytes(&bytes);
    }

    #[test]
    fn random_bytes_after_any_signature_never_panic(
        mark in prop::sample::select(vec![&b"PAR1"[..], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"<html><table>", b"<a>", b"[{", b"\x1f\x8b\x08", b"{\"a\":"]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let _ = read_bytes(&[mark, &rest].concat());
    }
}

/// The plant's real workbooks, as `DUMP_ROWS` for a comparison with another reader.
#[test]
fn real_workbooks_are_read() {
    let folder =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/real-data/injection-molding"));
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is absent", folder.display());
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let parts = read(&path, &ReadOptions::default()).unwrap();
        assert!(!parts.is_empty() && parts[0].rows.len() > 1, "{}", path.display());
        println!("{} {} rows", path.display(), parts[0].rows.len());
    }
}
