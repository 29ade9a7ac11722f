//! `cargo run -p analyzers --example plants -- [--verbose] [--preset NAME] [--only TABLE] DIR…`: findings on generated
//! plants against their truth.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for people at the bench")]

#[path = "../tests/plants/mod.rs"]
mod plants;

use std::{path::PathBuf, time::Instant};

use domain::{Settings, settings::Preset};
use generator::evaluation::{PlantScore, ReportedFinding, evaluate, summary::summarize};

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    let (mut verbose, mut settings, mut only, mut dirs) = (false, Settings::default(), None, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--verbose" => verbose = true,
            "--preset" => settings = Settings::preset(Preset::named(&arguments.next().unwrap()).unwrap()),
            "--only" => only = arguments.next(),
            _ => dirs.push(PathBuf::from(argument)),
        }
    }
    let mut scores: Vec<PlantScore> = Vec::new();
    for dir in dirs {
        let truth = plants::truth(&dir);
        let scratch = tempfile::tempdir().unwrap();
        let sources = plants::sources(&dir, &truth, scratch.path(), only.as_deref());
        let begun = Instant::now();
        let plant = plants::load(&sources);
        let loaded = begun.elapsed();
        let result = analyzers::run::suite(&plant, &settings);
        let elapsed = begun.elapsed();
        let claims: Vec<ReportedFinding> = result
            .findings
            .iter()
            .filter(|finding| finding.evidence_grade != domain::analysis::EvidenceGrade::Hint)
            .map(ReportedFinding::from)
            .collect();
        let tier = if only.is_some() { 1 } else { 5 };
        let score = evaluate(&truth, &claims, tier);
        println!(
            "{}: recall {:.2}, {} findings, {} right, {} neutral, {} wrong, {:.1?} ({loaded:.1?} to load)",
            dir.display(),
            score.recall(),
            score.findings,
            score.right,
            score.neutral,
            score.wrong.len(),
            elapsed,
        );
        let totals = &result.totals;
        let parts: rust_decimal::Decimal = totals.parts.iter().map(|(_, part)| part.amount).sum();
        if totals.explained.amount + totals.remainder.amount != totals.variance.amount
            || parts != totals.variance.amount
        {
            println!("  the ledger does NOT close: {totals:?}");
        }
        for wrong in &score.wrong {
            println!("  wrong: {} {:?} {:?}", wrong.type_, wrong.entities, wrong.impact);
        }
        for problem in &score.problems {
            if verbose || !problem.found || problem.dollar_error.is_some_and(|error| error.abs() > 0.2) {
                println!(
                    "  {}: found {}, planted {:?}, error {:?}, covered {:?}, days {:?}",
                    problem.id,
                    problem.found,
                    problem.impact,
                    problem.dollar_error,
                    problem.covered,
                    problem.date_error
                );
            }
        }
        if verbose {
            for finding in &result.findings {
                println!(
                    "  [{}] {} ({}) q={:.1e} effect {:?}",
                    finding.priority, finding.title, finding.type_, finding.q, finding.effect
                );
                for sentence in &finding.observations {
                    println!("        {sentence}");
                }
                println!(
                    "        shadows {:?}",
                    finding.shadows.iter().map(|shadow| &shadow.value).collect::<Vec<_>>()
                );
            }
            println!("  {:?}\n  run {:?}\n  skipped {:?}", result.totals, result.run, result.skipped);
        }
        scores.push(score);
    }
    println!("{:#?}", summarize(&scores));
}
