//! What stands before a technical name and says nothing of its meaning: letters for its type (`strItemNo`, `nQtde`) and
//! the record that it was read through (`job.customerID`).

use std::collections::{BTreeMap, BTreeSet};

use super::pieces;
use crate::knowledge::{ConceptId, Kind, Knowledge};

/// Prefixes that programmers put before names to tell their type. Those of dates stay, as they mean what they tell.
const TYPES: [&str; 24] = [
    "b", "bit", "bln", "bol", "c", "chr", "cur", "d", "dbl", "dec", "f", "flt", "i", "int", "l", "lng", "n",
    "num", "s", "sng", "str", "sz", "txt", "u",
];

/// Those that are told from words without capitals too, where a whole table begins with them.
const LONG: [&str; 8] = ["bln", "dbl", "dec", "dtm", "flt", "int", "lng", "str"];

/// The letters for a type that a name begins with, where a capital goes on, or in one case the longer of them.
fn type_of(name: &str) -> Option<&'static str> {
    let one_case = name.bytes().all(|byte| byte.is_ascii_lowercase())
        || name.bytes().all(|byte| byte.is_ascii_uppercase());
    if one_case && name.len() >= 6 {
        let begins = |letters: &&str| name[..letters.len()].eq_ignore_ascii_case(letters);
        return LONG.into_iter().find(begins);
    }
    let end = name.find(|char: char| !char.is_ascii_lowercase())?;
    let goes_on = name[end..].starts_with(|char: char| char.is_uppercase());
    TYPES.into_iter().find(|letters| goes_on && *letters == &name[..end])
}

fn last_segment(header: &str) -> &str {
    header.rsplit_once('.').map_or(header, |(_, last)| last)
}

/// Whether the table tells types before its names: three of five do, and not all the same.
pub(crate) fn tells_types(headers: &[&str]) -> bool {
    let told: Vec<&str> = headers.iter().filter_map(|header| type_of(last_segment(header))).collect();
    let kinds: BTreeSet<&str> = told.iter().copied().collect();
    headers.len() >= 6 && kinds.len() >= 2 && told.len() * 5 >= headers.len() * 3
}

/// A name without the letters for its type.
pub(crate) fn without_type(header: &str) -> String {
    let last = last_segment(header);
    let before = &header[..header.len() - last.len()];
    // A date tells what it is by those letters.
    type_of(last)
        .filter(|letters| *letters != "dtm")
        .map_or_else(|| header.to_owned(), |letters| format!("{before}{}", &last[letters.len()..]))
}

/// Names of records that several headers are read through: `job` of `job.partID` and `job.dueDate`. Abbreviated captions
/// have full stops too (`Cód.artículo`); theirs begin with a capital.
pub(crate) fn records<'a>(headers: &[&'a str]) -> BTreeSet<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in headers.iter().filter_map(|header| record_of(header)) {
        *counts.entry(record).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count >= 2).map(|(record, _)| record).collect()
}

fn record_of(header: &str) -> Option<&str> {
    let camel = |name: &str| {
        name.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    };
    // Where punctuation was lost, what goes on in capitals within is still a name and no caption.
    let (record, rest) =
        header.rsplit_once('.').or_else(|| header.rsplit_once(' ').filter(|(_, rest)| camel(rest)))?;
    let plain = record.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_'));
    let capitals = header.bytes().all(|byte| !byte.is_ascii_lowercase());
    let technical = (capitals || record.starts_with(|char: char| char.is_ascii_lowercase()))
        && rest.starts_with(char::is_alphabetic)
        && !rest.contains(' ');
    (plain && technical && record.len() >= 3).then_some(record)
}

/// A header without the record it is read through, where what remains names a thing itself, or nobody knows the record.
pub(crate) fn without_record<'a>(
    knowledge: &Knowledge,
    header: &'a str,
    records: &BTreeSet<&str>,
    read: impl Fn(&str) -> Vec<Vec<ConceptId>>,
) -> &'a str {
    let Some(record) = record_of(header).filter(|record| records.contains(record)) else { return header };
    let last = &header[record.len() + 1..];
    let names_a_thing = |text: &str| {
        let readings = read(text);
        !readings.is_empty()
            && readings.iter().all(|concepts| {
                concepts.iter().any(|concept| knowledge.concepts.kind(*concept) == Kind::Entity)
            })
    };
    let unknown = pieces(record).iter().all(|piece| read(piece).is_empty());
    // In capitals it may be an abbreviated caption: `DESC.MACCHINA` is no machine.
    let is_record = header.bytes().any(|byte| byte.is_ascii_lowercase()) || names_a_thing(record);
    if unknown || is_record && names_a_thing(last) { last } else { header }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_for_types_are_told_by_most_names() {
        let typed = ["strItemNo", "dtmOrderDate", "dblPlannedQty", "intItemId", "strStatus", "strCellName"];
        assert!(tells_types(&typed));
        assert_eq!(without_type("strItemNo"), "ItemNo");
        assert_eq!(without_type("identificacao.nQtde"), "identificacao.Qtde");
        assert_eq!(without_type("dtmOrderDate"), "dtmOrderDate");
        assert_eq!(without_type("STRITEMNO"), "ITEMNO");
        assert!(!tells_types(&["jobId", "partId", "quantity", "startDate", "endDate", "scrap"]));
    }

    #[test]
    fn records_are_what_several_names_are_read_through() {
        let records = records(&["job.partID", "job.dueDate", "laborHours", "Cód.artículo", "Cód.cliente"]);
        assert_eq!(records.into_iter().collect::<Vec<_>>(), ["job"]);
    }
}
