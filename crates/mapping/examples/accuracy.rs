//! Prints how well the engine maps labelled exports: with all knowledge, and with each export's own system left out.
//!
//! `cargo run -p mapping --example accuracy [FOLDER] [--errors] [--unsure] [--names] [--systems]`; with `--names` the tables of the dictionary are
//! mapped by their names alone, each without its own system; with `--systems` each is recognised by the other tables of its
//! system.

#![expect(clippy::print_stdout, reason = "an example that reports to a person")]

use std::{collections::BTreeMap, path::PathBuf};

use domain::mapping::Status;
use mapping::{
    Knowledge, Remembered,
    evaluation::{Accuracy, Outcome, compare},
    propose,
    training::{known_tables, same_family},
};

#[path = "../tests/cases/mod.rs"]
mod cases;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let errors = arguments.iter().any(|argument| argument == "--errors");
    let unsure = arguments.iter().any(|argument| argument == "--unsure");
    let folder = arguments
        .iter()
        .find(|argument| !argument.starts_with("--"))
        .map_or_else(cases::shared_folder, PathBuf::from);
    if arguments.iter().any(|argument| argument == "--names") {
        names_only(errors);
        return;
    }
    if arguments.iter().any(|argument| argument == "--systems") {
        systems_by_other_tables();
        return;
    }
    let cases = cases::load_all(&folder);
    let mut left_out: BTreeMap<&str, Knowledge> = BTreeMap::new();
    for case in &cases {
        left_out.entry(&case.family).or_insert_with(|| Knowledge::without_system(&case.family));
    }
    for (title, honest) in [("with all knowledge", false), ("own system left out", true)] {
        println!("== {title}");
        let mut all: Vec<Outcome> = Vec::new();
        let (mut grains, mut units, mut units_of, mut systems, mut mistaken) = (0, 0, 0, 0, 0);
        for case in &cases {
            let knowledge = if honest { &left_out[case.family.as_str()] } else { Knowledge::shipped() };
            let mapping = propose(&case.table, knowledge, &Remembered::nothing());
            let outcomes = compare(&case.truth, &mapping);
            let accuracy = Accuracy::of(&outcomes);
            let grain = case.truth.granularity == Some(mapping.granularity);
            grains += usize::from(grain);
            let system = mapping.source_system.as_ref().map_or("-", |system| system.name.as_str());
            systems += usize::from(system != "-");
            mistaken += usize::from(system != "-" && !same_family(system, &case.family));
            println!(
                "{:<34} F1 {:.2} hit@1 {:.2} @3 {:.2} kept {:.2}  {}{}  {}",
                case.truth.case,
                accuracy.f1,
                accuracy.hit_at_1,
                accuracy.hit_at_3,
                accuracy.unmapped_kept,
                mapping.granularity.as_str(),
                if grain { "" } else { " (WRONG)" },
                system
            );
            for (column, outcome) in mapping.columns.iter().zip(&outcomes) {
                if let Some((_, unit)) = case.units.iter().find(|(name, _)| *name == column.source)
                    && outcome.is_right()
                {
                    units_of += 1;
                    let stated = column.unit.map_or("none", ontology::Unit::as_str);
                    let right = same_unit(unit, stated);
                    units += usize::from(right);
                    if !right && errors {
                        println!("      unit of {}: {stated}, not {unit}", column.source);
                    }
                }
                if unsure && outcome.is_right() && matches!(outcome.status, Status::Check | Status::YourCall)
                {
                    println!(
                        "      UNSURE {} {:.2} {}",
                        outcome.proposed.as_deref().unwrap_or("-"),
                        outcome.confidence,
                        outcome.source
                    );
                }
                if errors && !outcome.is_right() {
                    println!(
                        "      {:<36} {} ({:.2} {}) not {}{}",
                        outcome.source,
                        outcome.proposed.as_deref().unwrap_or("-"),
                        outcome.confidence,
                        outcome.status.as_str(),
                        if outcome.expected.is_empty() { "-".to_owned() } else { outcome.expected.join("|") },
                        outcome.rank.map_or_else(String::new, |rank| format!("  [{rank}]")),
                    );
                }
            }
            all.extend(outcomes);
        }
        summary("all", &Accuracy::of(&all));
        println!(
            "granularity {grains}/{}, units {units}/{units_of}, systems named {systems}/{}, {mistaken} of them wrongly",
            cases.len(),
            cases.len()
        );
        trust(&all);
        let mut languages: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
        for case in &cases {
            let language = if case.technical { "technical" } else { case.language.as_str() };
            let of_case = all.iter().filter(|outcome| outcome.case == case.truth.case).cloned();
            languages.entry(language).or_default().extend(of_case);
        }
        for (language, outcomes) in &languages {
            summary(language, &Accuracy::of(outcomes));
        }
    }
}

