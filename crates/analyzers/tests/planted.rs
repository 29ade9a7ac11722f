//! Planted truth: what is in a plant is found, what is not there is not, and the money adds up.

#![expect(clippy::unwrap_used, reason = "a plant that can not be made fails its test")]

mod plants;

use std::path::Path;

use analyzers::{
    engine::{
        frame::{Codes, Column, Frame},
        plant::Plant,
    },
    run::SuiteResult,
};
use domain::{Finding, Settings, analysis::EvidenceGrade, settings::Preset};
use generator::{
    DirectorySink, PlantSpec, Problem, Problems,
    evaluation::{PlantScore, ReportedFinding, evaluate},
    generate,
    truth::Truth,
};
use rust_decimal::Decimal;

struct Bench {
    scratch: tempfile::TempDir,
    truth: Truth,
    plant: Plant,
}

fn bench(orders: u64, seed: u64, problems: Problems) -> Bench {
    let scratch = tempfile::tempdir().unwrap();
    let spec = PlantSpec { problems, ..PlantSpec::new(orders, seed) };
    generate(&spec, &mut DirectorySink::create(scratch.path()).unwrap()).unwrap();
    let truth = plants::truth(scratch.path());
    let plant = load(scratch.path(), &truth);
    Bench { scratch, truth, plant }
}

fn load(dir: &Path, truth: &Truth) -> Plant {
    plants::load(&plants::sources(dir, truth, dir, None))
}

fn claims(result: &SuiteResult) -> impl Iterator<Item = &Finding> {
    result.findings.iter().filter(|finding| finding.evidence_grade != EvidenceGrade::Hint)
}

fn score(bench: &Bench, result: &SuiteResult) -> PlantScore {
    let claims: Vec<ReportedFinding> = claims(result).map(ReportedFinding::from).collect();
    evaluate(&bench.truth, &claims, 5)
}

#[test]
fn planted_problems_are_found_and_nothing_else() {
    let bench = bench(2_000, 11, Problems::all());
    let result = analyzers::run::suite(&bench.plant, &Settings::default());
    let score = score(&bench, &result);
    assert!(score.recall() >= 0.9, "{:#?}", score.problems);
    assert!(score.wrong.len() <= 1, "{:#?}", score.wrong);
    let errors = score.problems.iter().filter_map(|problem| problem.dollar_error);
    assert!(errors.clone().filter(|error| error.abs() > 0.15).count() <= 1, "{:#?}", score.problems);
    for finding in &result.findings {
        assert!(!finding.title.is_empty() && !finding.evidence_rows.is_empty(), "{finding:#?}");
        assert!(finding.entities.iter().all(|entity| !entity.field.as_str().starts_with("employee")));
    }
}

#[test]
fn a_clean_plant_is_left_alone() {
    let bench = bench(2_000, 12, Problems::none());
    let result = analyzers::run::suite(&bench.plant, &Settings::default());
    let score = score(&bench, &result);
    assert!(score.wrong.is_empty(), "{:#?}", score.wrong);
}

#[test]
fn machines_at_risk_are_those_with_planted_problems() {
    let bench = bench(2_000, 11, Problems::all());
    let result = analyzers::run::suite(&bench.plant, &Settings::default());
    let machines = &result.breakdown.machines;
    let first: Vec<&str> = machines.iter().take(3).map(|line| line.machine.as_str()).collect();
    assert!(first.contains(&"M21") && first.contains(&"M07"), "{first:?}");
    let drifting = machines.iter().find(|line| line.machine == "M07").unwrap();
    assert!(drifting.reasons.iter().any(|reason| reason.contains("slower")), "{drifting:#?}");
    let mean = machines.iter().filter_map(|line| line.chance).sum::<f64>()
        / machines.iter().filter(|line| line.chance.is_some()).count() as f64;
    let often = machines.iter().find(|line| line.machine == "M21").unwrap().chance.unwrap();
    assert!(often > mean, "{often} of {mean} on average");
    let clean = self::bench(2_000, 12, Problems::none());
    let clean = analyzers::run::suite(&clean.plant, &Settings::default());
    for line in &clean.breakdown.machines {
        let own = |reason: &&String| {
            reason.starts_with("Going by its own stops") || reason.starts_with("Its service")
        };
        assert_eq!(line.reasons.iter().filter(own).count(), line.reasons.len(), "{line:#?}");
    }
    let sides = result.breakdown.sides.as_ref().unwrap();
    assert_eq!(sides.over.amount - sides.under.amount, result.totals.variance.amount);
}

