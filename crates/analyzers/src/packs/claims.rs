//! What findings claim of suppliers, with the rows behind: the supplier's own lines and orders, and nobody else's.

use std::collections::BTreeSet;

use domain::{
    Analysis, Finding,
    analysis::EvidenceGrade,
    pack::{Claim, ClaimLine, Claims},
};

use super::micros;
use crate::{
    engine::{
        frame::{Codes, Frame},
        ledger,
        metric::OfOrders,
        observations::NONE,
        plant::Plant,
        words,
    },
    suite,
};

/// Fields that a claim may name besides its supplier. A finding about a machine or a product is no supplier's alone.
const ITS_OWN: [&str; 3] = ["supplier_id", "material_id", "material_lot_id"];

pub(super) fn of(plant: &Plant, analysis: &Analysis) -> Claims {
    let mut claims: Vec<Claim> = analysis
        .findings
        .iter()
        .filter(|finding| finding.evidence_grade != EvidenceGrade::Hint)
        .filter(|finding| finding.entities.iter().all(|one| ITS_OWN.contains(&one.field.as_str())))
        .filter_map(|finding| {
            let named = finding.entities.iter().find(|one| one.field.as_str() == "supplier_id");
            let supplier = match named {
                Some(named) => named.value.clone(),
                None => sole_supplier(plant, finding)?,
            };
            Some(claim(plant, finding, &supplier))
        })
        .collect();
    claims.sort_by(|a, b| {
        let cost = |claim: &Claim| claim.cost.as_ref().map(|cost| cost[0].amount);
        cost(b)
            .cmp(&cost(a))
            .then_with(|| a.supplier.cmp(&b.supplier))
            .then_with(|| a.finding.cmp(&b.finding))
    });
    Claims { claims, missing: missing(plant) }
}

/// What the data lack for claims, in sentences.
fn missing(plant: &Plant) -> Vec<String> {
    let named = [&plant.materials, &plant.orders, &plant.operations]
        .into_iter()
        .any(|frame| frame.has("supplier_id"));
    let needs = [
        (named, "No row names a supplier: add the supplier of each line of material, or of outside work."),
        (
            plant.materials.has("material_lot_id"),
            "Claims by lot need the lot, batch or heat of the material that an order used.",
        ),
        (
            plant.materials.has("purchase_order_id"),
            "Suppliers find a delivery by its purchase order: add its number to the lines of material.",
        ),
    ];
    needs.into_iter().filter(|(is_there, _)| !is_there).map(|(_, words)| words.to_owned()).collect()
}

/// The supplier of a lot, where there is only one. A material alone may come from anybody.
fn sole_supplier(plant: &Plant, finding: &Finding) -> Option<String> {
    let lot = finding.entities.iter().find(|one| one.field.as_str() == "material_lot_id")?;
    let (lots, suppliers) =
        (plant.materials.words("material_lot_id")?, plant.materials.words("supplier_id")?);
    let mut found = BTreeSet::new();
    for row in 0..plant.materials.len {
        if lots.name(row) == Some(lot.value.as_str()) {
            found.extend(suppliers.name(row));
        }
    }
    (found.len() == 1).then(|| found.into_iter().next().map(str::to_owned)).flatten()
}

fn claim(plant: &Plant, finding: &Finding, supplier: &str) -> Claim {
    let since = finding.start.as_deref().and_then(words::day);
    let Behind { measured, in_money, mut lines } = behind(plant, finding, supplier, since);
    let size = |line: &ClaimLine| {
        line.difference.unwrap_or_else(|| match (line.found, line.expected) {
            (Some(found), Some(expected)) if in_money => found - expected,
            (found, _) => found.unwrap_or_default(),
        })
    };
    lines.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.row.cmp(&b.row)));
    let lines_total = lines.len() as u64;
    let distinct = |of: &dyn Fn(&ClaimLine) -> &str| -> BTreeSet<String> {
        lines.iter().map(|line| of(line).to_owned()).filter(|name| !name.is_empty()).collect()
    };
    let orders = distinct(&|line| &line.order).len() as u64;
    let lots = distinct(&|line| &line.lot).len() as u64;
    let materials = distinct(&|line| &line.material).into_iter().collect();
    let quantities: Vec<f64> = lines.iter().filter_map(|line| line.quantity).collect();
    lines.truncate(Claim::LINES_MAX);
    let supplier_name = plant
        .materials
        .words("supplier_id")
        .zip(plant.materials.words("supplier_name"))
        .and_then(|(ids, names)| {
            (0..plant.materials.len)
                .find(|row| ids.name(*row) == Some(supplier))
                .and_then(|row| names.name(row))
        })
        .unwrap_or_default();
    let others = others(plant, supplier);
    let own = |texts: &[String]| -> Vec<String> {
        texts.iter().filter(|text| !names_any(text, &others)).cloned().collect()
    };
    Claim {
        supplier: supplier.to_owned(),
        supplier_name: supplier_name.to_owned(),
        finding: finding.id.clone(),
        type_: finding.type_,
        title: finding.title.clone(),
        since: finding.start.clone(),
        grade: finding.evidence_grade,
        n: finding.n,
        unit_of_analysis: finding.unit_of_analysis,
        comparison: if names_any(&finding.comparison, &others) {
            String::new()
        } else {
            finding.comparison.clone()
        },
        observations: own(&finding.observations),
        counter_evidence: own(&finding.counter_evidence),
        method: finding.method,
        cost: finding
            .impact
            .as_ref()
            .map(|impact| [impact.value.clone(), impact.low.clone(), impact.high.clone()]),
        orders,
        lots,
        materials,
        quantity: (!quantities.is_empty()).then(|| quantities.iter().sum()),
        measured,
        in_money,
        lines,
        lines_total,
    }
}

