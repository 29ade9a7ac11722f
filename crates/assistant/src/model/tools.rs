//! The tools that a model may call. Each reads; none writes, sends or opens anything.

use serde_json::{Value, json};

use crate::Catalog;

/// A tool as a model sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub name: &'static str,
    pub description: &'static str,
    /// The JSON schema of its arguments.
    pub schema: Value,
}

/// All tools, with the figures and fields of the data at hand.
pub fn tools(catalog: &Catalog) -> Vec<Tool> {
    let metrics: Vec<&str> = catalog.metrics.keys().map(String::as_str).collect();
    let fields: Vec<&str> = catalog.values.keys().chain(&catalog.long).map(|field| field.as_str()).collect();
    let metric = json!({"type": "string", "enum": metrics});
    let field = json!({"type": "string", "enum": fields});
    let day = json!({"type": "string", "description": "a day, as in 2025-06-30"});
    let filters = json!({
        "type": "array", "maxItems": 8,
        "items": {
            "type": "object", "additionalProperties": false, "required": ["field", "value"],
            "properties": {"field": field, "value": {"type": "string"}},
        },
    });
    let side = json!({
        "type": "object", "additionalProperties": false,
        "properties": {"filters": filters, "from": day, "to": day},
    });
    let limit = json!({"type": "integer", "minimum": 1, "maximum": 50});
    let object = |properties: Value, required: &[&str]| json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required});
    vec![
        Tool {
            name: "figures",
            description: "A figure of the rows that match, as a whole and broken down by a field or by steps of the calendar.",
            schema: object(
                json!({
                    "metric": metric, "filters": filters, "without": filters, "from": day, "to": day,
                    "above": {"type": "number", "description": "only lines above it; a share of 5 % is 0.05"}, "below": {"type": "number"},
                    "by": {"type": "string", "description": "a field, or day, week, month, quarter, year"},
                    "limit": limit, "order": {"type": "string", "enum": ["largest", "smallest"]},
                }),
                &["metric"],
            ),
        },
        Tool {
            name: "compare",
            description: "A figure of two sets of rows, with the difference and its share: two machines, two periods, a part and the whole.",
            schema: object(
                json!({"metric": metric, "first": side, "second": side}),
                &["metric", "first", "second"],
            ),
        },
        Tool {
            name: "findings",
            description: "What the analysis found, the most money first; about some machine, supplier, … where filters are given.",
            schema: object(json!({"filters": filters, "limit": limit}), &[]),
        },
        Tool {
            name: "finding",
            description: "One finding whole, by its id: effect, money, evidence, assumptions, actions.",
            schema: object(json!({"id": {"type": "string"}}), &["id"]),
        },
        Tool {
            name: "rows",
            description: "Rows as the analysis read them, with the file and row of each.",
            schema: object(
                json!({
                    "table": {"type": "string", "enum": ["work_order", "operation", "booking", "material", "quality", "equipment"]},
                    "filters": filters, "sort": {"type": "string", "description": "a field of the table"},
                    "order": {"type": "string", "enum": ["largest", "smallest"]}, "limit": limit,
                }),
                &["table"],
            ),
        },
        Tool {
            name: "what_if",
            description: "What would change in a year if something were different. amount: setup_shorter, scrap_by, price_change as a share (0.2 is 20 %; a falling price is negative); scrap_to as the new share of pieces; hours as more open hours a week; machines as machines more; batch as times as large.",
            schema: object(
                json!({
                    "lever": {"type": "string", "enum": ["setup_shorter", "scrap_to", "scrap_by", "price_change", "hours", "machines", "batch"]},
                    "amount": {"type": "number"}, "filters": filters,
                }),
                &["lever", "amount"],
            ),
        },
        Tool {
            name: "explain",
            description: "How a figure comes about: formula, numerator, denominator, rows.",
            schema: object(json!({"metric": metric, "filters": filters}), &["metric"]),
        },
        Tool {
            name: "missing",
            description: "What the data lack, for one figure or at all, and what that would unlock.",
            schema: object(json!({"metric": {"type": "string"}}), &[]),
        },
        Tool {
            name: "values",
            description: "The values of a field with how many rows each has.",
            schema: object(json!({"field": field, "limit": limit}), &["field"]),
        },
        Tool {
            name: "totals",
            description: "Planned and actual cost, variance, how much of it is explained, rows, period.",
            schema: object(json!({}), &[]),
        },
        Tool {
            name: "query",
            description: "One SQL SELECT over the tables of this analysis and nothing else; five seconds, 200 rows. Join only where fields are equal. source_file and source_row say where a row stands.",
            schema: object(json!({"sql": {"type": "string", "maxLength": 4000}}), &["sql"]),
        },
    ]
}
