//! Bookings: hours of each, where they go (set-up, run, rework, stoppage), and reversals.

use std::collections::BTreeMap;

use datafusion::prelude::SessionContext;
use domain::{Issue, issue::Severity};
use ontology::{FieldId, FieldType, RollUp};

use super::{
    level::{View, define},
    read, words,
};
use crate::error::AnalyzeError;

/// Where the hours of a booking go.
const CLASSES: [(&str, &str); 4] = [
    ("setup", "actual_setup_hours"),
    ("run", "actual_run_hours"),
    ("rework", "rework_hours"),
    ("downtime", "downtime_hours"),
];

/// Hours from start to end of a row.
pub(crate) fn span(start: &str, end: &str) -> String {
    format!("((CAST(\"{end}\" AS BIGINT) - CAST(\"{start}\" AS BIGINT)) / 3600000000.0)")
}

/// The bookings of one file with their hours sorted into fields.
pub(crate) async fn view(
    session: &SessionContext,
    rows: &View,
    file: &str,
    issues: &mut Vec<Issue>,
) -> Result<View, AnalyzeError> {
    let direct: Vec<&str> = ["actual_run_hours", "actual_labor_hours", "actual_machine_hours"]
        .into_iter()
        .filter(|name| rows.has(name))
        .collect();
    let type_field = ["booking_type", "operation_type"].into_iter().find(|name| rows.has(name));
    let split_already = rows.has("actual_setup_hours")
        || (!rows.has("booking_hours") && type_field.is_none() && rows.has("actual_run_hours"));
    // One hours column beside a type column holds the hours of whatever the type says.
    let stated = if rows.has("booking_hours") {
        Some("booking_hours")
    } else if type_field.is_some() && direct.len() == 1 {
        Some(direct[0])
    } else {
        None
    };
    let has_span = rows.has("operation_actual_start") && rows.has("operation_actual_end");
    let elapsed = span("operation_actual_start", "operation_actual_end");
    let hours = match (stated, has_span) {
        (Some(stated), true) => {
            let trusted = read::numbers(
                session,
                &format!(
                    "SELECT CAST(count(*) AS DOUBLE), coalesce(sum(CASE WHEN abs(\"{stated}\" - {elapsed}) <= 0.02 THEN 1.0 ELSE 0.0 END), 0.0) \
                     FROM {} WHERE \"{stated}\" IS NOT NULL AND {elapsed} IS NOT NULL",
                    rows.name
                ),
            )
            .await?;
            // A duration that is end - start on most rows is meant to be that; where it is not, it is wrong.
            if trusted[1] * 2.0 > trusted[0] {
                if trusted[1] < trusted[0] {
                    let mut conflict = note(
                        file,
                        "conflicting_span",
                        "The stated duration is the time from start to end on most rows but not on all; hours are \
                         counted from start to end.",
                        (trusted[0] - trusted[1]) as u64,
                    );
                    let query = format!(
                        "SELECT source_row FROM {} WHERE abs(\"{stated}\" - {elapsed}) > 0.02 ORDER BY source_row LIMIT 100",
                        rows.name
                    );
                    conflict.examples = read::rows(session, &query)
                        .await?
                        .iter()
                        .filter_map(|row| row[0].number())
                        .map(|row| row as u64)
                        .collect();
                    conflict.row = conflict.examples.first().copied();
                    issues.push(conflict);
                }
                Some(format!("coalesce({elapsed}, \"{stated}\")"))
            } else {
                Some(format!("coalesce(\"{stated}\", {elapsed})"))
            }
        }
        (Some(stated), false) => Some(format!("\"{stated}\"")),
        (None, true) if direct.is_empty() && !split_already => Some(elapsed),
        _ => None,
    };
    let reversal = |value: &str| {
        if rows.has("is_reversal") {
            format!("CASE WHEN \"is_reversal\" THEN -abs({value}) ELSE {value} END")
        } else {
            value.to_owned()
        }
    };
    let mut columns: BTreeMap<FieldId, String> = BTreeMap::new();
    for field in &rows.fields {
        let definition = field.definition();
        let amount = definition.type_ == FieldType::Number
            && (definition.roll_up == RollUp::Sum || definition.roll_up == RollUp::LastOperation)
            && !field.as_str().starts_with("planned_");
        let value = format!("\"{field}\"");
        columns.insert(*field, if amount { reversal(&value) } else { value });
    }
    let mut parts = rows.parts.clone();
    if let (Some(hours), false) = (hours, split_already) {
        let hours = reversal(&hours);
        let classes = match type_field {
            Some(field) => classes(session, rows, field, &hours, file, issues).await?,
            None => BTreeMap::new(),
        };
        let class = match type_field {
            Some(field) if !classes.is_empty() => {
                let cases: Vec<String> = classes
                    .iter()
                    .map(|(code, class)| {
                        format!("WHEN \"{field}\" = {} THEN '{class}'", words::literal(code))
                    })
                    .collect();
                format!("CASE {} END", cases.join(" "))
            }
            _ => {
                issues.push(note(
                    file,
                    "booking_type_missing",
                    "Nothing says what kind a booking is; all its hours count as run time.",
                    0,
                ));
                "'run'".to_owned()
            }
        };
        if let Some(stated) = stated
            && stated != "booking_hours"
        {
            columns.retain(|field, _| field.as_str() != stated);
        }
        let mut put = |name: &str, value: String| {
            if let Some(field) = FieldId::named(name) {
                columns.insert(field, value);
            }
        };
        put("booking_hours", hours.clone());
        let present =
            |class: &str| classes.is_empty() && class == "run" || classes.values().any(|of| *of == class);
        for (name, field) in CLASSES {
            if present(name) {
                put(
                    field,
                    format!(
                        "CASE WHEN {hours} IS NULL THEN NULL WHEN {class} = '{name}' THEN {hours} ELSE 0.0 END"
                    ),
                );
            }
        }
        if !rows.has("actual_labor_hours") || stated == Some("actual_labor_hours") {
            let crew =
                if rows.has("crew_size") { " * coalesce(nullif(\"crew_size\", 0.0), 1.0)" } else { "" };
            parts.extend(FieldId::named("actual_labor_hours"));
            put(
                "actual_labor_hours",
                format!(
                    "CASE WHEN {hours} IS NULL THEN NULL WHEN {class} IN ('setup', 'run', 'rework') THEN {hours}{crew} ELSE 0.0 END"
                ),
            );
        }
    }
    let name = format!("bookings_{}", rows.name);
    let select: Vec<String> =
        columns.iter().map(|(field, value)| format!("{value} AS \"{field}\"")).collect();
    let query = format!(
        "SELECT source_file, source_row, order_key, operation_key, {} FROM {}",
        select.join(", "),
        rows.name
    );
    define(session, &name, &query).await?;
    Ok(View { name, granularity: rows.granularity, fields: columns.into_keys().collect(), parts })
}

