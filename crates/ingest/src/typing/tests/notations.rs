//! The table `notations.tsv`: what ERP programs of nine languages write, and what has to be read from it.
//!
//! One line is a column: group, name, header, cells parted by `|`, kind, format, the cells as read, and whether the column
//! is sure or has to say that it can be read otherwise. As read: numbers plain, moments ISO, times `hh:mm:ss`, nothing for
//! no value, and `!` before what is unreadable. Blanks that cannot be seen are written `\u{a0}`.

use domain::Cell;

use crate::typing::{ColumnEvidence, ColumnType};

pub(super) fn evidence_of(cells: &[&str]) -> ColumnEvidence {
    let mut evidence = ColumnEvidence::new();
    for cell in cells {
        evidence.observe(cell);
    }
    evidence
}

pub(super) fn shown(decided: &ColumnType, raw: &str) -> String {
    match decided.read(raw) {
        Cell::Empty => String::new(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Number(number) => ((number * 1e9).round() / 1e9).to_string(),
        Cell::Moment(micros) => {
            let moment = jiff::civil::date(1970, 1, 1)
                .at(0, 0, 0, 0)
                .checked_add(jiff::Span::new().microseconds(micros))
                .unwrap();
            let text = moment.to_string().replace('T', " ");
            text.strip_suffix(" 00:00:00").map_or(text.clone(), str::to_owned)
        }
        Cell::Time(seconds) => {
            let whole = seconds as u64;
            format!("{:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
        }
        Cell::Text(text) => text,
        Cell::Unreadable(text) => format!("!{text}"),
    }
}

const TABLE: &str = include_str!("notations.tsv");

/// Writes out the escaped blanks.
fn unescaped(field: &str) -> String {
    [("\\u{a0}", "\u{a0}"), ("\\u{202f}", "\u{202f}"), ("\\u{2009}", "\u{2009}")]
        .iter()
        .fold(field.to_owned(), |text, (escape, blank)| text.replace(escape, blank))
}

#[test]
fn every_notation_is_read_or_said_to_be_ambiguous() {
    let mut failures = Vec::new();
    let mut count = 0;
    for line in TABLE.lines().skip(1) {
        let fields: Vec<String> = line.split('\t').map(unescaped).collect();
        let [group, name, header, cells, kind, format, expected, sure] = fields.as_slice() else {
            panic!("a line of eight fields: {line}");
        };
        count += 1;
        let cells: Vec<&str> = cells.split('|').collect();
        let decided = evidence_of(&cells).decide(header);
        let read: Vec<String> = cells.iter().map(|cell| shown(&decided, cell)).collect();
        let read = read.join("|");
        let got = decided.format.clone().unwrap_or_default();
        let as_sure = if decided.ambiguous.is_empty() { "sure" } else { "ambiguous" };
        if decided.kind.as_str() != kind || &got != format || &read != expected || as_sure != sure {
            failures.push(format!(
                "{group}, {name}: {} `{got}` [{read}] {:?}\n    want {kind} `{format}` [{expected}] {sure}",
                decided.kind.as_str(),
                decided.ambiguous
            ));
        }
    }
    assert!(failures.is_empty(), "{} of {count} notations:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 200);
}
