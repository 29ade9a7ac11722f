//! Maps several labelled exports as files of one plant and prints what their columns mean.
//!
//! `cargo run -p mapping --example together FOLDER…`

#![expect(clippy::print_stdout, reason = "an example that reports to a person")]

use std::path::Path;

use domain::TableProfile;
use mapping::{Knowledge, Remembered, propose_all};

#[expect(dead_code, reason = "only tables are looked at")]
#[path = "../tests/cases/mod.rs"]
mod cases;

fn main() {
    let tables: Vec<TableProfile> = std::env::args()
        .skip(1)
        .filter_map(|folder| {
            let mut table = cases::load(Path::new(&folder))?.table;
            table.file = folder;
            Some(table)
        })
        .collect();
    for mapping in propose_all(&tables, Knowledge::shipped(), &Remembered::nothing()) {
        println!("{} {} {:?}", mapping.file, mapping.granularity.as_str(), mapping.granularity_evidence);
        for column in &mapping.columns {
            println!(
                "  {:<34} {:<32} {:.3} {} {:?}",
                column.source,
                column.field.map_or("-", ontology::FieldId::as_str),
                column.confidence,
                column.status.as_str(),
                column.evidence.first()
            );
        }
    }
}
