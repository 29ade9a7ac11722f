//! The judge is judged: perfect answers, silence, and answers that are wrong in known ways.

use generator::{
    MemorySink, PlantSpec, Problems,
    evaluation::{Interval, PlantScore, ReportedFinding, evaluate, summary::summarize},
    generate,
    truth::{Entity, Match, Truth},
};

fn truth(problems: Problems) -> Truth {
    generate(&PlantSpec { problems, ..PlantSpec::new(1_000, 5) }, &mut MemorySink::default()).unwrap()
}

fn finding(
    type_: &str,
    entities: &[(&str, &str)],
    dollars: Option<f64>,
    start: Option<&str>,
) -> ReportedFinding {
    let entity =
        |(field, value): &(&str, &str)| Entity { field: (*field).to_owned(), value: (*value).to_owned() };
    ReportedFinding {
        type_: type_.to_owned(),
        entities: entities.iter().map(entity).collect(),
        impact: dollars.map(|value| Interval { value, low: value * 0.9, high: value * 1.1 }),
        start: start.map(str::to_owned),
    }
}

/// What an all-knowing analysis would report, with its dollars multiplied by `factor`.
fn perfect(truth: &Truth, factor: f64) -> Vec<ReportedFinding> {
    let mut findings = Vec::new();
    for expected in &truth.expected {
        let dollars = |impact: Option<f64>| {
            impact.map(|value| Interval {
                value: value * factor,
                low: value * factor * 0.9,
                high: value * factor * 1.1,
            })
        };
        let groups: Vec<(Vec<Entity>, Option<f64>)> = if expected.match_ == Match::Any {
            let part = |entity: &Entity| {
                (vec![entity.clone()], expected.impact_by_entity.get(&entity.value).copied())
            };
            expected.entities.iter().map(part).collect()
        } else {
            vec![(expected.entities.clone(), expected.impact)]
        };
        for (entities, impact) in groups {
            findings.push(ReportedFinding {
                type_: expected.type_.clone(),
                entities,
                impact: dollars(impact),
                start: expected.start.clone(),
            });
        }
    }
    findings
}

fn problem<'a>(score: &'a PlantScore, id: &str) -> &'a generator::evaluation::ProblemScore {
    score.problems.iter().find(|problem| problem.id == id).unwrap()
}

#[test]
fn perfect_answers_are_perfect() {
    let truth = truth(Problems::all());
    let score = evaluate(&truth, &perfect(&truth, 1.0), 5);
    let summary = summarize(&[score]);
    assert_eq!((summary.recall, summary.false_discovery_rate, summary.ten_largest_found), (1.0, 0.0, 1.0));
    assert_eq!(summary.interval_coverage, Some(1.0));
    assert!(summary.dollar_error.unwrap().max < 1e-6);
    assert_eq!(summary.step_days.unwrap().max, 0.0);
    assert_eq!(summary.found.len(), 13);
}

#[test]
fn dollars_that_are_off_are_measured() {
    let truth = truth(Problems::all());
    let score = evaluate(&truth, &perfect(&truth, 1.25), 5);
    assert!((problem(&score, "supplier_price").dollar_error.unwrap() - 0.25).abs() < 1e-9);
    assert_eq!(problem(&score, "low_standards").covered, Some(false));
}

#[test]
fn silence_finds_nothing_and_is_never_wrong() {
    let score = evaluate(&truth(Problems::all()), &[], 5);
    assert_eq!((score.recall(), score.false_discovery_rate()), (0.0, 0.0));
    assert_eq!(evaluate(&truth(Problems::none()), &[], 5).recall(), 1.0);
}

