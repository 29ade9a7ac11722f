//! `plantintel eval`, `completions` and `man`.

use crate::program::{call, plant, shared};

#[test]
fn findings_are_judged_against_planted_truth() {
    let folder = tempfile::tempdir().unwrap();
    plant(&folder.path().join("p1"), 1_000, "all");
    let answer = call(&["eval", "findings", &folder.path().display().to_string(), "--json"]).json();
    assert_eq!(answer["summary"]["plants"], 1);
    assert_eq!(answer["ledger_closes"], true);
}

#[test]
fn systems_that_were_never_seen_are_mapped() {
    let Some(examples) = shared("erp-examples") else { return };
    let answer = call(&["eval", "mapping", &examples.display().to_string(), "--unseen", "--json"]).json();
    let f1 = answer["f1"].as_f64().unwrap();
    assert!(f1 >= 0.80, "F1 {f1}");
    let sure = &answer["statuses"]["sure"];
    assert!(sure["accuracy"].as_f64().unwrap() >= 0.99, "{sure}");
}

#[test]
fn a_folder_without_cases_is_input_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    assert_eq!(call(&["eval", "mapping", &path]).code, 3);
    assert_eq!(call(&["eval", "findings", &path]).code, 3);
}

#[test]
fn shells_and_manual_readers_are_served() {
    assert!(call(&["completions", "bash"]).text().contains("plantintel"));
    assert!(call(&["man"]).text().contains(".TH"));
    // Not without any argument: that starts the product, and `serve.rs` looks at it.
    assert_eq!(call(&["no-such-command"]).code, 2);
}
