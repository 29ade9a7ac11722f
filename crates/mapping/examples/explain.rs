//! Says why columns of a labelled export are mapped as they are, with the export's own system left out.
//!
//! `cargo run -p mapping --example explain CASE [HEADER…] [--known]`; with `--known` nothing is left out.

#![expect(clippy::print_stdout, reason = "an example that reports to a person")]

use mapping::{Knowledge, Remembered, propose, training::explain};

#[expect(dead_code, reason = "only tables are looked at")]
#[path = "../tests/cases/mod.rs"]
mod cases;

fn main() {
    let known = std::env::args().any(|argument| argument == "--known");
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--known");
    let Some(case) = arguments.next().and_then(|name| cases::load(&cases::shared_folder().join(name))) else {
        println!("no such case");
        return;
    };
    let left_out = (!known).then(|| Knowledge::without_system(&case.family));
    let knowledge = left_out.as_ref().unwrap_or_else(|| Knowledge::shipped());
    let mut headers: Vec<String> = arguments.collect();
    if headers.is_empty() {
        headers = case.table.columns.iter().map(|column| column.header.clone()).collect();
    }
    let mapping = propose(&case.table, knowledge, &Remembered::nothing());
    for header in headers {
        for column in mapping.columns.iter().filter(|column| column.source == header) {
            println!("{:?} {:?} {:#?}", column.field, column.unit, column.evidence);
        }
        println!("{}", explain(&case.table, knowledge, &header));
    }
}