#[test]
fn findings_begin_with_what_the_contract_says_they_are_about() {
    for seed in [11, 21] {
        let bench = bench(2_000, seed, Problems::all());
        let result = analyzers::run::suite(&bench.plant, &Settings::default());
        for finding in &result.findings {
            let allowed: &[&str] = match finding.type_ {
                "labor_efficiency_variance" => &["product_id", "machine_id", "shift", "work_center_id"],
                "material_price_variance" => &["supplier_id", "material_id"],
                "material_usage_variance" => &["material_id", "product_id"],
                "labor_rate_variance" | "queue_time" => &["work_center_id"],
                "standard_error" => &["product_id"],
                "setup_overrun" => &["product_family", "work_center_id", "machine_id"],
                "run_time_degradation" | "mtbf" | "mttr" | "energy_per_hour" => &["machine_id"],
                "late_release" => &["planner_id"],
                _ => continue,
            };
            let first = finding.entities.first().map(|entity| entity.field.as_str());
            assert!(first.is_some_and(|first| allowed.contains(&first)), "{} of {first:?}", finding.title);
        }
    }
}

#[test]
fn findings_and_remainder_are_the_variance_to_the_cent() {
    let bench = bench(1_000, 13, Problems::all());
    let result = analyzers::run::suite(&bench.plant, &Settings::default());
    let totals = &result.totals;
    assert_eq!(totals.explained.amount + totals.remainder.amount, totals.variance.amount);
    assert_eq!(totals.planned_cost.amount + totals.variance.amount, totals.actual_cost.amount);
    let parts: Decimal = totals.parts.iter().map(|(_, part)| part.amount).sum();
    assert_eq!(parts, totals.variance.amount);
    let told: Decimal =
        claims(&result).filter_map(|finding| finding.impact.as_ref()).map(|impact| impact.value.amount).sum();
    assert_eq!(told, totals.explained.amount);
}

#[test]
fn the_same_plant_gives_the_same_findings_in_any_order_of_rows() {
    let bench = bench(1_000, 14, Problems::all());
    let result = analyzers::run::suite(&bench.plant, &Settings::default());
    let again = analyzers::run::suite(&bench.plant, &Settings::default());
    assert_eq!(format!("{:?}", result.findings), format!("{:?}", again.findings));

    // The rows of every file back to front.
    let scratch = tempfile::tempdir().unwrap();
    for file in bench.truth.fields.keys() {
        let text = std::fs::read_to_string(bench.scratch.path().join(file)).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        std::fs::write(scratch.path().join(file), lines.join("\r\n")).unwrap();
    }
    let shuffled = analyzers::run::suite(&load(scratch.path(), &bench.truth), &Settings::default());
    let said = |result: &SuiteResult| -> Vec<(String, String)> {
        result.findings.iter().map(|finding| (finding.id.clone(), finding.title.clone())).collect()
    };
    assert_eq!(said(&result), said(&shuffled));
    let risks = |result: &SuiteResult| -> Vec<(String, u8)> {
        result.breakdown.machines.iter().map(|line| (line.machine.clone(), line.risk)).collect()
    };
    assert_eq!(risks(&result), risks(&shuffled));
    assert_eq!(result.breakdown.sides, shuffled.breakdown.sides);
}

/// Picks a table of a plant.
type Table = fn(&mut Plant) -> &mut Frame;