/// How many decisions can be trusted before the first, second, … wrong one, surest first.
fn trust(outcomes: &[Outcome]) {
    let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let wrong = sorted.iter().enumerate().filter(|(_, outcome)| !outcome.is_right()).take(12);
    for (place, outcome) in wrong {
        println!(
            "   wrong at {place} ({:.4}): {} {} as {}",
            outcome.confidence,
            outcome.case,
            outcome.source,
            outcome.proposed.as_deref().unwrap_or("-")
        );
    }
}

/// Whether the system of a table is recognised by what is known of its other tables, by the kind of names.
fn systems_by_other_tables() {
    let tables = known_tables();
    let place = |system: &str, case: &str| -> (String, String) {
        let rest = case.strip_prefix(system).unwrap_or(case).trim_start();
        rest.rsplit_once(' ').map_or((rest.to_owned(), String::new()), |(table, language)| {
            (table.to_owned(), language.to_owned())
        })
    };
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for (system, profile, truth) in &tables {
        let (table, language) = place(system, &truth.case);
        let has_others =
            tables.iter().any(|(other, _, truth)| other == system && place(other, &truth.case).0 != table);
        if !has_others {
            continue;
        }
        let knowledge = Knowledge::without_table(system, &table);
        let found = propose(profile, &knowledge, &Remembered::nothing()).source_system;
        let place = match &found {
            Some(found) if found.name == *system => 0,
            Some(_) => 1,
            None => 2,
        };
        counts.entry(language).or_default()[place] += 1;
        if place > 0 {
            println!("{}: {}", truth.case, found.map_or_else(|| "-".to_owned(), |found| found.name));
        }
    }
    for (language, [right, wrong, none]) in counts {
        println!("names in {language:?}: right {right}, wrong {wrong}, not named {none}");
    }
}

fn names_only(errors: bool) {
    let mut systems: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
    let mut left_out: BTreeMap<String, Knowledge> = BTreeMap::new();
    let mut with_all: Vec<Outcome> = Vec::new();
    let mut named = (0, 0);
    for (system, table, truth) in known_tables() {
        let mapping = propose(&table, Knowledge::shipped(), &Remembered::nothing());
        let outcomes = compare(&truth, &mapping);
        for outcome in outcomes.iter().filter(|outcome| errors && !outcome.is_right()) {
            println!(
                "KNOWN {} {}: {} ({:.2}) not {}",
                outcome.case,
                outcome.source,
                outcome.proposed.as_deref().unwrap_or("-"),
                outcome.confidence,
                outcome.expected.join("|")
            );
        }
        named.0 += usize::from(mapping.source_system.is_some_and(|found| found.name == system));
        named.1 += 1;
        with_all.extend(outcomes);
        let knowledge = left_out.entry(system.clone()).or_insert_with(|| Knowledge::without_system(&system));
        let mapping = propose(&table, knowledge, &Remembered::nothing());
        let outcomes = compare(&truth, &mapping);
        if errors {
            println!("-- {} {:?} {}", truth.case, truth.granularity, mapping.granularity.as_str());
            for outcome in outcomes.iter().filter(|outcome| !outcome.is_right()) {
                println!(
                    "{:<36} {} ({:.2}) not {}",
                    outcome.source,
                    outcome.proposed.as_deref().unwrap_or("-"),
                    outcome.confidence,
                    outcome.expected.join("|")
                );
            }
        }
        systems.entry(system).or_default().extend(outcomes);
    }
    for (system, outcomes) in &systems {
        summary(system, &Accuracy::of(outcomes));
    }
    println!("systems named {}/{}", named.0, named.1);
    summary("with the own system", &Accuracy::of(&with_all));
    summary("all", &Accuracy::of(&systems.into_values().flatten().collect::<Vec<_>>()));
}

fn summary(title: &str, accuracy: &Accuracy) {
    let statuses: Vec<String> = accuracy
        .at_status
        .iter()
        .map(|at| format!("{} {}/{}", at.status.as_str(), at.right, at.columns))
        .collect();
    println!(
        "{title:<10} {} columns: precision {:.3} recall {:.3} F1 {:.3} hit@1 {:.3} hit@3 {:.3} kept {:.3} calibration error {:.3} files all right {:.2}; {}",
        accuracy.columns,
        accuracy.precision,
        accuracy.recall,
        accuracy.f1,
        accuracy.hit_at_1,
        accuracy.hit_at_3,
        accuracy.unmapped_kept,
        accuracy.calibration_error,
        accuracy.files_all_right,
        statuses.join(", ")
    );
}

fn same_unit(expected: &str, stated: &str) -> bool {
    matches!(
        (expected, stated),
        ("h" | "HH:MM", "hours")
            | ("min", "minutes")
            | ("s", "seconds")
            | ("ms", "milliseconds")
            | ("min/unit", "minutes/unit")
            | ("h/unit", "hours/unit")
            | ("pcs/h", "units/hour")
    )
}
