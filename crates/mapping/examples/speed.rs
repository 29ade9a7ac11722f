//! Times the parts of a proposal: loading the knowledge, training the model of names, and proposing.
//!
//! `cargo run --release -p mapping --example speed [CASE]`

#![expect(clippy::print_stdout, reason = "an example that reports to a person")]

use std::{fs, time::Instant};

use domain::TableProfile;
use mapping::{Knowledge, Remembered, propose};

#[expect(dead_code, reason = "only tables are looked at")]
#[path = "../tests/cases/mod.rs"]
mod cases;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_else(|| "inventree-build-header-en".to_owned());
    let Some(case) = cases::load(&cases::shared_folder().join(name)) else {
        println!("no such case");
        return;
    };
    let nothing = Remembered::nothing();
    let start = Clock::now();
    let knowledge = Knowledge::shipped();
    println!("knowledge read in {:.1} ms", millis(&start));
    let start = Clock::now();
    propose(&case.table, knowledge, &nothing);
    println!("first proposal (model trained) {:.1} ms", millis(&start));
    for (title, table) in [
        ("25 columns, 200 rows", grown(&case.table, 25, 200)),
        ("40 columns, 1,000 sampled rows", grown(&case.table, 40, 1_000)),
        ("120 columns, 1,000 sampled rows", grown(&case.table, 120, 1_000)),
    ] {
        let runs = 10;
        let start = Clock::now();
        for _ in 0..runs {
            propose(&table, knowledge, &nothing);
        }
        println!("{title}: {:.1} ms", millis(&start) / f64::from(runs));
    }
}

/// Time of this thread on a processor where the system tells it, so that other work on the machine does not count.
struct Clock {
    wall: Instant,
    processor: Option<f64>,
}

impl Clock {
    fn now() -> Self {
        let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
        let processor = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        Self { wall: Instant::now(), processor }
    }
}

fn millis(start: &Clock) -> f64 {
    match (start.processor, Clock::now().processor) {
        (Some(start), Some(now)) => (now - start) / 1e6,
        _ => start.wall.elapsed().as_secs_f64() * 1e3,
    }
}

/// The table with its columns and rows repeated up to a size.
fn grown(table: &TableProfile, columns: usize, rows: usize) -> TableProfile {
    let mut grown = table.clone();
    grown.columns = (0..columns)
        .map(|index| {
            let mut column = table.columns[index % table.columns.len()].clone();
            column.index = index;
            if index >= table.columns.len() {
                column.header = format!("{} {}", column.header, index / table.columns.len() + 1);
            }
            column.sample = column.sample.iter().cycle().take(rows).cloned().collect();
            column.sample_raw = column.sample_raw.iter().cycle().take(rows).cloned().collect();
            column
        })
        .collect();
    grown
}
