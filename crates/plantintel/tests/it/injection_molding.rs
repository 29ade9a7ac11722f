//! The exports of a real plastics plant, against sums computed independently with pandas.

use crate::program::{call, shared};

/// Good pieces and defects of all monthly reports.
const GOOD: f64 = 15_365_717.0;
const DEFECTS: f64 = 470_615.0;

#[test]
fn pieces_and_days_of_the_reports_are_those_of_the_files() {
    let Some(folder) = shared("real-data/injection-molding") else { return };
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().display().to_string()).collect();
    files.sort();
    // The reports alone, with the orders, and with the lists of machines, moulds and items that came along.
    for parts in [&["monthlyReports_"][..], &["monthlyReports_", "purchaseOrder_"], &[".xls"]] {
        let chosen = files.iter().filter(|file| parts.iter().any(|part| file.contains(part)));
        let mut arguments = vec!["analyze", "--json"];
        arguments.extend(chosen.map(String::as_str));
        let answer = call(&arguments).json();
        let kpis = answer["kpis"].as_array().unwrap();
        // The first of a figure is that of the whole plant.
        let of = |id: &str| kpis.iter().find(|kpi| kpi["id"] == id).unwrap();
        let number = |id: &str, part: &str| of(id)[part].as_f64().unwrap();
        assert!(
            (number("quality_ratio", "numerator") - GOOD).abs() < 0.5,
            "{parts:?} {}",
            of("quality_ratio")
        );
        assert!((number("quality_ratio", "denominator") - GOOD - DEFECTS).abs() < 0.5, "{parts:?}");
        assert!((number("scrap_ratio", "numerator") - DEFECTS).abs() < 0.5, "{}", of("scrap_ratio"));
        assert_eq!(answer["period"]["start"], "2018-11-01");
        assert_eq!(answer["period"]["end"], "2019-01-31");
        let score = answer["data_quality"]["score"].as_u64().unwrap();
        assert!(score >= 90, "{parts:?}: lists and idle machines are no defect, and the score is {score}");
        let kinds: Vec<&str> = answer["data_quality"]["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|item| item["kind"].as_str())
            .collect();
        assert!(!kinds.contains(&"scrap_over_quantity"), "{parts:?}: {kinds:?}");
    }
}
