//! Material that the good output needs over material that was issued, against the target of the settings.

use domain::{
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome, material_price, material_usage};
use crate::{
    engine::{context::Context, evidence, finding, observations::NONE, words},
    stats::{distribution::normal_p, multiplicity::benjamini_hochberg, resample, robust},
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "material_utilization",
    needs: &[&["material_id"], &["actual_material_quantity"], &["planned_material_quantity"]],
    settings: &[
        "confidence_level",
        "material_utilization_target",
        "min_sample_size",
        "waste_reduction_target",
    ],
    run,
};

/// How far a material must lie below the middle one to be named: where all are low, the plan is.
const BELOW_OTHERS: f64 = 0.03;

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let lines = &plant.materials;
    let Some(materials) = lines.words("material_id") else { return Outcome::default() };
    let scale = material_usage::scale(plant, lines, "actual_material_quantity", "planned_material_quantity");
    let mut by_material: Vec<Vec<(usize, f64, f64)>> =
        (0..materials.names.len()).map(|_| Vec::new()).collect();
    for (row, scale) in scale.into_iter().enumerate() {
        let code = materials.code(row);
        if let (Some(issued), Some(planned), true) = (
            lines.number("actual_material_quantity", row).filter(|issued| *issued > 0.0),
            lines.number("planned_material_quantity", row),
            code != NONE,
        ) {
            by_material[code as usize].push((row, planned * scale, issued));
        }
    }
    let fewest = context.settings.get("min_sample_size") as usize;
    let tail = (1.0 - context.confidence()) / 2.0;
    let target = context.settings.get("material_utilization_target");
    let mut dots = Vec::new();
    let mut judged = Vec::new();
    let mut p = Vec::new();
    for (code, lines) in by_material.iter().enumerate().filter(|(_, lines)| lines.len() >= fewest) {
        let (allowed, issued) = lines.iter().fold((0.0, 0.0), |(a, i), line| (a + line.1, i + line.2));
        let clusters: Vec<(f64, f64)> = lines.iter().map(|line| (line.1, line.2)).collect();
        let mut draws = resample::ratio_of_sums(&clusters, resample::DRAWS, 35 + ((code as u64) << 8));
        let low = robust::quantile(&mut draws, tail).unwrap_or(0.0);
        let high = robust::quantile(&mut draws, 1.0 - tail).unwrap_or(1.0);
        let mean = draws.iter().sum::<f64>() / draws.len().max(1) as f64;
        let spread =
            (draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / draws.len().max(1) as f64).sqrt();
        let z = (target - allowed / issued) / spread.max(1e-12);
        p.push(if z > 0.0 { normal_p(z) } else { 1.0 });
        judged.push((code, allowed, issued, [allowed / issued, low, high]));
    }
    let q = benjamini_hochberg(&p, p.len());
    let mut values: Vec<f64> = judged.iter().map(|one| one.3[0]).collect();
    let middle = robust::median(&mut values).unwrap_or(1.0);
    let mut findings = Vec::new();
    for (at, (code, allowed, issued, [value, low, high])) in judged.iter().enumerate() {
        let below = *high < target && *high < middle - BELOW_OTHERS && q[at] <= context.strict();
        dots.push(Dot {
            label: materials.names[*code].clone(),
            value: *value,
            low: *low,
            high: *high,
            n: by_material[*code].len() as u64,
            highlighted: below,
        });
        if !below {
            continue;
        }
        let name = &materials.names[*code];
        let mut worst = by_material[*code].clone();
        worst.sort_by(|a, b| (b.2 - b.1).total_cmp(&(a.2 - a.1)).then(a.0.cmp(&b.0)));
        let (mut cost, mut priced) = (0.0, false);
        for (row, allowed, issued) in &worst {
            if let Some(price) = material_price::standard_price(lines, *row) {
                cost += (issued - allowed / target) * price;
                priced = true;
            }
        }
        let (evidence_rows, table) = evidence::listed(
            plant,
            lines,
            &["Allowed", "Issued"],
            worst.iter().take(30).map(|(row, allowed, issued)| {
                (*row, vec![EvidenceCell::Number(*allowed), EvidenceCell::Number(*issued)])
            }),
            worst.len(),
        );
        let entities: Vec<_> = finding::entity("material_id", name).into_iter().collect();
        let grade = finding::grade(q[at], target - high);
        let over = issued - allowed / target;
        let mut observations = vec![format!(
            "{} were issued for what {} would do; your target allows {}.",
            words::figure(*issued),
            words::figure(*allowed),
            words::figure(allowed / target)
        )];
        if priced {
            observations.push(format!(
                "Beyond the target that is {} at standard prices.",
                words::money(cost, &context.currency)
            ));
        }
        findings.push(domain::Finding {
            effect: Effect { measure: "material_utilization", value: *value, low: *low, high: *high, raw: *value },
            quantity: Some(Quantity { unit: "units", value: over, low: issued - allowed / target.max(*low), high: issued - allowed }),
            p: p[at],
            q: q[at],
            tests_in_family: judged.len() as u64,
            unit_of_analysis: "material_line",
            n: worst.len() as u64,
            method: "quantity allowed for the output over quantity issued, ratio of sums, interval by drawing lines again",
            evidence_grade: grade,
            priority: finding::priority(0.0, 1.0 - value, 0.4, grade),
            comparison: format!("your target of {} and the middle material at {}", words::percent(target), words::percent(middle)),
            observations,
            counter_evidence: vec!["Material issued in whole bars or sheets and returned later would look like waste until the return is booked.".to_owned()],
            assumptions: vec!["The money of quantities above plan is already counted in the material usage variance; nothing is added here.".to_owned()],
            evidence_rows,
            evidence_table: Some(table),
            actions: finding::actions([(format!("Weigh scrap and rest of {name} for one week against what was issued"), "days")]),
            ..finding::stated(
                "material_utilization",
                ANALYZER.id,
                entities,
                format!("Only {} of {} ends up where it should", words::percent(*value), words::thing("material_id", name)),
            )
        });
    }
    dots.sort_by(|a, b| a.value.total_cmp(&b.value).then_with(|| a.label.cmp(&b.label)));
    dots.truncate(24);
    let charts = (!dots.is_empty()).then(|| Chart {
        title: "Material allowed over material issued".to_owned(),
        caption: format!("target {}", words::percent(target)),
        alternative: format!("The middle material is at {}.", words::percent(middle)),
        body: ChartBody::Dots { dots, mean: Some(target), unit: "%".to_owned() },
    });
    Outcome { findings, charts: charts.into_iter().collect(), ..Outcome::default() }
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::Settings;

    fn lines(waste: f64) -> crate::engine::plant::Plant {
        let orders = frame(300, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
        let mut plant = plant(orders, loose(0), loose(0), 300.0);
        plant.materials = frame(300, |row| row as u32)
            .with_words("material_id", |row| format!("MAT{}", row % 5))
            .with_numbers("planned_material_quantity", |_| 100.0)
            .with_numbers("material_standard_cost", |_| 2.0)
            .with_numbers("actual_material_quantity", move |row| {
                (99.0 + 2.0 * chance(row)) * if row % 5 == 2 { waste } else { 1.0 }
            });
        plant
    }

    #[test]
    fn waste_beyond_the_target_is_named() {
        assert_eq!(said("material_utilization", &lines(1.3)), ["material_utilization MAT2"]);
        assert!(said("material_utilization", &lines(1.0)).is_empty());
        // Ten percent more than allowed still meets a target of 88 %, but not one of 95 %.
        assert!(said("material_utilization", &lines(1.1)).is_empty());
        let mut settings = Settings::default();
        settings.set("material_utilization_target", "0.95").unwrap();
        assert_eq!(run("material_utilization", &lines(1.1), &settings).findings.len(), 1);
    }
}
