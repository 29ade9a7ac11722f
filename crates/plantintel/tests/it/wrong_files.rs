//! Files that are no table end with exit code 3 and a sentence that says what to do.

use std::io::Write;
use std::path::Path;

use crate::program::call;

fn refused(name: &str, bytes: &[u8], says: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    refused_file(&path, says);
}

fn refused_file(path: &Path, says: &[&str]) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    for command in ["read", "map", "analyze"] {
        let answer = call(&[command, &path.display().to_string()]);
        assert_eq!(answer.code, 3, "{command} {name}: {}", answer.stderr);
        assert!(answer.stdout.is_empty(), "{command} {name} wrote to standard output");
        assert!(answer.stderr.contains(&name), "{command} {name}: {}", answer.stderr);
        for part in says {
            assert!(answer.stderr.contains(part), "{command} {name}: \"{part}\" is not in {}", answer.stderr);
        }
    }
}

#[test]
fn a_pdf() {
    refused("report.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", &["PDF", "CSV or Excel"]);
}

#[test]
fn an_image() {
    refused(
        "photo.csv",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01",
        &["picture", "CSV or Excel"],
    );
}

#[test]
fn an_empty_file() {
    refused("empty.csv", b"", &["empty", "export it again"]);
}

#[test]
fn a_truncated_archive() {
    let mut archive = Vec::new();
    {
        let mut writer = std::io::Cursor::new(&mut archive);
        // A local header that promises more than follows.
        writer.write_all(b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x00\x00\x12\x34\x56\x78\xff\x00\x00\x00\xff\x0f\x00\x00\x08\x00\x00\x00jobs.csv").unwrap();
    }
    refused("jobs.zip", &archive, &["damaged", "again"]);
}

#[test]
fn a_hundred_thousand_columns() {
    let header: Vec<String> = (0..100_000).map(|column| format!("c{column}")).collect();
    let row = vec!["1"; 100_000].join(",");
    let text = format!("{}\n{row}\n{row}\n", header.join(","));
    refused("wide.csv", text.as_bytes(), &["columns"]);
}

#[test]
fn a_line_of_a_hundred_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("line.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(b"a,b\n1,").unwrap();
    for _ in 0..100 {
        file.write_all(&vec![b'x'; 1 << 20]).unwrap();
    }
    file.flush().unwrap();
    drop(file);
    refused_file(&path, &["line"]);
}

#[test]
fn nul_bytes() {
    let mut bytes = vec![0_u8; 4_000];
    bytes[0] = b'a';
    bytes[1_999] = b',';
    refused("zeros.csv", &bytes, &["text"]);
}

#[test]
fn a_workbook_with_a_password() {
    // An OLE container whose directory names an encrypted package.
    let mut bytes = vec![0_u8; 512 * 4];
    bytes[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    bytes[24..26].copy_from_slice(&0x3e_u16.to_le_bytes());
    bytes[26..28].copy_from_slice(&3_u16.to_le_bytes());
    bytes[28..30].copy_from_slice(&0xfffe_u16.to_le_bytes());
    bytes[30..32].copy_from_slice(&9_u16.to_le_bytes());
    bytes[32..34].copy_from_slice(&6_u16.to_le_bytes());
    bytes[44..48].copy_from_slice(&1_u32.to_le_bytes());
    bytes[48..52].copy_from_slice(&1_u32.to_le_bytes());
    bytes[56..60].copy_from_slice(&4096_u32.to_le_bytes());
    bytes[60..64].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    bytes[68..72].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    bytes[76..512].fill(0xff);
    bytes[76..80].copy_from_slice(&0_u32.to_le_bytes());
    bytes[512..1024].fill(0xff);
    bytes[512..516].copy_from_slice(&0xffff_fffd_u32.to_le_bytes());
    bytes[516..520].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    let mut entry = |at: usize, name: &str, kind: u8, child: u32| {
        let base = 1024 + at * 128;
        for (idx, unit) in name.encode_utf16().enumerate() {
            bytes[base + idx * 2..base + idx * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        bytes[base + 64..base + 66].copy_from_slice(&(((name.len() + 1) * 2) as u16).to_le_bytes());
        bytes[base + 66] = kind;
        bytes[base + 67] = 1;
        bytes[base + 68..base + 72].copy_from_slice(&0xffff_ffff_u32.to_le_bytes());
        bytes[base + 72..base + 76].copy_from_slice(&0xffff_ffff_u32.to_le_bytes());
        bytes[base + 76..base + 80].copy_from_slice(&child.to_le_bytes());
        bytes[base + 116..base + 120].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    };
    entry(0, "Root Entry", 5, 1);
    entry(1, "EncryptedPackage", 2, 0xffff_ffff);
    entry(2, "EncryptionInfo", 2, 0xffff_ffff);
    refused("secret.xlsx", &bytes, &["password"]);
}

#[test]
fn a_file_that_is_not_there() {
    let answer = call(&["analyze", "no-such-file.csv"]);
    assert_eq!(answer.code, 3);
    assert!(answer.stderr.contains("no-such-file.csv"), "{}", answer.stderr);
}
