//! Learns weights and calibration from labelled exports and the dictionary, leaving every system out of the knowledge
//! that judges it, and writes `knowledge/weights.csv` and `knowledge/calibration.csv`.
//!
//! `cargo run -p mapping --example calibrate [FOLDER…] [--quick|--judge]`; with `--quick` it begins from the shipped
//! weights and learns one round, with `--judge` it leaves them alone and learns only how far decisions can be trusted; with
//! the variable `DECISIONS` it also writes what the judge learned from. Without folders the shared examples and all exports
//! of this crate that were looked at are learned from, with `--judge` six more sets, and never the newest, which is only measured.

#![expect(clippy::print_stdout, reason = "an example that reports to a person")]

use std::{collections::BTreeMap, fs, path::PathBuf};

use mapping::{
    Knowledge,
    training::{Lesson, known_tables, learn, same_family},
};

#[expect(dead_code, reason = "language and units are looked at by the accuracy example")]
#[path = "../tests/cases/mod.rs"]
mod cases;

/// How much a column known by name only counts against one with values.
const NAME_ONLY: f64 = 0.15;

/// How much an export counts the second time, with its system known in part.
const IN_PART: f64 = 0.5;

fn main() -> std::io::Result<()> {
    let mut folders: Vec<PathBuf> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).map(PathBuf::from).collect();
    let quick = std::env::args().any(|argument| argument == "--quick");
    let judge = std::env::args().any(|argument| argument == "--judge");
    if folders.is_empty() {
        folders.push(cases::shared_folder());
        let tests = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"));
        folders.extend(["cases", "fresh", "looked", "third"].map(|name| tests.join(name)));
        // What weights never saw says best how far they can be trusted.
        if judge {
            folders.extend(
                ["sixth", "seventh", "held", "fourth", "fifth", "eighth"].map(|name| tests.join(name)),
            );
        }
    }
    let cases: Vec<cases::Case> = folders.iter().flat_map(|folder| cases::load_all(folder)).collect();
    let tables = known_tables();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut bodies = Vec::new();
    let mut number = |family: &str| {
        *numbers.entry(family.to_owned()).or_insert_with(|| {
            bodies.push(Knowledge::without_system(family));
            bodies.len() - 1
        })
    };
    let mut lessons: Vec<Lesson<'_>> = cases
        .iter()
        .map(|case| Lesson {
            table: &case.table,
            truth: &case.truth,
            knowledge: number(&case.family),
            weight: 1.0,
        })
        .collect();
    for (system, table, truth) in &tables {
        lessons.push(Lesson { table, truth, knowledge: number(system), weight: NAME_ONLY });
    }
    // Half of the lists and exports once more, with their system known in part.
    let mut worn: BTreeMap<&str, usize> = BTreeMap::new();
    for (system, table, truth) in tables.iter().step_by(2) {
        let knowledge = *worn.entry(system).or_insert_with(|| {
            bodies.push(Knowledge::with_worn_system(system));
            bodies.len() - 1
        });
        lessons.push(Lesson { table, truth, knowledge, weight: NAME_ONLY });
    }
    let systems = Knowledge::shipped().systems();
    for case in cases.iter().step_by(2) {
        let Some(system) = systems.iter().find(|system| same_family(system, &case.family)) else { continue };
        let knowledge = *worn.entry(system).or_insert_with(|| {
            bodies.push(Knowledge::with_worn_system(system));
            bodies.len() - 1
        });
        lessons.push(Lesson { table: &case.table, truth: &case.truth, knowledge, weight: IN_PART });
    }
    let rounds = match (judge, quick) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 3,
    };
    let learned = learn(&mut bodies, &lessons, rounds, !quick && !judge);
    println!("{} exports, {} known tables\n{}", cases.len(), tables.len(), learned.report);
    println!("{}\n{}", learned.weights, learned.calibration);
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge"));
    if let Some(path) = std::env::var_os("DECISIONS") {
        fs::write(path, &learned.decisions)?;
    }
    fs::write(folder.join("weights.csv"), learned.weights)?;
    fs::write(folder.join("calibration.csv"), learned.calibration)
}
