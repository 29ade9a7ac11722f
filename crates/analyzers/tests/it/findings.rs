//! From a customer's files to findings: what was planted is named, through the same tables that a customer gets.

use domain::Settings;
use generator::{
    Problems,
    evaluation::{evaluate, reported},
};

use crate::plants::plant;

#[test]
fn planted_problems_come_through_canonical_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (truth, built) = plant(folder.path(), Problems::all());
    let analysis = analyzers::analyze(&built.canonical, &Settings::default()).unwrap();
    let score = evaluate(&truth, &reported(&analysis), 5);
    assert!(score.recall() >= 0.9, "{:#?}", score.problems);
    assert!(score.wrong.len() <= 1, "{:#?}", score.wrong);
    assert_eq!(
        analysis.totals.explained.amount + analysis.totals.remainder.amount,
        analysis.totals.variance.amount
    );
    for finding in &analysis.findings {
        assert!(finding.evidence_rows.iter().all(|row| !row.file.is_empty() && row.row > 1), "{finding:#?}");
    }
    let again = analyzers::analyze(&built.canonical, &Settings::default()).unwrap();
    assert_eq!(format!("{analysis:?}"), format!("{again:?}"), "same input, same analysis");
}
