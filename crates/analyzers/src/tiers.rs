//! What the data allow: the tier, and the period they are about. A field counts where it is mapped and filled.

use domain::{analysis::Period, breakdown::TierLine};
use jiff::{Timestamp, tz::Offset};
use ontology::{Entity, FieldId, FieldType};

use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
    query,
    suite::{ANALYZERS, Analyzer},
};

/// The share of rows of a table that must hold a field before an analysis may rest on it.
pub const LEAST_FILL: f64 = 0.2;

/// Records are rare by nature: a reason stands only where something went wrong.
const RECORDS: [Entity; 2] = [Entity::Quality, Entity::Equipment];

/// Whether the field is mapped and filled in any table.
pub fn filled(canonical: &Canonical, name: &str) -> bool {
    let Some(field) = FieldId::named(name) else { return false };
    canonical.tables.keys().any(|entity| {
        let fill = canonical.fill(*entity, field);
        if RECORDS.contains(entity) { fill > 0.0 } else { fill >= LEAST_FILL }
    })
}

/// A tier: its name, what it gives, and groups of fields of which it takes one each.
struct Tier {
    name: &'static str,
    gives: &'static str,
    /// Whether rows of operations are needed beside the fields.
    operations: bool,
    needs: &'static [&'static [&'static str]],
}

const TIERS: [Tier; 6] = [
    Tier {
        name: "order totals",
        gives: "cost and hours of orders against their plan",
        operations: false,
        needs: &[],
    },
    Tier {
        name: "what, for whom, from whom, when",
        gives: "prices, usage and margins by product, material, supplier and customer, and what changed over time",
        operations: false,
        needs: &[
            &["product_id", "product_name", "product_family", "material_id", "supplier_id", "customer_id"],
            &[
                "order_date",
                "release_date",
                "due_date",
                "actual_start",
                "actual_end",
                "close_date",
                "planned_start",
                "booking_date",
                "operation_actual_start",
                "receipt_date",
            ],
        ],
    },
    Tier {
        name: "operations with hours and quantities",
        gives: "set-ups, run times, scrap and rework where they arise",
        operations: true,
        needs: &[
            &[
                "actual_run_hours",
                "actual_setup_hours",
                "actual_labor_hours",
                "actual_machine_hours",
                "booking_hours",
            ],
            &[
                "operation_quantity_completed",
                "operation_quantity_in",
                "quantity_completed",
                "quantity_ordered",
            ],
        ],
    },
    Tier {
        name: "machines with start and end",
        gives: "bottlenecks, queues, lead times and machines that slow down",
        operations: false,
        needs: &[&["machine_id", "work_center_id"], &["operation_actual_start"], &["operation_actual_end"]],
    },
    Tier {
        name: "shifts, defects and stops",
        gives: "shifts, kinds of defects, reasons of stops and failures",
        operations: false,
        needs: &[&["shift", "employee_id", "defect_code", "defect_description", "downtime_reason"]],
    },
    Tier {
        name: "maintenance, energy, standards and calendar",
        gives: "service intervals, energy, effectiveness of machines and prices against standards",
        operations: false,
        needs: &[
            &["maintenance_date", "maintenance_type"],
            &["energy_kwh"],
            &["material_standard_cost", "standard_labor_rate", "standard_machine_rate"],
            &["planned_production_hours"],
        ],
    },
];

/// 0: order totals. 1: with product, material, supplier or customer and dates. 2: with operations, their hours and
/// quantities. 3: with machine, start and end. 4: with shift, defect or reason of stoppage. 5: with maintenance, energy,
/// price standards and a calendar.
pub fn tier(canonical: &Canonical) -> u8 {
    reached(&tiers(canonical))
}

/// All tiers as these data stand to them.
pub fn tiers(canonical: &Canonical) -> Vec<TierLine> {
    lines(&|field| filled(canonical, field), canonical.tables.contains_key(&Entity::Operation))
}

/// The highest tier that is reached with all below it.
pub fn reached(lines: &[TierLine]) -> u8 {
    lines.iter().take_while(|line| line.reached).last().map_or(0, |line| line.tier)
}

/// All tiers, judged by what is there. A tier is only reached with all below it.
pub fn lines(has: &dyn Fn(&str) -> bool, operations: bool) -> Vec<TierLine> {
    let mut below = true;
    TIERS
        .iter()
        .zip(0_u8..)
        .map(|(tier, number)| {
            let missing: Vec<Vec<&'static str>> = tier
                .needs
                .iter()
                .filter(|group| !group.iter().any(|field| has(field)))
                .map(|group| group.to_vec())
                .collect();
            let rows = tier.operations && !operations;
            below &= missing.is_empty() && !rows;
            let analyzers: Vec<&'static str> =
                ANALYZERS.iter().filter(|one| tier_of(one) == number).map(|one| one.id).collect();
            TierLine {
                tier: number,
                name: tier.name,
                gives: tier.gives,
                sentence: if below { String::new() } else { sentence(tier, &missing, rows) },
                analyzers,
                reached: below,
                missing,
            }
        })
        .collect()
}

/// What to add for a tier.
fn sentence(tier: &Tier, missing: &[Vec<&'static str>], rows: bool) -> String {
    let mut wanted: Vec<String> =
        missing.iter().map(|group| group[..group.len().min(2)].join(" or ")).collect();
    if rows {
        wanted.insert(0, "rows of operations".to_owned());
    }
    if wanted.is_empty() {
        return "The tiers below come first.".to_owned();
    }
    format!("Add {}: then the analysis can tell {}.", wanted.join(", "), tier.gives)
}

/// The tier that opens an analyzer: the lowest at which each group of its fields can be there.
fn tier_of(analyzer: &Analyzer) -> u8 {
    let lowest = |group: &&[&str]| group.iter().map(|field| tier_of_field(field)).min().unwrap_or(0);
    analyzer.needs.iter().map(lowest).max().unwrap_or(0)
}

/// The tier whose exports bring a field.
fn tier_of_field(name: &str) -> u8 {
    const STANDARDS: [&str; 4] = [
        "material_standard_cost",
        "standard_labor_rate",
        "standard_machine_rate",
        "planned_production_hours",
    ];
    const PLACES: [&str; 3] = ["machine_id", "work_center_id", "tool_id"];
    let Some(field) = FieldId::named(name) else { return 0 };
    let definition = field.definition();
    let moment = definition.type_ == FieldType::Timestamp;
    match definition.entity {
        _ if STANDARDS.contains(&name) || name == "energy_kwh" || name.starts_with("maintenance_") => 5,
        Entity::Quality | Entity::Equipment => 4,
        _ if matches!(name, "shift" | "employee_id") => 4,
        Entity::Operation if moment || PLACES.contains(&name) => 3,
        Entity::Operation | Entity::Booking => 2,
        Entity::Material => 1,
        Entity::WorkOrder if moment || definition.type_ != FieldType::Number && name != "work_order_id" => 1,
        Entity::WorkOrder => 0,
    }
}

/// The days that the data are about, by what was done and not by what was planned; one day in two hundred at either end
/// may be a keying error and does not stretch it.
pub fn period(canonical: &Canonical) -> Result<Option<Period>, AnalyzeError> {
    query::block_on(&canonical.limits, async {
        let session = query::open(canonical).await?;
        for (entity, name) in [
            (Entity::Booking, "operation_actual_start"),
            (Entity::Booking, "booking_date"),
            (Entity::Operation, "operation_actual_start"),
            (Entity::WorkOrder, "actual_end"),
            (Entity::WorkOrder, "actual_start"),
            (Entity::WorkOrder, "close_date"),
            (Entity::WorkOrder, "release_date"),
            (Entity::WorkOrder, "order_date"),
            (Entity::WorkOrder, "due_date"),
            (Entity::Material, "receipt_date"),
            (Entity::Equipment, "downtime_start"),
        ] {
            let Some(field) = FieldId::named(name) else { continue };
            if canonical.fill(entity, field) < LEAST_FILL {
                continue;
            }
            let query = format!(
                "WITH days AS (SELECT CAST({name} AS BIGINT) AS at FROM {} WHERE {name} IS NOT NULL) \
                 SELECT CAST(min(at) AS DOUBLE), CAST(max(at) AS DOUBLE) FROM days, \
                 (SELECT approx_percentile_cont(at, 0.005) AS lo, approx_percentile_cont(at, 0.995) AS hi FROM days) ends \
                 WHERE at BETWEEN lo - (hi - lo) / 4 - 86400000000 AND hi + (hi - lo) / 4 + 86400000000",
                query::table_name(entity)
            );
            let rows = read::rows(&session, &query).await?;
            if let Some(row) = rows.first()
                && let (Some(from), Some(to)) = (row[0].number(), row[1].number())
                && let (Some(start), Some(end)) = (day(from), day(to))
            {
                return Ok(Some(Period { start, end }));
            }
        }
        Ok(None)
    })
}

/// The ISO date of microseconds since 1970.
fn day(micros: f64) -> Option<String> {
    let moment = Timestamp::from_microsecond(micros as i64).ok()?;
    Some(Offset::UTC.to_datetime(moment).date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_analyzer_is_opened_by_one_tier_and_tiers_build_on_each_other() {
        let none = lines(&|_| false, false);
        assert_eq!(reached(&none), 0);
        let listed: usize = none.iter().map(|tier| tier.analyzers.len()).sum();
        assert_eq!(listed, ANALYZERS.len());
        let of = |id: &str| none.iter().find(|tier| tier.analyzers.contains(&id)).map(|tier| tier.tier);
        for (id, tier) in [
            ("order_overrun", 0),
            ("material_price", 1),
            ("margin_leak", 1),
            ("scrap_rate", 2),
            ("bottleneck", 3),
            ("mtbf", 4),
            ("energy_per_hour", 5),
        ] {
            assert_eq!(of(id), Some(tier), "{id}");
        }
        assert!(none.iter().all(|tier| !tier.gives.is_empty() && !tier.name.is_empty()));
        for field in TIERS.iter().flat_map(|tier| tier.needs.concat()) {
            assert!(FieldId::named(field).is_some(), "{field}");
        }
    }

    #[test]
    fn the_next_tier_names_what_is_missing_and_a_gap_below_holds_back_what_is_above() {
        let mut fields = vec!["product_id", "order_date", "actual_run_hours", "quantity_completed"];
        let judged = |fields: &[&str], rows: bool| lines(&|field| fields.contains(&field), rows);
        let header = judged(&fields, false);
        assert_eq!(reached(&header), 1);
        assert_eq!(
            header[2].sentence,
            "Add rows of operations: then the analysis can tell set-ups, run times, scrap and rework where they arise."
        );
        assert_eq!(reached(&judged(&fields, true)), 2);
        fields.push("shift");
        let held = judged(&fields, true);
        assert_eq!(reached(&held), 2, "a shift alone does not skip machines");
        assert_eq!(held[4].sentence, "The tiers below come first.");
        assert_eq!(held[3].missing.len(), 3);
        fields.extend(["machine_id", "operation_actual_start", "operation_actual_end"]);
        assert_eq!(reached(&judged(&fields, true)), 4);
        assert_eq!(reached(&judged(&fields, false)), 1);
    }
}
