//! A workbook whose cells somebody changed: the sheets of an XLSX file with other values in some cells, everything else untouched.

use std::io::{Cursor, Read, Write};

use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// What a person typed into a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Typed<'a> {
    Nothing,
    Number(f64),
    Text(&'a str),
}

/// The workbook with cells of its sheets changed: the sheet's place from 1, the cell (`F2`), what was typed. A cell that the sheet
/// does not have yet comes last in its row.
pub fn edited(workbook: &[u8], cells: &[(usize, &str, Typed<'_>)]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("a workbook");
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).expect("a member of it");
        let name = member.name().expect("its name").into_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("its bytes");
        for (sheet, cell, typed) in cells {
            if name == format!("xl/worksheets/sheet{sheet}.xml") {
                let xml = String::from_utf8(bytes).expect("a sheet in UTF-8");
                bytes = changed(&xml, cell, *typed).into_bytes();
            }
        }
        written.start_file(name, SimpleFileOptions::default()).expect("room for it");
        written.write_all(&bytes).expect("room for it");
    }
    written.finish().expect("room for it").into_inner()
}

fn changed(xml: &str, cell: &str, typed: Typed<'_>) -> String {
    let new = match typed {
        Typed::Nothing => String::new(),
        Typed::Number(number) => format!("<c r=\"{cell}\"><v>{number}</v></c>"),
        Typed::Text(text) => {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>")
        }
    };
    if let Some((before, rest)) = xml.split_once(&format!("<c r=\"{cell}\"")) {
        let open = rest.find('>').expect("a whole cell");
        let after = if rest[..open].ends_with('/') {
            &rest[open + 1..]
        } else {
            rest.split_once("</c>").expect("a whole cell").1
        };
        return format!("{before}{new}{after}");
    }
    let row = cell.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let (before, rest) = xml.split_once(&format!("<row r=\"{row}\"")).expect("a row of the sheet");
    let (cells, after) = rest.split_once("</row>").expect("a whole row");
    format!("{before}<row r=\"{row}\"{cells}{new}</row>{after}")
}
