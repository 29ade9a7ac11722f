//! Files that are no tables end in a clear error, and soon.

use std::io::Write as _;

use ingest::ReadError;

fn fails(bytes: &[u8]) -> ReadError {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    std::fs::write(&path, bytes).unwrap();
    crate::read(&path).unwrap_err()
}

#[test]
fn with_a_reason() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "program"),
        (b"\n\n  \n", "no data rows"),
        (b"Order,Date,Qty\n", "no data rows"),
    ];
    for &(bytes, says) in cases {
        let error = fails(bytes).to_string();
        assert!(error.contains(says) && error.contains("export.csv"), "{error}");
    }
}

#[test]
fn binary_bytes() {
    let bytes: Vec<u8> = (0..20_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert!(matches!(fails(&bytes), ReadError::NotText { .. } | ReadError::NotATable { .. }));
}

#[test]
fn too_many_columns() {
    let line = vec!["1"; 100_000].join(",");
    let text = format!("{line}\n{line}\n{line}\n");
    assert!(matches!(fails(text.as_bytes()), ReadError::TooManyColumns { found: 100_000, .. }));
}

#[test]
fn one_line_of_a_hundred_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    let mut file = std::fs::File::create(&path).unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        file.write_all(&block).unwrap();
    }
    drop(file);
    assert!(matches!(crate::read(&path).unwrap_err(), ReadError::LineTooLong { line: 1, .. }));
}