/// Names of other suppliers and of customers: what is nobody's business here.
fn others(plant: &Plant, supplier: &str) -> Vec<String> {
    let frames = [
        (&plant.materials, "supplier_id"),
        (&plant.materials, "supplier_name"),
        (&plant.orders, "supplier_id"),
        (&plant.operations, "supplier_id"),
        (&plant.orders, "customer_id"),
        (&plant.orders, "customer_name"),
    ];
    let names = frames.into_iter().filter_map(|(frame, field)| frame.words(field));
    names.flat_map(|words| words.names.iter()).filter(|name| *name != supplier).cloned().collect()
}

/// Whether a sentence names one of them, as a word of its own.
fn names_any(text: &str, names: &[String]) -> bool {
    names.iter().any(|name| {
        text.match_indices(name.as_str()).any(|(at, _)| {
            let is_apart = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
            is_apart(text[..at].chars().next_back()) && is_apart(text[at + name.len()..].chars().next())
        })
    })
}

struct Behind {
    measured: [&'static str; 2],
    in_money: bool,
    lines: Vec<ClaimLine>,
}

fn behind(plant: &Plant, finding: &Finding, supplier: &str, since: Option<f64>) -> Behind {
    let frame = &plant.materials;
    let later = |day: f64| since.is_none_or(|since| !day.is_finite() || day >= since);
    let narrowed = |row: usize| {
        finding.entities.iter().filter(|one| one.field.as_str() != "supplier_id").all(|one| {
            frame.words(one.field.as_str()).is_none_or(|words| words.name(row) == Some(one.value.as_str()))
        })
    };
    let of_supplier: Vec<usize> = frame.words("supplier_id").map_or_else(Vec::new, |words| {
        (0..frame.len)
            .filter(|row| {
                words.name(*row) == Some(supplier) && narrowed(*row) && later(plant.day(frame, *row))
            })
            .collect()
    });
    match finding.type_ {
        "material_price_variance" if has_price(frame) => {
            let lines = of_supplier.into_iter().filter_map(|row| {
                let (paid, standard) = suite::material_prices(frame, row);
                let quantity = frame.number("actual_material_quantity", row);
                let difference =
                    paid.zip(standard).map(|(paid, standard)| (paid - standard) * quantity.unwrap_or(1.0));
                paid?;
                Some(ClaimLine { expected: standard, found: paid, difference, ..material(plant, row) })
            });
            Behind { measured: ["Standard price", "Price paid"], in_money: true, lines: lines.collect() }
        }
        "material_usage_variance" if frame.has("planned_material_quantity") => {
            let scale = suite::material_scale(plant, frame);
            let lines = of_supplier.into_iter().filter_map(|row| {
                let planned = frame.number("planned_material_quantity", row)? * scale[row];
                let used = frame.number("actual_material_quantity", row)?;
                let (paid, standard) = suite::material_prices(frame, row);
                let difference = standard.or(paid).map(|price| (used - planned) * price);
                Some(ClaimLine {
                    expected: Some(planned),
                    found: Some(used),
                    difference,
                    ..material(plant, row)
                })
            });
            Behind {
                measured: ["Quantity allowed", "Quantity used"],
                in_money: false,
                lines: lines.collect(),
            }
        }
        "scrap_rate" | "rework_rate" | "first_pass_yield" | "quality_shift" => {
            pieces(plant, finding, supplier, &of_supplier, since)
        }
        "subcontract_variance" => {
            costs(plant, supplier, since, ["planned_subcontract_cost", "actual_subcontract_cost"])
        }
        "material_price_variance" | "material_usage_variance" => {
            costs(plant, supplier, since, ["planned_material_cost", "actual_material_cost"])
        }
        _ => {
            let lines = of_supplier.into_iter().map(|row| material(plant, row)).collect();
            Behind { measured: ["", ""], in_money: false, lines }
        }
    }
}

fn has_price(frame: &Frame) -> bool {
    frame.has("material_unit_cost")
        || (frame.has("actual_material_cost") && frame.has("actual_material_quantity"))
}

/// A line of material as it stands in the files.
fn material(plant: &Plant, row: usize) -> ClaimLine {
    let frame = &plant.materials;
    let name =
        |field: &str| frame.words(field).and_then(|words| words.name(row)).unwrap_or_default().to_owned();
    ClaimLine {
        order: plant.order_name(frame, row).unwrap_or_default().to_owned(),
        day: day(plant.day(frame, row)),
        material: name("material_id"),
        lot: name("material_lot_id"),
        purchase_order: name("purchase_order_id"),
        quantity: frame.number("actual_material_quantity", row),
        expected: None,
        found: None,
        difference: None,
        row: plant.row_ref(frame, row),
    }
}

fn day(day: f64) -> Option<i64> {
    day.is_finite().then(|| micros(day))
}

/// Orders with the supplier's material in which pieces were lost.
fn pieces(plant: &Plant, finding: &Finding, supplier: &str, rows: &[usize], since: Option<f64>) -> Behind {
    let rework = finding.type_ == "rework_rate";
    let (of_order, of_step) = if rework {
        ("quantity_reworked", "operation_quantity_reworked")
    } else {
        ("quantity_scrapped", "operation_quantity_scrapped")
    };
    let orders = &plant.orders;
    // Of an order with several suppliers, the material that costs most names the one that the finding speaks of.
    let leading = OfOrders::of_leading_material(plant, "supplier_id");
    let is_leading = |order: usize| match &leading {
        Some(of) => of
            .codes
            .get(order)
            .and_then(|code| of.names.get(*code as usize))
            .is_some_and(|name| name.first().is_some_and(|name| name == supplier)),
        None => orders.words("supplier_id").is_some_and(|words| words.name(order) == Some(supplier)),
    };
    let steps = &plant.operations;
    let mut lines = Vec::new();
    let mut next = rows.iter().copied().peekable();
    for order in 0..orders.len {
        // Lines of material stand in the order of their orders.
        let mut row = None;
        while let Some(at) = next.peek().copied() {
            let of = plant.materials.order[at];
            if of != NONE && of as usize > order {
                break;
            }
            row = row.or_else(|| (of as usize == order).then_some(at));
            next.next();
        }
        let at = plant.order_day(order as u32);
        if !is_leading(order) || since.is_some_and(|since| at.is_finite() && at < since) {
            continue;
        }
        let booked: f64 = plant
            .operations_of
            .get(order)
            .cloned()
            .unwrap_or_default()
            .filter_map(|row| steps.number(of_step, row))
            .sum();
        let bad = orders.number(of_order, order).unwrap_or(0.0).max(booked);
        if bad <= 0.0 {
            continue;
        }
        let good = orders.number("quantity_completed", order);
        let scrapped = if rework { 0.0 } else { bad };
        let made = good.map(|good| good + scrapped).or_else(|| orders.number("quantity_ordered", order));
        let name =
            |words: Option<&Codes>| words.and_then(|words| words.name(order)).unwrap_or_default().to_owned();
        let line = match row {
            Some(row) => material(plant, row),
            None => ClaimLine {
                order: name(orders.words("work_order_id")),
                day: day(at),
                material: name(orders.words("material_id")),
                lot: String::new(),
                purchase_order: String::new(),
                quantity: None,
                expected: None,
                found: None,
                difference: None,
                row: plant.row_ref(orders, order),
            },
        };
        lines.push(ClaimLine { expected: made, found: Some(bad), ..line });
    }
    let found = if rework { "Pieces reworked" } else { "Pieces scrapped" };
    Behind { measured: ["Pieces made", found], in_money: false, lines }
}

/// Orders that name the supplier themselves, their plan scaled to what was made.
fn costs(plant: &Plant, supplier: &str, since: Option<f64>, [planned, actual]: [&'static str; 2]) -> Behind {
    let orders = &plant.orders;
    let Some(words) = orders.words("supplier_id") else {
        return Behind { measured: ["", ""], in_money: true, lines: Vec::new() };
    };
    let lines = (0..orders.len).filter_map(|order| {
        let at = plant.order_day(order as u32);
        if words.name(order) != Some(supplier) || since.is_some_and(|since| at.is_finite() && at < since) {
            return None;
        }
        let expected = orders.number(planned, order)? * ledger::flex(plant, order);
        let found = orders.number(actual, order)?;
        let name = |field: &str| {
            orders.words(field).and_then(|words| words.name(order)).unwrap_or_default().to_owned()
        };
        Some(ClaimLine {
            order: name("work_order_id"),
            day: day(at),
            material: name("material_id"),
            lot: String::new(),
            purchase_order: String::new(),
            quantity: orders.number("quantity_completed", order),
            expected: Some(expected),
            found: Some(found),
            difference: Some(found - expected),
            row: plant.row_ref(orders, order),
        })
    });
    let measured = if planned.contains("subcontract") {
        ["Planned outside cost", "Outside cost"]
    } else {
        ["Planned material cost", "Material cost"]
    };
    Behind { measured, in_money: true, lines: lines.collect() }
}
