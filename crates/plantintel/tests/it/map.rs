//! `plantintel map`.

use crate::program::{call, plant};

#[test]
fn a_saved_mapping_is_taken_by_analyze_and_needs_no_decision() {
    let folder = tempfile::tempdir().unwrap();
    let files = plant(folder.path(), 200, "none");
    let saved = folder.path().join("saved.json").display().to_string();
    let answer = call(&["map", &files[0], "--save", &saved, "--json"]);
    let mapping = answer.json();
    assert!(mapping["columns"].as_array().unwrap().iter().any(|column| column["field"] == "work_order_id"));
    for column in mapping["columns"].as_array().unwrap() {
        let status = column["status"].as_str().unwrap();
        assert!(["sure", "check", "your_call", "unused"].contains(&status), "{status}");
        let confidence = column["confidence"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&confidence));
    }
    let answer = call(&["analyze", &files[0], "--mapping", &saved, "--json"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
}

#[test]
fn a_broken_mapping_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.json");
    std::fs::write(&path, "{}").unwrap();
    let data = folder.path().join("d.csv");
    std::fs::write(&data, "Job,Qty\n1,2\n2,3\n").unwrap();
    let answer = call(&["analyze", &data.display().to_string(), "--mapping", &path.display().to_string()]);
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    assert!(answer.stderr.contains("--save"), "{}", answer.stderr);
}
