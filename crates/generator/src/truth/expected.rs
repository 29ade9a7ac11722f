//! The finding that each planted problem should lead to.

use std::collections::BTreeMap;

use super::{
    Claim, Entity, Expected, Match, Quantity, StartKind,
    ledger::{Ledger, cents_to_dollars},
};
use crate::{
    calendar::{Calendar, HOUR, iso_date},
    plant::{
        effects::{Effects, onset_month},
        identity,
        master_data::LOW_STANDARDS,
    },
    spec::Problem,
};

pub(crate) fn entity(field: &str, value: &(impl ToString + ?Sized)) -> Entity {
    Entity { field: field.to_owned(), value: value.to_string() }
}

fn claim(type_: &str, entities: Vec<Entity>) -> Claim {
    Claim { type_: type_.to_owned(), entities }
}

/// What is fixed about a problem: how it is called, where it shows, from which data on.
struct Shape {
    id: &'static str,
    type_: &'static str,
    entities: Vec<Entity>,
    also_accept: Vec<Claim>,
    visible_to: &'static [&'static str],
    tier: u8,
}

fn shapes(problem: Problem) -> Vec<Shape> {
    let one = |id, type_, field: &str, value: &str, also: &[&str], visible_to, tier| Shape {
        id,
        type_,
        entities: vec![entity(field, value)],
        also_accept: also.iter().map(|type_| claim(type_, vec![entity(field, value)])).collect(),
        visible_to,
        tier,
    };
    match problem {
        Problem::SupplierPrice => {
            vec![one(
                "supplier_price",
                "material_price_variance",
                "supplier_id",
                "S03",
                &[],
                &["material_price"],
                1,
            )]
        }
        Problem::MaterialUsage => vec![one(
            "material_usage",
            "material_usage_variance",
            "material_id",
            "MAT-07",
            &["material_utilization"],
            &["material_usage", "material_utilization"],
            1,
        )],
        Problem::MachineDrift => vec![one(
            "machine_drift",
            "run_time_degradation",
            "machine_id",
            "M07",
            &["labor_efficiency_variance", "oee_loss", "trend"],
            &["degradation", "cycle_time"],
            3,
        )],
        Problem::FamilySetup => {
            vec![one("family_setup", "setup_overrun", "product_family", "F", &[], &["setup"], 2)]
        }
        Problem::ShiftScrap => vec![one(
            "shift_scrap",
            "scrap_rate",
            "shift",
            "3",
            &["first_pass_yield"],
            &["scrap", "first_pass_yield"],
            4,
        )],
        Problem::Bottleneck => {
            let mut bottleneck = one(
                "bottleneck",
                "bottleneck",
                "work_center_id",
                "WC-40",
                &["queue_time"],
                &["bottleneck", "queue"],
                3,
            );
            for machine in ["M13", "M14", "M15"] {
                bottleneck.also_accept.push(claim("bottleneck", vec![entity("machine_id", machine)]));
            }
            let late = one(
                "late_orders",
                "late_orders_driver",
                "work_center_id",
                "WC-40",
                &["queue_time"],
                &["late_orders", "queue"],
                3,
            );
            vec![bottleneck, late]
        }
        Problem::LowStandards => {
            let products: Vec<Entity> =
                LOW_STANDARDS.map(|product| entity("product_id", &identity::product(product))).collect();
            vec![Shape {
                id: "low_standards",
                type_: "standard_error",
                also_accept: products
                    .iter()
                    .map(|product| claim("labor_efficiency_variance", vec![product.clone()]))
                    .collect(),
                entities: products,
                visible_to: &["standard", "labor_efficiency"],
                tier: 1,
            }]
        }
        Problem::ReworkPair => {
            let pair = vec![entity("machine_id", "M12"), entity("product_family", "C")];
            vec![Shape {
                id: "rework_pair",
                type_: "rework_rate",
                also_accept: vec![claim("first_pass_yield", pair.clone())],
                entities: pair,
                visible_to: &["rework", "subgroups"],
                tier: 3,
            }]
        }
        Problem::Breakdowns => vec![one(
            "breakdowns",
            "mtbf",
            "machine_id",
            "M21",
            &["oee_loss", "downtime_reason"],
            &["mtbf", "oee"],
            4,
        )],
        Problem::LateRelease => vec![one(
            "late_release",
            "late_release",
            "planner_id",
            "PL3",
            &["schedule_adherence", "late_orders_driver"],
            &["release", "late_orders"],
            1,
        )],
        Problem::LaborRate => {
            vec![one("labor_rate", "labor_rate_variance", "work_center_id", "WC-60", &[], &["labor_rate"], 4)]
        }
        Problem::MachineEnergy => vec![one(
            "machine_energy",
            "energy_per_hour",
            "machine_id",
            "M17",
            &["idle_energy", "trend"],
            &["energy"],
            5,
        )],
    }
}

fn quantity(problem: Problem, ledger: &Ledger) -> Option<Quantity> {
    let (value, unit) = match problem {
        Problem::Breakdowns => (ledger.extra_stop_hours, "h"),
        Problem::MachineEnergy => (ledger.extra_energy, "kWh"),
        Problem::LateRelease => (ledger.late_release_hours, "working h"),
        Problem::Bottleneck => (ledger.bottleneck_queue as f64 / HOUR as f64, "working h"),
        _ => return None,
    };
    Some(Quantity { value: (value * 100.0).round() / 100.0, unit: unit.to_owned() })
}

/// Expected findings of all planted problems, in the order of the documentation.
pub(crate) fn expected(effects: &Effects, ledger: &Ledger, calendar: Calendar) -> Vec<Expected> {
    let mut expected = Vec::new();
    for problem in Problem::ALL.into_iter().filter(|problem| effects.has(*problem)) {
        // Queues, late releases and kilowatt hours have no rate in the data that would make them dollars.
        let without_dollars =
            matches!(problem, Problem::Bottleneck | Problem::LateRelease | Problem::MachineEnergy);
        let mut impact_by_entity = BTreeMap::new();
        if problem == Problem::LowStandards {
            for (product, cents) in LOW_STANDARDS.zip(ledger.low_standards) {
                impact_by_entity.insert(identity::product(product).to_string(), cents_to_dollars(cents));
            }
        }
        let start_kind = match problem {
            Problem::MachineDrift => StartKind::Drift,
            _ if onset_month(problem).is_some() => StartKind::Step,
            _ => StartKind::None,
        };
        for shape in shapes(problem) {
            expected.push(Expected {
                id: shape.id.to_owned(),
                type_: shape.type_.to_owned(),
                match_: if problem == Problem::LowStandards { Match::Any } else { Match::All },
                entities: shape.entities,
                also_accept: shape.also_accept,
                start: onset_month(problem).map(|_| iso_date(calendar.opening_day(effects.onset(problem)))),
                start_kind: start_kind.clone(),
                impact: (!without_dollars).then(|| ledger.dollars(problem)),
                unit: "USD".to_owned(),
                impact_by_entity: impact_by_entity.clone(),
                quantity: quantity(problem, ledger),
                visible_to: shape.visible_to.iter().map(|&name| name.to_owned()).collect(),
                tier: shape.tier,
            });
        }
    }
    expected
}
