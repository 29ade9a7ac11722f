//! Systems are recognised by tables that nobody listed, and home-made lists are taken for none.

use mapping::{Knowledge, Remembered, propose, training};

#[expect(dead_code, reason = "only tables and families are looked at")]
mod cases;

/// Tables of known systems which the dictionary does not hold: written down from the systems' references.
const UNLISTED: &str = include_str!("unlisted_tables.csv");

#[test]
fn nine_of_ten_unlisted_tables_are_recognised_and_none_is_mistaken() {
    let (mut right, mut wrong, mut none) = (0, Vec::new(), Vec::new());
    for line in UNLISTED.lines().skip(1) {
        let mut cells = line.splitn(3, ',');
        let (Some(system), Some(table), Some(columns)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        let headers: Vec<&str> = columns.split('|').collect();
        let profile = training::names_only(table, &headers);
        match propose(&profile, Knowledge::shipped(), &Remembered::nothing()).source_system {
            Some(found) if training::same_family(&found.name, system) => right += 1,
            Some(found) => wrong.push(format!("{system} {table}: {}", found.name)),
            None => none.push(format!("{system} {table}")),
        }
    }
    println!("right {right}, wrong {wrong:?}, not named {none:?}");
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(right * 10 >= 9 * (right + none.len()), "{right} right, not named: {none:?}");
}

#[test]
fn lists_of_plain_words_are_nobodys() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for folder in [folder.join("cases"), folder.join("fresh")] {
        for case in cases::load_all(&folder).iter().filter(|case| case.family == "home-made") {
            let found = propose(&case.table, Knowledge::shipped(), &Remembered::nothing()).source_system;
            assert_eq!(found, None, "{}", case.truth.case);
        }
    }
}
