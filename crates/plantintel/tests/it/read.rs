//! `plantintel read`.

use crate::program::{call, shared};

#[test]
fn a_small_export_is_described_and_written_as_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auftraege.csv");
    let text = "Liste der Aufträge;;\n\nAuftrag;Menge;Termin\n4711;1.234,50;13.02.2025\n4712;2,00;28.02.2025\n4713;17,25;01.03.2025\n";
    std::fs::write(&path, text).unwrap();
    let out = folder.path().join("out.csv");
    let path = path.display().to_string();
    let answer = call(&["read", &path, "--json", "--csv", &out.display().to_string()]).json();
    assert_eq!(answer["delimiter"], ";");
    assert_eq!(answer["header_row"], 3);
    assert_eq!(answer["rows"], 3);
    let types: Vec<&str> =
        answer["columns"].as_array().unwrap().iter().map(|column| column["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["integer", "decimal", "date"]);
    assert_eq!(answer["columns"][1]["values"][0], 1_234.5);
    assert_eq!(answer["columns"][2]["values"][0], "2025-02-13");
    let written = std::fs::read_to_string(out).unwrap().replace("\r\n", "\n");
    assert!(written.ends_with("Auftrag,Menge,Termin\n4711,\"1.234,50\",13.02.2025\n4712,\"2,00\",28.02.2025\n4713,\"17,25\",01.03.2025\n"), "{written}");
}

#[test]
fn one_table_reads_the_same_from_every_format() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut formats = Vec::new();
    for name in
        ["jobs.ods", "jobs.xls", "jobs-1904.xls", "jobs.parquet", "jobs.json", "jobs.jsonl", "jobs.zip"]
    {
        let answer = call(&["read", &folder.join(name).display().to_string(), "--json"]).json();
        formats.push(answer["format"].as_str().unwrap().to_owned());
        assert_eq!(answer["rows"], 40, "{name}");
        let read: Vec<String> = answer["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| {
                format!("{} {} {}", column["header"], column["type"], column["values"][0]).replace('"', "")
            })
            .collect();
        assert_eq!(
            read,
            [
                "Job No text J-001",
                "Part No text P01",
                "Qty integer 10",
                "Hours decimal 1.75",
                "Due Date date 2025-01-02",
                "Start datetime 2025-01-01T11:30:00",
                "Closed boolean false",
            ],
            "{name}"
        );
    }
    assert_eq!(
        formats[..6],
        [
            "OpenDocument spreadsheet (ods)",
            "Excel workbook (xls)",
            "Excel workbook (xls)",
            "Parquet",
            "JSON",
            "JSON lines"
        ]
    );
}

#[test]
fn every_example_is_read_with_its_own_header_row_and_number_of_rows() {
    let Some(examples) = shared("erp-examples") else { return };
    for entry in std::fs::read_dir(examples).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(folder.join("case.json")) else { continue };
        let case: serde_json::Value = serde_json::from_str(&text).unwrap();
        let answer = call(&["read", &folder.join("data.csv").display().to_string(), "--json"]).json();
        assert_eq!(answer["header_row"], case["header_row"], "{}", folder.display());
        assert_eq!(answer["rows"], case["rows"], "{}", folder.display());
    }
}
