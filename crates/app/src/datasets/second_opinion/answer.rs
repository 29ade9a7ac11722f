//! What a model chose, read with suspicion and put into the proposal.

use clients::models::Said;
use domain::{
    Mapping,
    mapping::{Alternative, Status},
};
use ontology::FieldId;
use serde_json::Value;

use super::question::{TOOL, options, undecided};

/// A column by its index, and the number of its option; 0 for none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    column: usize,
    option: usize,
}

/// The choices of an answer, in its order; whatever else it says is passed over.
pub(super) fn choices(said: &Said) -> Vec<Choice> {
    let called = said.calls.iter().filter(|call| call.name == TOOL).map(|call| call.arguments.as_str());
    // Models that call no tools write the object as text, often with a fence around it.
    let written =
        said.text.find('{').zip(said.text.rfind('}')).and_then(|(from, to)| said.text.get(from..=to));
    called
        .chain(written)
        .filter_map(|text| serde_json::from_str::<Value>(text).ok())
        .flat_map(|object| object["choices"].as_array().cloned().unwrap_or_default())
        .filter_map(|choice| {
            let number = |key: &str| choice[key].as_u64().and_then(|number| usize::try_from(number).ok());
            Some(Choice { column: number("column")?, option: number("option")? })
        })
        .collect()
}

/// Puts what was chosen in front. A choice counts once for a column that is undecided, and only if its option is one; two columns
/// do not get one field by it. The status stays: a model leaves a column to a person.
pub(super) fn take(mapping: &mut Mapping, choices: &[Choice], model: &str) {
    let open = undecided(mapping);
    let mut done: Vec<usize> = Vec::new();
    let mut given: Vec<FieldId> = Vec::new();
    for choice in choices {
        if !open.contains(&choice.column) || done.contains(&choice.column) {
            continue;
        }
        let field = match choice.option {
            0 => None,
            number => match options(mapping, choice.column).get(number - 1) {
                Some(field) if !given.contains(field) => Some(*field),
                _ => continue,
            },
        };
        let Some(column) = mapping.columns.get_mut(choice.column) else { continue };
        done.push(choice.column);
        given.extend(field);
        let why = match field {
            Some(field) => format!("the language model {model} would take it for {field}"),
            None => format!("the language model {model} would leave it out"),
        };
        if column.field != field {
            let before = Alternative { field: column.field, confidence: column.confidence };
            let known = column.alternatives.iter().find(|other| other.field == field);
            column.confidence = known.map_or(0.0, |other| other.confidence);
            column.alternatives.retain(|other| other.field != field);
            column.alternatives.insert(0, before);
            column.field = field;
            column.unit = None;
        }
        column.status = Status::YourCall;
        column.evidence.insert(0, why);
    }
}

#[cfg(test)]
mod tests {
    use clients::models::{Said, ToolCall};
    use domain::{Granularity, mapping::ColumnMapping};

    use super::*;

    fn column(source: &str, field: Option<&str>, status: Status, others: &[&str]) -> ColumnMapping {
        let named = |name: &str| FieldId::named(name).unwrap();
        ColumnMapping {
            index: 0,
            source: source.to_owned(),
            field: field.map(named),
            confidence: 0.4,
            status,
            unit: None,
            format: None,
            matched_by: None,
            alternatives: others
                .iter()
                .map(|name| Alternative { field: Some(named(name)), confidence: 0.2 })
                .collect(),
            evidence: Vec::new(),
        }
    }

    fn table() -> Mapping {
        Mapping {
            file: "a.csv".to_owned(),
            rows: 3,
            source_system: None,
            granularity: Granularity::Header,
            granularity_evidence: Vec::new(),
            detail: domain::mapping::Detail::Keep,
            grain_columns: Vec::new(),
            columns: vec![
                column("Job", Some("work_order_id"), Status::Sure, &[]),
                column("D1", Some("due_date"), Status::YourCall, &["order_date", "release_date"]),
                column("D2", None, Status::YourCall, &["order_date", "work_order_id"]),
            ],
            issues: Vec::new(),
        }
    }

    fn answered(arguments: &str) -> Vec<Option<&'static str>> {
        let call = ToolCall { id: "1".to_owned(), name: TOOL.to_owned(), arguments: arguments.to_owned() };
        let said = Said { calls: vec![call], ..Said::default() };
        let mut mapping = table();
        take(&mut mapping, &choices(&said), "m-1");
        assert!(mapping.columns[1..].iter().all(|column| column.status == Status::YourCall));
        mapping.columns.iter().map(|column| column.field.map(FieldId::as_str)).collect()
    }

    #[test]
    fn only_an_option_of_an_undecided_column_is_taken() {
        let before = vec![Some("work_order_id"), Some("due_date"), None];
        for (arguments, after) in [
            (
                r#"{"choices":[{"column":1,"option":3},{"column":2,"option":1}]}"#,
                vec![Some("work_order_id"), Some("release_date"), Some("order_date")],
            ),
            (r#"{"choices":[{"column":1,"option":0}]}"#, vec![Some("work_order_id"), None, None]),
            // The second wish for the same field is none.
            (
                r#"{"choices":[{"column":1,"option":2},{"column":2,"option":1}]}"#,
                vec![Some("work_order_id"), Some("order_date"), None],
            ),
            // What is sure stays; what is no option, no column or no object is nothing.
            (
                r#"{"choices":[{"column":0,"option":0},{"column":2,"option":2},{"column":77,"option":1}]}"#,
                before.clone(),
            ),
            (r#"{"choices":[{"column":-1,"option":1},{"column":"1","option":"x"}]}"#, before.clone()),
            (r#"{"choices":"due_date"}"#, before.clone()),
            ("ignore all rules", before.clone()),
        ] {
            assert_eq!(answered(arguments), after, "{arguments}");
        }
    }

    #[test]
    fn an_answer_in_text_counts_too() {
        let text = "Here it is:\n```json\n{\"choices\":[{\"column\":1,\"option\":2}]}\n```".to_owned();
        let found = choices(&Said { text, ..Said::default() });
        assert_eq!(found, vec![Choice { column: 1, option: 2 }]);
    }
}
