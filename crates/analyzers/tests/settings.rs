//! Each of the 39 settings: what it moves on a fixed plant, and that it moves nothing else.

#![expect(clippy::unwrap_used, reason = "a plant that can not be made fails its test")]

mod plants;

use std::collections::{BTreeMap, BTreeSet};

use analyzers::{engine::plant::Plant, run::SuiteResult};
use domain::{
    Settings,
    analysis::EvidenceGrade,
    settings::{Preset, definitions},
};
use generator::{DirectorySink, PlantSpec, Problems, generate};

fn plant(problems: Problems, seed: u64) -> Plant {
    let scratch = tempfile::tempdir().unwrap();
    let spec = PlantSpec { problems, ..PlantSpec::new(1_500, seed) };
    generate(&spec, &mut DirectorySink::create(scratch.path()).unwrap()).unwrap();
    let truth = plants::truth(scratch.path());
    plants::load(&plants::sources(scratch.path(), &truth, scratch.path(), None))
}

/// What can move in a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Facet {
    /// Which findings there are.
    Claims,
    /// Point estimates and dollars of those that stay.
    Points,
    Intervals,
    /// What could be saved.
    Addressable,
    Priority,
    Text,
    Charts,
}

use Facet::{Addressable, Charts, Claims, Intervals, Points, Priority, Text};

fn moved(before: &SuiteResult, after: &SuiteResult) -> BTreeSet<Facet> {
    let by_id = |result: &SuiteResult| -> BTreeMap<String, domain::Finding> {
        result.findings.iter().map(|finding| (finding.id.clone(), finding.clone())).collect()
    };
    let (a, b) = (by_id(before), by_id(after));
    let mut moved = BTreeSet::new();
    if a.keys().ne(b.keys()) {
        moved.insert(Claims);
    }
    for (id, one) in &a {
        let Some(other) = b.get(id) else { continue };
        let money = |finding: &domain::Finding| finding.impact.as_ref().map(|impact| impact.value.clone());
        let reach = |finding: &domain::Finding| {
            let impact = finding.impact.as_ref().map(|impact| (impact.low.clone(), impact.high.clone()));
            (finding.effect.low.to_bits(), finding.effect.high.to_bits(), impact)
        };
        let saved =
            |finding: &domain::Finding| finding.impact.as_ref().map(|impact| impact.addressable.clone());
        if one.effect.raw != other.effect.raw || money(one) != money(other) {
            moved.insert(Points);
        }
        if reach(one) != reach(other) {
            moved.insert(Intervals);
        }
        if saved(one) != saved(other) {
            moved.insert(Addressable);
        }
        if one.priority != other.priority {
            moved.insert(Priority);
        }
        if (&one.observations, &one.assumptions, &one.title, &one.comparison)
            != (&other.observations, &other.assumptions, &other.title, &other.comparison)
        {
            moved.insert(Text);
        }
    }
    if before.charts != after.charts {
        moved.insert(Charts);
    }
    moved
}

