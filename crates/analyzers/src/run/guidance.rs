//! What to add to the data, and the money that nothing explains yet and that it could split.

use std::collections::{BTreeMap, BTreeSet};

use domain::analysis::{EvidenceGrade, Guidance};
use ontology::FieldId;

use super::SuiteResult;
use crate::engine::words;

/// Parts of the variance that an analyzer is about; `None` for one that may be about any of it.
fn parts(analyzer: &str) -> Option<&'static [&'static str]> {
    match analyzer {
        "material_price" | "material_usage" | "material_utilization" => {
            Some(&["material price", "material usage"])
        }
        "labor_rate" | "labor_efficiency" | "setup_overrun" | "team_efficiency" => {
            Some(&["labor rate", "setup", "labor efficiency"])
        }
        "overhead" => Some(&["overhead"]),
        "subcontract" => Some(&["subcontract"]),
        _ => None,
    }
}

/// For each field that analyzers miss: what it would make possible, and the money that it could split.
pub(super) fn of(result: &SuiteResult) -> Vec<Guidance> {
    let mut unlocks: BTreeMap<FieldId, BTreeSet<&'static str>> = BTreeMap::new();
    for skipped in &result.skipped {
        for field in &skipped.missing {
            unlocks.entry(*field).or_default().insert(skipped.analyzer);
        }
    }
    for finding in &result.findings {
        for field in &finding.missing_fields {
            unlocks.entry(*field).or_default().insert(finding.analyzer);
        }
    }
    let mut guidance: Vec<Guidance> = unlocks
        .into_iter()
        .map(|(field, unlocks)| {
            let unlocks: Vec<&'static str> = unlocks.into_iter().collect();
            let unexplained = unexplained(result, &unlocks);
            let about = if unexplained > 0.0 {
                let money = words::money(unexplained, &result.totals.remainder.currency);
                format!(" about {money} that no finding explains yet")
            } else {
                String::new()
            };
            let sentence = format!(
                "With {} in your data, {} could say more{about}.",
                field.as_str().replace('_', " "),
                unlocks.join(", ").replace('_', " "),
            );
            Guidance { field, unlocks, unexplained, sentence }
        })
        .collect();
    guidance.sort_by(|a, b| {
        b.unexplained
            .total_cmp(&a.unexplained)
            .then(b.unlocks.len().cmp(&a.unlocks.len()))
            .then(a.field.cmp(&b.field))
    });
    guidance
}

/// What these analyzers could say something about: their parts of the variance less what findings on these parts explain,
/// never more than what is unexplained in all.
fn unexplained(result: &SuiteResult, analyzers: &[&str]) -> f64 {
    let whole = result.totals.remainder.to_f64().max(0.0);
    let about: Option<BTreeSet<&str>> =
        analyzers.iter().map(|analyzer| parts(analyzer)).try_fold(BTreeSet::new(), |mut all, parts| {
            all.extend(parts?.iter().copied());
            Some(all)
        });
    // Where cost is not told apart, nothing is known of the parts.
    let Some(about) =
        about.filter(|about| result.totals.parts.iter().any(|(name, _)| about.contains(name.as_str())))
    else {
        return whole;
    };
    let parts_of = |(name, money): &(String, domain::Money)| {
        if about.contains(name.as_str()) { money.to_f64() } else { 0.0 }
    };
    let sum: f64 = result.totals.parts.iter().map(parts_of).sum();
    let explained: f64 = result
        .findings
        .iter()
        .filter(|finding| finding.evidence_grade != EvidenceGrade::Hint)
        .filter(|finding| {
            parts(finding.analyzer).is_some_and(|parts| parts.iter().any(|part| about.contains(part)))
        })
        .filter_map(|finding| finding.impact.as_ref())
        .map(|impact| impact.value.to_f64())
        .sum();
    (sum - explained).clamp(0.0, whole)
}

#[cfg(test)]
mod tests {
    use domain::{Settings, analysis::Guidance};

    use super::*;
    use crate::{
        engine::bench::{frame, loose, plant},
        run::suite,
    };

    /// Orders over their plan by 60 of material and 20 of labor.
    fn guided() -> Vec<Guidance> {
        let orders = frame(40, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_numbers("planned_material_cost", |_| 1_000.0)
            .with_numbers("actual_material_cost", |_| 1_060.0)
            .with_numbers("planned_labor_cost", |_| 500.0)
            .with_numbers("actual_labor_cost", |_| 520.0);
        of(&suite(&plant(orders, loose(0), loose(0), 40.0), &Settings::default()))
    }

    #[test]
    fn a_missing_column_is_worth_what_it_could_split_and_no_more() {
        let guided = guided();
        let of = |field: &str| guided.iter().find(|one| one.field.as_str() == field).unwrap();
        let supplier = of("supplier_id");
        assert!(supplier.unlocks.contains(&"material_price"), "{supplier:?}");
        let usage = of("actual_material_quantity");
        assert_eq!(usage.unlocks, ["material_utilization"]);
        assert!((usage.unexplained - 2_400.0).abs() < 0.01, "material alone: {usage:?}");
        assert!(usage.sentence.contains("about $2,400 that no finding explains yet"), "{}", usage.sentence);
        let machine = of("machine_id");
        assert!((machine.unexplained - 3_200.0).abs() < 0.01, "machines may explain any of it: {machine:?}");
        assert!(guided.windows(2).all(|pair| pair[0].unexplained >= pair[1].unexplained));
    }
}