/// Dealt out anew, the labels of a factor explain nothing, so nothing may be said of it.
#[test]
fn permuted_labels_are_innocent() {
    let bench = bench(1_500, 16, Problems::all());
    let cases: [(Table, &str, &[&str]); 5] = [
        (|plant| &mut plant.orders, "planner_id", &[]),
        (|plant| &mut plant.orders, "customer_id", &[]),
        (|plant| &mut plant.materials, "supplier_id", &[]),
        (|plant| &mut plant.bookings, "shift", &[]),
        // The number of stops of each machine stays what it was; only how long they take is dealt out.
        (|plant| &mut plant.events, "machine_id", &["mtbf", "oee_loss"]),
    ];
    for (frame, field, kept) in cases {
        let mut plant = bench.plant.clone();
        let Some(Column::Words(words)) = frame(&mut plant).columns.get_mut(field) else {
            panic!("the plant has no {field}")
        };
        // A fixed shuffle (Fisher-Yates with a linear congruential generator).
        let mut state = 99_u64;
        let mut codes: Vec<u32> = words.iter().collect();
        for at in (1..codes.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            codes.swap(at, (state >> 33) as usize % (at + 1));
        }
        *words = Codes::new(codes, words.names.clone());
        let result = analyzers::run::suite(&plant, &Settings::default());
        let of_events = field == "machine_id";
        for finding in claims(&result).filter(|finding| !kept.contains(&finding.type_)) {
            let named = finding.entities.iter().any(|entity| entity.field.as_str() == field);
            let about_events = matches!(finding.type_, "mttr" | "downtime_reason" | "maintenance_interval");
            assert!(!(named && (!of_events || about_events)), "{field}: {}", finding.title);
        }
    }
}

#[test]
fn a_bolder_preset_never_says_less() {
    let bench = bench(
        1_500,
        15,
        [Problem::SupplierPrice, Problem::MachineDrift, Problem::LaborRate].into_iter().collect(),
    );
    let said = |preset| {
        let result = analyzers::run::suite(&bench.plant, &Settings::preset(preset));
        claims(&result).map(|finding| finding.id.clone()).collect::<std::collections::BTreeSet<_>>()
    };
    let [conservative, balanced, aggressive] = Preset::ALL.map(said);
    assert!(conservative.is_subset(&balanced), "{conservative:?} {balanced:?}");
    assert!(balanced.is_subset(&aggressive), "{balanced:?} {aggressive:?}");
}

fn with(orders: u64, seed: u64, problems: &[Problem]) -> (Bench, SuiteResult) {
    let bench = bench(orders, seed, problems.iter().copied().collect());
    let result = analyzers::run::suite(&bench.plant, &Settings::default());
    (bench, result)
}

/// A plain detector knows steps only, and dates a drift 80 to 90 days late.
#[test]
fn a_drift_is_dated_at_its_start_and_not_where_a_step_would_fit() {
    for seed in [61, 62, 63] {
        let (bench, result) = with(5_000, seed, &[Problem::MachineDrift]);
        let score = score(&bench, &result);
        let days = score.problems[0].date_error.unwrap();
        assert!(days.abs() <= 45, "{days} days, seed {seed}");
    }
}

/// A plain detector takes one dispersion for lots of all sizes, and names shifts and machines for their large lots.
#[test]
fn lots_of_all_sizes_scatter_without_a_scrap_finding() {
    for seed in 71..81 {
        let (_, result) = with(1_000, seed, &[]);
        let scrap = claims(&result).filter(|finding| {
            matches!(finding.type_, "scrap_rate" | "rework_rate" | "quality_shift" | "first_pass_yield")
        });
        let said: Vec<&str> = scrap.map(|finding| finding.title.as_str()).collect();
        assert!(said.is_empty(), "seed {seed}: {said:?}");
    }
}

/// A plain detector blames queues for orders that were released late.
#[test]
fn late_release_is_not_blamed_on_queues() {
    for seed in [81, 82, 83] {
        let (_, result) = with(5_000, seed, &[Problem::LateRelease]);
        let told: Vec<&str> = claims(&result).map(|finding| finding.type_).collect();
        assert!(told.contains(&"late_release"), "{told:?}");
        assert!(!told.contains(&"late_orders") && !told.contains(&"bottleneck"), "{told:?}");
    }
}
