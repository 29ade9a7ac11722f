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
    // A script may ask for the name, whether or not the system is known.
    assert!(
        mapping["source_system"].get("name").is_some() && mapping["source_system"]["confidence"].is_number()
    );
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

#[test]
fn a_saved_mapping_prepares_cells_and_makes_columns() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("jobs.csv");
    let mut text = "Job;Item;Made;Rate;Plan Cost;Done\n".to_owned();
    let mut cost = 0_i32;
    for job in 0..60 {
        let made = 10 + job % 7;
        cost += made * 3;
        text.push_str(&format!(
            "J{job:04};P{};{made} good ones;3.00;{};2026-03-{:02}\n",
            job % 3,
            made * 3,
            1 + job % 28
        ));
    }
    std::fs::write(&data, text).unwrap();
    let saved = folder.path().join("m.json");
    let column = |source: &str, field: Option<&str>| serde_json::json!({"source": source, "field": field});
    let table = |expression: &str| {
        serde_json::json!({"plantintel_mapping": 1, "tables": [{
            "file": "jobs.csv", "source_system": null, "granularity": "header", "grain_columns": ["Job"],
            "columns": [column("Job", Some("work_order_id")), column("Item", Some("product_id")),
                column("Made", Some("quantity_completed")), column("Rate", None),
                column("Plan Cost", Some("planned_total_cost")), column("Done", Some("actual_end")),
                column("Total", Some("actual_total_cost"))],
            "preparation": [
                {"column": "Total", "rule": {"rule": "formula", "expression": expression}},
                {"column": "Made", "steps": [{"step": "remove_units", "units": ["good ones"]}, {"step": "parse_number"}]}
            ]}]})
        .to_string()
    };
    std::fs::write(&saved, table("{Made} * {Rate}")).unwrap();
    let (data, saved_name) = (data.display().to_string(), saved.display().to_string());
    let answer = call(&["analyze", &data, "--mapping", &saved_name, "--json"]);
    let analysis = answer.json();
    assert_eq!(analysis["totals"]["actual_cost"].as_f64(), Some(f64::from(cost)), "{}", answer.stderr);
    assert!(answer.stderr.contains("Made: 60 of 60 cells changed"), "{}", answer.stderr);
    assert!(answer.stderr.contains("Total: 60 of 60 cells changed"), "{}", answer.stderr);

    std::fs::write(&saved, table("{Made} * {Price}")).unwrap();
    let answer = call(&["analyze", &data, "--mapping", &saved_name, "--json"]);
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    assert!(answer.stderr.contains("no column \"Price\""), "{}", answer.stderr);
}