#[test]
fn findings_are_judged_by_what_they_name() {
    let truth = truth(Problems::all());
    for (type_, entities, right, neutral, wrong) in [
        ("rework_rate", &[("product_family", "C"), ("machine_id", "M12")][..], 1, 0, 0),
        ("rework_rate", &[("machine_id", "M12")], 0, 1, 0),
        ("rework_rate", &[("machine_id", "M11")], 0, 0, 1),
        ("standard_error", &[("product_id", "P014")], 1, 0, 0),
        ("standard_error", &[("product_id", "P033")], 0, 1, 0),
        ("standard_error", &[("product_id", "P044")], 0, 0, 1),
        ("labor_efficiency_variance", &[("machine_id", "M12")], 0, 0, 1),
        ("material_price_variance", &[("facility_id", "F01"), ("supplier_id", "S03")], 1, 0, 0),
        ("material_price_variance", &[("supplier_id", "S04")], 0, 0, 1),
        ("scrap_rate", &[("shift", "2")], 0, 0, 1),
        ("order_overrun", &[("work_order_id", "J100001")], 0, 1, 0),
        ("setup_overrun", &[("machine_id", "M03")], 0, 1, 0),
        ("setup_overrun", &[("product_id", "P002")], 0, 0, 1),
        ("setup_overrun", &[("product_family", "F")], 1, 0, 0),
        ("scrap_rate", &[("employee_id", "E003")], 0, 1, 0),
        ("scrap_rate", &[("employee_id", "E002")], 0, 0, 1),
        ("late_orders_driver", &[("planner_id", "PL3")], 1, 0, 0),
        ("late_orders_driver", &[("planner_id", "PL2")], 0, 0, 1),
        ("bottleneck", &[("machine_id", "M14")], 1, 0, 0),
        ("bottleneck", &[("work_center_id", "WC-10")], 0, 0, 1),
        ("energy_per_hour", &[("machine_id", "M17")], 1, 0, 0),
        ("labor_rate_variance", &[("machine_id", "M20")], 0, 1, 0),
        ("labor_rate_variance", &[("work_center_id", "WC-30")], 0, 0, 1),
    ] {
        let score = evaluate(&truth, &[finding(type_, entities, Some(10.0), None)], 5);
        assert_eq!(
            (score.right, score.neutral, score.wrong.len()),
            (right, neutral, wrong),
            "{type_} {entities:?}"
        );
    }
}

#[test]
fn on_a_clean_plant_what_was_planted_elsewhere_is_wrong() {
    let clean = truth(Problems::none());
    let planted = truth(Problems::all());
    let score = evaluate(&clean, &perfect(&planted, 1.0), 5);
    assert_eq!((score.right, score.neutral), (0, 0));
    assert_eq!(score.false_discovery_rate(), 1.0);
    assert!(score.false_dollars > 0.0);
}

#[test]
fn a_header_has_four_problems_to_find() {
    let truth = truth(Problems::all());
    let ids: Vec<String> = evaluate(&truth, &[], 1).problems.into_iter().map(|problem| problem.id).collect();
    assert_eq!(ids, ["supplier_price", "low_standards", "material_usage", "late_release"]);
}

#[test]
fn dates_are_held_against_the_planted_day() {
    let truth = truth(Problems::all());
    let drift = truth.expected.iter().find(|expected| expected.id == "machine_drift").unwrap();
    let planted: jiff::civil::Date = drift.start.as_ref().unwrap().parse().unwrap();
    let late = planted.checked_add(jiff::Span::new().days(40)).unwrap().to_string();
    let score =
        evaluate(&truth, &[finding("run_time_degradation", &[("machine_id", "M07")], None, Some(&late))], 5);
    assert_eq!(problem(&score, "machine_drift").date_error, Some(40));
}

#[test]
fn saying_it_twice_is_noticed() {
    let truth = truth(Problems::all());
    let twice = [
        finding("rework_rate", &[("product_family", "C"), ("machine_id", "M12")], Some(1.0), None),
        finding("rework_rate", &[("machine_id", "M12"), ("product_family", "C")], Some(1.0), None),
    ];
    assert_eq!(evaluate(&truth, &twice, 5).repeated, 1);
}
