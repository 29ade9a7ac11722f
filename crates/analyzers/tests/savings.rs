//! Savings: an improvement planted at a date is verified with its amount, and one that never came is not.

#![expect(clippy::unwrap_used, reason = "a plant that can not be made fails its test")]

mod plants;

use analyzers::{
    engine::plant::Plant,
    savings::{Opportunity, Verdict, Verification, verify},
};
use domain::{Finding, Settings, analysis::EntityRef};
use generator::{DirectorySink, Improvement, PlantSpec, Problem, generate, truth::Truth};
use ontology::FieldId;
use tempfile::TempDir;

const WEEK_OF_THE_CURE: u32 = 45;

/// A plant with one problem, cured or not: its files, what they hold, and what the problem costs.
fn made(seed: u64, problem: Problem, cured: bool) -> (TempDir, Truth, f64) {
    let scratch = tempfile::tempdir().unwrap();
    let spec = PlantSpec {
        problems: [problem].into_iter().collect(),
        improvement: cured.then_some(Improvement { problem, week: WEEK_OF_THE_CURE }),
        ..PlantSpec::new(5_000, seed)
    };
    generate(&spec, &mut DirectorySink::create(scratch.path()).unwrap()).unwrap();
    let truth = plants::truth(scratch.path());
    let lost = truth.expected.iter().filter_map(|expected| expected.impact).sum();
    (scratch, truth, lost)
}

/// The same, read; its analysis up to the cure is not needed, the finding is known.
fn plant(seed: u64, problem: Problem, cured: bool) -> (Plant, f64, String) {
    let (scratch, truth, lost) = made(seed, problem, cured);
    let plant = plants::load(&plants::sources(scratch.path(), &truth, scratch.path(), None));
    // The plant opens on a Monday, five days a week; 1970-01-01 was a Thursday.
    let first = plant.first_day.floor();
    let opened = first - (first + 3.0).rem_euclid(7.0);
    let acted = opened + 7.0 * f64::from(WEEK_OF_THE_CURE);
    (plant, lost, analyzers::engine::words::iso(acted).unwrap())
}

fn opportunity(type_: &str, field: &str, value: &str, acted_on: &str) -> Opportunity {
    Opportunity {
        finding: "planted".to_owned(),
        type_: type_.to_owned(),
        entities: vec![EntityRef { field: FieldId::named(field).unwrap(), value: value.to_owned() }],
        problem_since: None,
        acted_on: acted_on.to_owned(),
        promised_per_year: None,
    }
}

const CASES: &[(Problem, &str, &str, &str)] = &[
    (Problem::FamilySetup, "setup_overrun", "product_family", "F"),
    (Problem::SupplierPrice, "material_price_variance", "supplier_id", "S03"),
    (Problem::MaterialUsage, "material_usage_variance", "material_id", "MAT-07"),
    (Problem::LaborRate, "labor_rate_variance", "work_center_id", "WC-60"),
    (Problem::ShiftScrap, "scrap_rate", "shift", "3"),
    (Problem::MachineDrift, "run_time_degradation", "machine_id", "M07"),
];

/// The problem is the time since it began: months 4, 6 and 9 of 14.
fn since(problem: Problem, plant: &Plant) -> Option<String> {
    let month = match problem {
        Problem::MaterialUsage => 4.0,
        Problem::SupplierPrice => 6.0,
        Problem::LaborRate => 9.0,
        _ => return None,
    };
    // The generator begins within two weeks after the month does; a window from then on holds the problem only.
    analyzers::engine::words::iso(plant.first_day + 61.0 * 7.0 * (month - 1.0) / 14.0 + 22.0)
}

#[test]
fn a_planted_improvement_is_verified_with_its_amount() {
    let mut told = String::new();
    let (mut cases, mut covered, mut verified) = (0, 0, 0);
    for (problem, type_, field, value) in CASES {
        for seed in [501, 502] {
            let (cured, lost, acted) = plant(seed, *problem, true);
            let (_, _, would_have_lost) = made(seed, *problem, false);
            let truth = would_have_lost - lost;
            let mut opportunity = opportunity(type_, field, value, &acted);
            opportunity.problem_since = since(*problem, &cured);
            let found = verify(&cured, &opportunity, &Settings::default());
            let [saved, low, high] = found.saved;
            told.push_str(&format!(
                "{type_} {seed}: {:?} {saved:.0} [{low:.0}, {high:.0}], truth {truth:.0}; {:?} {}\n",
                found.verdict, found.assumptions, found.reason
            ));
            cases += 1;
            verified += u32::from(found.verdict == Verdict::Verified);
            // A drift would have grown on; what it had reached is all that is counted, so the amount is on the safe side.
            let safe = *problem == Problem::MachineDrift && saved > 0.4 * truth && saved < truth;
            covered += u32::from(safe || (low <= truth && truth <= high));
            assert!(safe || (saved / truth - 1.0).abs() < 0.12, "{told}");
            assert!(!found.formula.is_empty() && !found.control.is_empty());
            assert_ne!(found.verdict, Verdict::Refuted, "{told}");
        }
    }
    println!("{told}");
    assert!(verified * 10 >= cases * 8, "{verified} of {cases} verified\n{told}");
    assert!(covered * 10 >= cases * 7, "{covered} of {cases} covered\n{told}");
}

#[test]
fn a_saving_that_never_came_is_not_verified() {
    let mut told = String::new();
    let mut refuted = 0;
    for (problem, type_, field, value) in CASES {
        let (sick, lost, acted) = plant(503, *problem, false);
        let mut opportunity = opportunity(type_, field, value, &acted);
        opportunity.problem_since = since(*problem, &sick);
        opportunity.promised_per_year = Some(lost);
        let found = verify(&sick, &opportunity, &Settings::default());
        told.push_str(&format!("{type_}: {:?} {:?} {}\n", found.verdict, found.saved_per_year, found.reason));
        assert_ne!(found.verdict, Verdict::Verified, "{told}");
        refuted += u32::from(found.verdict == Verdict::Refuted);
    }
    println!("{told}");
    assert!(refuted >= 3, "{told}");
}

#[test]
fn too_little_time_is_not_yet() {
    let (plant, _, _) = plant(501, Problem::FamilySetup, true);
    let late = analyzers::engine::words::iso(plant.last_day - 10.0).unwrap();
    let said =
        |opportunity: &Opportunity| -> Verification { verify(&plant, opportunity, &Settings::default()) };
    let found = said(&opportunity("setup_overrun", "product_family", "F", &late));
    assert_eq!(found.verdict, Verdict::NotYet);
    assert!(found.reason.contains("28 days"), "{}", found.reason);
    let unknown = said(&opportunity("setup_overrun", "product_family", "Z", &late));
    assert!(unknown.reason.contains("lack"), "{}", unknown.reason);
    assert!(said(&opportunity("setup_overrun", "product_family", "F", "soon")).reason.contains("no date"));
}

#[test]
fn only_what_later_data_can_show_becomes_an_opportunity() {
    let (plant, _, acted) = plant(501, Problem::FamilySetup, false);
    let result = analyzers::run::suite(&plant, &Settings::default());
    let of =
        |type_: &str| -> Vec<&Finding> { result.findings.iter().filter(|one| one.type_ == type_).collect() };
    let setup = of("setup_overrun");
    let opportunity = Opportunity::accepted(setup[0], &acted).unwrap();
    assert_eq!(opportunity.entities, setup[0].entities);
    assert!(opportunity.promised_per_year.unwrap() > 0.0);
    for finding in of("batch_size") {
        assert!(Opportunity::accepted(finding, &acted).is_none());
    }
}