/// What each code of the type column means: by its word, else by its letter and by what is booked under it.
async fn classes(
    session: &SessionContext,
    rows: &View,
    field: &str,
    hours: &str,
    file: &str,
    issues: &mut Vec<Issue>,
) -> Result<BTreeMap<String, &'static str>, AnalyzeError> {
    let made = ["operation_quantity_completed", "quantity_completed"]
        .into_iter()
        .find(|name| rows.has(name))
        .map_or("0.0".to_owned(), |name| format!("\"{name}\""));
    let query = format!(
        "SELECT \"{field}\", CAST(count(*) AS DOUBLE), sum(CASE WHEN {made} > 0 THEN 1.0 ELSE 0.0 END), coalesce(sum({hours}), 0.0) \
         FROM {} WHERE \"{field}\" IS NOT NULL GROUP BY \"{field}\" ORDER BY \"{field}\" LIMIT 1000",
        rows.name
    );
    let mut classes = BTreeMap::new();
    let mut unknown: (Vec<String>, f64) = (Vec::new(), 0.0);
    for row in read::rows(session, &query).await? {
        let (Some(code), Some(n), Some(with_pieces)) = (row[0].text(), row[1].number(), row[2].number())
        else {
            continue;
        };
        if let Some(class) = class_of(code, with_pieces / n.max(1.0)) {
            classes.insert(code.to_owned(), class);
        } else {
            unknown.0.push(code.to_owned());
            unknown.1 += n;
        }
    }
    if !unknown.0.is_empty() {
        unknown.0.truncate(10);
        issues.push(note(
            file,
            "booking_type_unknown",
            &format!(
                "Kinds of bookings that are not understood: {}; their hours count as neither set-up nor run.",
                unknown.0.join(", ")
            ),
            unknown.1 as u64,
        ));
    }
    Ok(classes)
}

/// Share of bookings with pieces from which a code without a known word is production.
const MAKES_PIECES: f64 = 0.2;

fn class_of(code: &str, with_pieces: f64) -> Option<&'static str> {
    for class in ["setup", "run", "rework", "downtime", "indirect"] {
        if words::is(class, code) {
            return Some(class);
        }
    }
    let letter = code.trim().to_lowercase();
    match letter.as_str() {
        "s" => Some("setup"),
        _ if with_pieces >= MAKES_PIECES => Some("run"),
        "p" | "l" | "m" => Some("run"),
        "b" | "d" => Some("downtime"),
        "i" => Some("indirect"),
        "w" => Some("rework"),
        _ => None,
    }
}

fn note(file: &str, kind: &'static str, message: &str, rows: u64) -> Issue {
    Issue {
        file: file.to_owned(),
        row: None,
        column: None,
        severity: Severity::Note,
        kind,
        message: message.to_owned(),
        rows,
        examples: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::class_of;

    #[test]
    fn letters_are_read_by_what_is_booked_under_them() {
        assert_eq!(class_of("S", 0.3), Some("setup"));
        assert_eq!(class_of("D", 0.9), Some("run"));
        assert_eq!(class_of("D", 0.0), Some("downtime"));
        assert_eq!(class_of("B", 0.0), Some("downtime"));
        assert_eq!(class_of("Rüsten", 0.9), Some("setup"));
        assert_eq!(class_of("Q7", 0.0), None);
    }
}
