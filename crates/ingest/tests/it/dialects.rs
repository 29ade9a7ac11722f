//! Delimiters, quotes, escapes, line ends and encodings, each found without being told.

use crate::{line, records, rows_of, written};

#[test]
fn each_delimiter() {
    let cases: &[&str] = &[",", ";", "\t", "|", "~", "^", ", ", " "];
    for &delimiter in cases {
        assert_eq!(rows_of(written(&records(), delimiter, "\r\n").as_bytes()), records());
    }
}

#[test]
fn each_line_end() {
    let cases: &[&str] = &["\n", "\r\n", "\r"];
    for &end in cases {
        assert_eq!(rows_of(written(&records(), ",", end).as_bytes()), records());
    }
}

#[test]
fn no_line_end_at_the_end() {
    let text = written(&records(), ",", "\n");
    assert_eq!(rows_of(text.trim_end().as_bytes()), records());
}

#[test]
fn mixed_line_ends() {
    let text = written(&records(), ",", "\n");
    let mixed: String =
        text.lines().enumerate().map(|(i, line)| format!("{line}{}", ["\n", "\r\n", "\r"][i % 3])).collect();
    assert_eq!(rows_of(mixed.as_bytes()), records());
}

#[test]
fn quotes_inside_quotes() {
    let cases: &[&str] = &["\\\"", "\""];
    for &inside in cases {
        // A bare quote before a comma inside a cell cannot be told from one that closes it.
        let mut records = records();
        records.retain(|record| inside != "\"" || !record[6].contains('"'));
        let text: String = records.iter().map(|record| line(record, ",", inside) + "\r\n").collect();
        assert_eq!(rows_of(text.as_bytes()), records);
    }
}

#[test]
fn apostrophes_as_quotes() {
    let records: Vec<Vec<String>> =
        (0..20).map(|i| vec![format!("A{i}"), format!("text, with a comma {i}"), format!("{i}")]).collect();
    let text: String = records.iter().map(|r| format!("'{}','{}','{}'\n", r[0], r[1], r[2])).collect();
    assert_eq!(rows_of(text.as_bytes()), records);
}

#[test]
fn a_directive_for_spreadsheets_is_obeyed_and_not_data() {
    let text = format!("sep=;\r\n{}", written(&records(), ";", "\r\n"));
    assert_eq!(rows_of(text.as_bytes()), records());
}

#[test]
fn decimal_commas_between_semicolons() {
    let text: String = (0..30).map(|i| format!("{i},5;{}0,25;1.{i:03},00\n", i + 1)).collect();
    let text = format!("a;b;c\n{text}");
    let rows = rows_of(text.as_bytes());
    assert_eq!(rows[1], ["0,5", "10,25", "1.000,00"]);
    assert_eq!(rows.len(), 31);
}

#[test]
fn line_breaks_in_quoted_cells() {
    let text =
        "id,remark,qty\r\n1,\"two\r\nlines\",5\r\n2,one,6\r\n3,\"with, comma\nand \"\"quote\"\"\",7\r\n";
    let rows = rows_of(text.as_bytes());
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[3], ["3", "with, comma\nand \"quote\"", "7"]);
}

const UMLAUTS: &str =
    "Auftrag;Bezeichnung;Menge\n100;Lagergehäuse groß;12,5\n101;Zahnräder;3\n102;Prüfstück für Öl;7\n";
const POLISH: &str =
    "Zlecenie;Opis;Ilość\n100;Obudowa łożyska;12,5\n101;Koło zębate;3\n102;Wałek, część środkowa;7\n";
const CHINESE: &str =
    "工单,品名,数量\n1001,轴承座加工完成,12\n1002,齿轮毛坯热处理,5\n1003,液压阀体装配检验,9\n";
const JAPANESE: &str =
    "製造指図,品目名称,数量\n1001,軸受ハウジング,12\n1002,歯車ブランク,5\n1003,油圧バルブ本体の組立,9\n";

#[test]
fn each_encoding() {
    let cases: &[(&str, &str)] = &[
        ("utf-8", UMLAUTS),
        ("windows-1252", UMLAUTS),
        ("windows-1250", POLISH),
        ("gb18030", CHINESE),
        ("shift_jis", JAPANESE),
    ];
    for &(label, text) in cases {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        let (bytes, _, _) = encoding.encode(text);
        assert_eq!(rows_of(&bytes), rows_of(text.as_bytes()), "{label}");
    }
}

#[test]
fn utf_16() {
    let cases: &[(bool, bool)] = &[(true, true), (true, false), (false, true), (false, false)];
    for &(little, mark) in cases {
        let mut bytes = Vec::new();
        let text = if mark { format!("\u{feff}{UMLAUTS}") } else { UMLAUTS.to_owned() };
        for unit in text.encode_utf16() {
            bytes.extend(if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
        }
        assert_eq!(rows_of(&bytes), rows_of(UMLAUTS.as_bytes()));
    }
}

#[test]
fn one_letter_in_the_last_row_decides_the_encoding() {
    let mut bytes = b"a;b\n".to_vec();
    for i in 0..50_000 {
        bytes.extend(format!("{i};plain\n").bytes());
    }
    bytes.extend(b"99;M\xfcller\n");
    assert_eq!(rows_of(&bytes).last().unwrap()[1], "Müller");
}