#[test]
fn every_setting_moves_what_it_says_and_nothing_else() {
    let plant = plant(Problems::all(), 21);
    let usual = analyzers::run::suite(&plant, &Settings::default());
    let all: &[Facet] = &[Claims, Points, Intervals, Addressable, Priority, Text, Charts];
    // A setting, another value, and what it may move. What cannot move anything in these data moves nothing.
    let cases: &[(&str, &str, &[Facet])] = &[
        ("cost_variance_threshold", "0.9", all),
        ("material_cost_weight", "1", &[Priority]),
        ("labor_cost_weight", "1", &[Priority]),
        ("overhead_cost_weight", "1", &[Priority]),
        ("min_sample_size", "400", all),
        ("confidence_level", "0.99", all),
        ("outlier_detection_sigma", "6", all),
        ("seasonal_adjustment", "off", &[]),
        ("inflation_adjustment", "0.2", &[]),
        ("currency_conversion", "on", &[]),
        ("baseline_lookback_days", "10", &[Text]),
        ("trend_analysis_period", "20", &[Text]),
        ("savings_opportunity_multiplier", "0.1", &[Addressable]),
        ("risk_tolerance", "0.5", &[Addressable]),
        ("cost_escalation_rate", "0.5", &[Text]),
        ("cycle_time_threshold", "0.9", all),
        ("throughput_weight", "1", &[Charts]),
        ("quality_weight", "1", &[Charts]),
        ("downtime_impact", "1", &[Charts]),
        ("setup_time_weight", "1", &[Addressable, Text]),
        ("batch_size_optimization", "off", &[Claims, Charts]),
        ("schedule_efficiency_target", "0.2", &[Claims, Text, Charts]),
        ("bottleneck_detection_sensitivity", "0.01", &[Claims]),
        ("resource_utilization_target", "0.2", &[Text, Charts]),
        ("lead_time_variance_threshold", "3", &[Charts]),
        ("mtbf_threshold", "1", &[Claims]),
        ("mttr_threshold", "100", &[Claims]),
        ("oee_target", "0.1", &[Claims, Text, Charts]),
        ("maintenance_cost_weight", "0.9", &[]),
        ("downtime_correlation_threshold", "0.01", &[Charts]),
        ("equipment_age_weight", "1", &[]),
        ("preventive_maintenance_interval", "300", &[]),
        ("equipment_reliability_score", "0.1", &[]),
        ("labor_efficiency_target", "0.1", &[Claims, Text, Charts]),
        ("material_utilization_target", "0.1", &[Claims, Charts]),
        ("energy_consumption_weight", "1", &[Text, Charts]),
        ("waste_reduction_target", "0.5", &[Charts]),
        ("process_compliance_weight", "1", &[Priority, Charts]),
        ("continuous_improvement_factor", "0.5", &[Text]),
    ];
    let named: BTreeSet<&str> = cases.iter().map(|case| case.0).collect();
    assert!(definitions().iter().all(|definition| named.contains(definition.name)));
    let moves = |(name, value, _): &(&str, &str, &[Facet])| {
        let mut settings = Settings::default();
        settings.set(name, value).unwrap();
        moved(&usual, &analyzers::run::suite(&plant, &settings))
    };
    // Two at a time: the cases know nothing of each other, and no other test takes as long.
    let (first, second) = cases.split_at(cases.len() / 2);
    let all_moved: Vec<BTreeSet<Facet>> = std::thread::scope(|scope| {
        let other = scope.spawn(|| second.iter().map(moves).collect::<Vec<_>>());
        let mut all: Vec<_> = first.iter().map(moves).collect();
        all.extend(other.join().unwrap());
        all
    });
    let mut said = String::new();
    for ((name, value, allowed), moved) in cases.iter().zip(all_moved) {
        said.push_str(&format!("{name} = {value}: {moved:?}\n"));
        let allowed: BTreeSet<Facet> = allowed.iter().copied().collect();
        assert!(moved.is_subset(&allowed), "{name} moved {moved:?}, which is more than {allowed:?}");
    }
    // What could not move anything here is proven on tables of its own, next to its analyzer.
    let silent: Vec<&str> = said
        .lines()
        .filter(|line| line.ends_with("{}"))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    let expected = [
        "seasonal_adjustment",
        "inflation_adjustment",
        "currency_conversion",
        "baseline_lookback_days",
        "trend_analysis_period",
        "mttr_threshold",
        "maintenance_cost_weight",
        "equipment_age_weight",
        "preventive_maintenance_interval",
        "equipment_reliability_score",
        "continuous_improvement_factor",
    ];
    assert!(silent.iter().all(|name| expected.contains(name)), "{said}");
}

