//! Counts decisions that change with what must not matter: the order of columns and rows, case and punctuation of headers.
//!
//! `cargo run -p mapping --example invariance [FOLDER] [--unseen]`

#![expect(clippy::print_stdout, reason = "an example that reports to a person")]

use std::path::PathBuf;

use domain::TableProfile;
use mapping::{Knowledge, Remembered, propose};

#[expect(dead_code, reason = "only tables are looked at")]
#[path = "../tests/cases/mod.rs"]
mod cases;

type Change = (&'static str, fn(&mut TableProfile));

const CHANGES: [Change; 6] = [
    ("columns reversed", |table| {
        table.columns.reverse();
        for (index, column) in table.columns.iter_mut().enumerate() {
            column.index = index;
        }
    }),
    ("rows reversed", |table| {
        for column in &mut table.columns {
            column.sample.reverse();
            column.sample_raw.reverse();
        }
    }),
    ("capitals", |table| headers(table, &|header| header.to_uppercase())),
    ("small letters", |table| headers(table, &|header| header.to_lowercase())),
    ("blanks for punctuation", |table| {
        headers(table, &|header| {
            header.chars().map(|char| if "_-./".contains(char) { ' ' } else { char }).collect()
        });
    }),
    ("underscores for blanks", |table| headers(table, &|header| header.replace([' ', '-'], "_"))),
];

fn headers(table: &mut TableProfile, change: &dyn Fn(&str) -> String) {
    for column in &mut table.columns {
        column.header = change(&column.header);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let unseen = arguments.iter().any(|argument| argument == "--unseen");
    let folder = arguments
        .iter()
        .find(|argument| !argument.starts_with("--"))
        .map_or_else(cases::shared_folder, PathBuf::from);
    for (what, change) in CHANGES {
        let (mut all, mut changed, mut examples) = (0, 0, Vec::new());
        for case in cases::load_all(&folder) {
            let own = unseen.then(|| Knowledge::without_system(&case.family));
            let knowledge = own.as_ref().unwrap_or(Knowledge::shipped());
            let mut other = case.table.clone();
            change(&mut other);
            let before = propose(&case.table, knowledge, &Remembered::nothing());
            let mut after = propose(&other, knowledge, &Remembered::nothing()).columns;
            if what == "columns reversed" {
                after.reverse();
            }
            for (one, other) in before.columns.iter().zip(&after) {
                all += 1;
                if one.field != other.field || one.unit != other.unit {
                    changed += 1;
                    examples.push(format!("{}: {} as {:?}", case.truth.case, other.source, other.field));
                }
            }
        }
        println!("{what}: {changed} of {all}");
        for example in examples.iter().take(20) {
            println!("    {example}");
        }
    }
}
