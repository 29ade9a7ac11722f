//! How far the data can be trusted, with the rows that say so.
//!
//! Every item counts rows and shows some; the grade follows from their shares by a plain rule, so that a reader can redo
//! it. Nothing is corrected here: what an item names stays in totals unless it was set aside.

mod checks;
mod keying;

use domain::{
    Finding,
    analysis::{DataQuality, DataQualityItem, Effect, Quantity, RowRef, Rows},
    issue::Severity,
};
use ontology::{Entity, FieldId, FieldType};

use crate::{
    canonical::{Canonical, LIST, read::Value},
    engine::finding,
    error::AnalyzeError,
    query,
};

/// Share of all rows from which a defect of the data stands among the findings, and how many may.
const LARGE_SHARE: f64 = 0.05;
const MOST_FINDINGS: usize = 5;

/// Examples shown with an item.
pub(crate) const EXAMPLES: usize = 20;

/// The list of what is wrong with the data, worst first, with a score of 0 to 100 and a grade. `doubtful` is what analyzers
/// could not believe; it joins the list where nothing there says the same of the same field. It blocks.
pub fn assess(canonical: &Canonical, doubtful: Vec<DataQualityItem>) -> Result<DataQuality, AnalyzeError> {
    let mut items = query::block_on(&canonical.limits, async {
        let session = query::open(canonical).await?;
        let mut items = checks::run(&session, canonical).await?;
        items.extend(keying::run(&session, canonical).await?);
        Ok(items)
    })?;
    let known: Vec<_> = items.iter().map(|item| (item.kind, item.field)).collect();
    items.extend(doubtful.into_iter().filter(|item| !known.contains(&(item.kind, item.field))));
    items.extend(canonical.rows.set_aside.iter().map(|aside| {
        let kind = if aside.reason.starts_with("the same in every column") {
            "duplicate_row"
        } else if aside.reason == LIST {
            "list_not_analyzed"
        } else {
            "row_set_aside"
        };
        DataQualityItem {
            kind,
            sentence: format!("{} rows were set aside: {}.", aside.rows, aside.reason),
            rows: aside.rows,
            examples: aside.examples.iter().take(EXAMPLES).cloned().collect(),
            field: None,
        }
    }));
    let defects = canonical.issues.iter().filter(|issue| {
        issue.severity != Severity::Note || matches!(issue.kind, "conflicting_span" | "booking_type_unknown")
    });
    items.extend(defects.map(|issue| {
        let examples =
            issue.examples.iter().take(EXAMPLES).map(|row| RowRef { file: issue.file.clone(), row: *row });
        DataQualityItem {
            kind: issue.kind,
            sentence: issue.message.clone(),
            rows: issue.rows,
            examples: examples.collect(),
            field: None,
        }
    }));
    let rows = canonical.rows.read.max(1) as f64;
    let penalty =
        |item: &DataQualityItem| weight(item.kind) * (item.rows as f64 / rows / FULL_SHARE).min(1.0);
    items.sort_by(|a, b| {
        penalty(b)
            .total_cmp(&penalty(a))
            .then_with(|| b.rows.cmp(&a.rows))
            .then_with(|| a.kind.cmp(b.kind))
            .then_with(|| a.sentence.cmp(&b.sentence))
    });
    let score = (100.0 - items.iter().map(penalty).sum::<f64>()).clamp(0.0, 100.0).round() as u8;
    let grade = match score {
        90.. => 'A',
        80.. => 'B',
        65.. => 'C',
        50.. => 'D',
        _ => 'F',
    };
    Ok(DataQuality { score, grade, items })
}

/// The share of all rows at which an item costs all of its points.
const FULL_SHARE: f64 = 0.2;

/// Points an item costs at most.
fn weight(kind: &str) -> f64 {
    match kind {
        "end_before_start" | "impossible_order" | "row_set_aside" | "date_in_number" => 25.0,
        "conflicting_span" | "keying_error" | "negative_value" | "order_unknown" => 20.0,
        // A list that came along is no defect.
        "list_not_analyzed" => 0.0,
        "duplicate_row" | "missing_start_or_end" | "scrap_over_quantity" | "booking_type_unknown" => 15.0,
        _ => 10.0,
    }
}

/// Why these data can not be analyzed at all, with what to do; `None` where they can.
pub fn refusal(canonical: &Canonical) -> Option<String> {
    let figures = canonical.tables.values().any(|table| {
        table.fields.iter().any(|(field, fill)| field.definition().type_ == FieldType::Number && *fill > 0.0)
    });
    if !figures {
        return Some(
            "No column of these files holds a quantity, a time or an amount that could be matched; match at least one of \
             them by hand."
                .to_owned(),
        );
    }
    let of_lists: u64 =
        canonical.rows.set_aside.iter().filter(|aside| aside.reason == LIST).map(|aside| aside.rows).sum();
    let lost = canonical.rows.read.saturating_sub(canonical.rows.used + of_lists);
    if canonical.rows.used == 0 || lost > 9 * canonical.rows.used {
        return Some(format!(
            "Only {} of {} rows can be used; check the column with the order number.",
            canonical.rows.used, canonical.rows.read
        ));
    }
    None
}

/// Rows of an answer of `source_file, source_row` as places in the customer's files.
pub(crate) fn places(canonical: &Canonical, rows: &[Vec<Value>]) -> Vec<RowRef> {
    rows.iter()
        .filter_map(|row| {
            let file = canonical.files.get(row.first()?.number()? as usize)?;
            Some(RowRef { file: file.clone(), row: row.get(1)?.number()? as u64 })
        })
        .collect()
}

/// Whether a table holds all these fields.
pub(crate) fn has_all(canonical: &Canonical, entity: Entity, names: &[&str]) -> bool {
    names.iter().all(|name| FieldId::named(name).is_some_and(|field| canonical.fill(entity, field) > 0.0))
}
/// Of the list, what is large enough to stand among the findings: a hint each, never a claim about the plant.
pub fn findings(quality: &DataQuality, rows: &Rows) -> Vec<Finding> {
    let all = rows.read.max(1) as f64;
    let large = quality
        .items
        .iter()
        .filter(|item| weight(item.kind) > 0.0 && item.rows as f64 >= LARGE_SHARE * all)
        .take(MOST_FINDINGS);
    large
        .map(|item| {
            let share = item.rows as f64 / all;
            let entities = Vec::new();
            let mut finding =
                finding::stated("data_quality", "data_quality", entities, item.sentence.clone());
            finding.id =
                format!("data_quality-{}-{}", item.kind, item.field.map_or("", |field| field.as_str()));
            finding.effect =
                Effect { measure: "share_of_rows", value: share, low: share, high: share, raw: share };
            finding.quantity = Some(Quantity {
                unit: "rows",
                value: item.rows as f64,
                low: item.rows as f64,
                high: item.rows as f64,
            });
            finding.unit_of_analysis = "row";
            finding.n = item.rows;
            finding.method = "counted, not tested";
            "rows without this defect".clone_into(&mut finding.comparison);
            finding.observations = vec![format!("{} of {} rows are concerned.", item.rows, rows.read)];
            finding.counter_evidence =
                vec!["What looks wrong here may be a custom of the plant; ask who books it.".to_owned()];
            finding.evidence_rows.clone_from(&item.examples);
            finding
        })
        .collect()
}