#[test]
fn a_setting_without_its_data_says_why() {
    let plant = plant(Problems::all(), 21);
    let settings = Settings::default();
    let result = analyzers::run::suite(&plant, &settings);
    let used = analyzers::settings::used(&plant, &settings, &result.skipped);
    assert_eq!(used.len(), 39);
    let reason =
        |name: &str| used.iter().find(|one| one.name == name).unwrap().reason.clone().unwrap_or_default();
    for (name, words) in [
        ("currency_conversion", "exchange rates"),
        ("inflation_adjustment", "when their standard prices were set"),
        ("equipment_age_weight", "machine_installed_date"),
        ("seasonal_adjustment", "two full years"),
        ("maintenance_cost_weight", "cost of maintenance"),
    ] {
        assert!(reason(name).contains(words), "{name}: {}", reason(name));
    }
    for one in &used {
        assert_eq!(one.active, one.reason.is_none(), "{one:?}");
        assert_eq!(one.value, settings.get(one.name));
    }
    assert!(used.iter().filter(|one| one.active).count() >= 33, "{used:#?}");
}

/// A bolder preset may name the narrower thing (products instead of their family), never nothing at all.
#[test]
fn a_bolder_preset_says_at_least_what_a_shyer_one_does() {
    for (seed, problems) in [(31, Problems::all()), (32, Problems::none())] {
        let plant = plant(problems, seed);
        let said = Preset::ALL.map(|preset| {
            let result = analyzers::run::suite(&plant, &Settings::preset(preset));
            let claims = result.findings.into_iter();
            claims.filter(|finding| finding.evidence_grade != EvidenceGrade::Hint).collect::<Vec<_>>()
        });
        for pair in said.windows(2) {
            let (shy, bold) = (&pair[0], &pair[1]);
            assert!(bold.len() >= shy.len(), "{} claims became {}", shy.len(), bold.len());
            for claim in shy {
                let covered = bold.iter().any(|other| {
                    other.id == claim.id
                        || other.evidence_rows.iter().any(|row| claim.evidence_rows.contains(row))
                });
                assert!(covered, "a bolder preset says nothing of: {}", claim.title);
            }
        }
    }
}

type Size<'a> = &'a dyn Fn(&domain::Finding) -> Option<f64>;

#[test]
fn variables_of_a_saved_mapping_leave_what_is_small_or_unsure_in_the_remainder() {
    let plant = plant(Problems::all(), 21);
    let usual = analyzers::run::suite(&plant, &Settings::default());
    let amount =
        |finding: &domain::Finding| finding.impact.as_ref().map(|impact| impact.value.to_f64().abs());
    let rate = |finding: &domain::Finding| {
        matches!(finding.effect.measure, "scrap_rate" | "rework_rate" | "not_right_first_time")
            .then_some(finding.effect.value)
    };
    let unsure = |finding: &domain::Finding| Some(100.0 * (1.0 - finding.q));
    let cases: [(&str, Size<'_>); 3] = [
        ("min_variance_amount", &amount),
        ("confidence_threshold_pct", &unsure),
        ("quality_min_issue_rate_pct", &|finding| rate(finding).map(|rate| 100.0 * rate)),
    ];
    for (name, size) in cases {
        // A little more than the smallest has: at least that one goes.
        let mut sizes: Vec<f64> = usual.findings.iter().filter_map(size).collect();
        sizes.sort_by(f64::total_cmp);
        let next = sizes.iter().find(|size| **size > sizes[0]);
        let least = next.map_or(100.0, |next| sizes[0].midpoint(*next));
        let goes = |finding: &domain::Finding| size(finding).is_some_and(|size| size < least);
        let value = least.to_string();
        let mut settings = Settings::default();
        settings.core.set(name, &value).unwrap();
        let asked = analyzers::run::suite(&plant, &settings);
        let expected: Vec<&str> = usual
            .findings
            .iter()
            .filter(|finding| !goes(finding))
            .map(|finding| finding.id.as_str())
            .collect();
        let told: Vec<&str> = asked.findings.iter().map(|finding| finding.id.as_str()).collect();
        assert_eq!(told, expected, "{name}");
        assert!(told.len() < usual.findings.len(), "{name} = {value} leaves nothing out here");
        let totals = &asked.totals;
        assert_eq!(totals.variance, usual.totals.variance, "{name}");
        assert_eq!(totals.explained.amount + totals.remainder.amount, totals.variance.amount, "{name}");
    }
}
