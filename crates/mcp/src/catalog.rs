//! The tools: what each takes and what each gives.

use serde_json::{Value, json};

/// A tool as other programs see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub name: &'static str,
    pub description: &'static str,
    pub input: Value,
    pub output: Value,
    /// Whether it makes nothing and changes nothing.
    pub reads_only: bool,
}

/// All tools, in the order in which they are usually called.
pub fn tools() -> Vec<Tool> {
    let object = |properties: Value, required: &[&str]| json!({"type": "object", "properties": properties, "required": required});
    let closed = |properties: Value, required: &[&str]| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    let text = json!({"type": "string"});
    let maybe = json!({"type": ["string", "null"]});
    let number = json!({"type": "number"});
    let amount = json!({"type": ["number", "null"]});
    let count = json!({"type": "integer"});
    let limit = json!({"type": "integer", "minimum": 1, "maximum": 50});
    let list = |of: &Value| json!({"type": "array", "items": of});
    let dataset = json!({"type": "string", "description": "as `read` gave it"});
    let analysis = json!({"type": "string", "description": "as `analyze` gave it; the newest where it is left out; `all` for all data of the organization, where the server keeps several analyses"});
    let filters = list(&closed(
        json!({"field": {"type": "string", "description": "a field such as machine_id, supplier_id, shift"}, "value": text}),
        &["field", "value"],
    ));
    let open = object(
        json!({"table": count, "column": count, "header": text, "question": text, "choices": list(&text)}),
        &["table", "column", "question", "choices"],
    );
    let finding = object(
        json!({
            "id": text, "title": text, "type": text, "impact": amount, "low": amount, "high": amount,
            "annualized": amount, "grade": text, "priority": count,
        }),
        &["id", "title", "type"],
    );
    vec![
        Tool {
            name: "read",
            description: "Reads an export of an ERP system (CSV or Excel): tables, columns with type and fill, and what was set aside. Gives the dataset to go on with. A path is of this machine; otherwise send name and text, or name and base64.",
            input: closed(json!({"path": text, "name": text, "text": text, "base64": text}), &[]),
            output: object(
                json!({
                    "dataset": text,
                    "tables": list(&object(json!({"file": text, "rows": count, "columns": list(&object(json!({}), &[]))}), &["file", "rows", "columns"])),
                }),
                &["dataset", "tables"],
            ),
            reads_only: false,
        },
        Tool {
            name: "map",
            description: "What the columns of a dataset mean, with a probability each. `open` lists the decisions that only a person can make; ask the person and send them as decisions, do not guess. With confirm the mapping is kept.",
            input: closed(
                json!({
                    "dataset": dataset,
                    "decisions": list(&closed(
                        json!({"table": count, "column": count, "field": {"type": ["string", "null"], "description": "one of the choices; null leaves the column out"}}),
                        &["table", "column", "field"],
                    )),
                    "confirm": {"type": "boolean"},
                }),
                &["dataset"],
            ),
            output: object(
                json!({"dataset": text, "tables": list(&object(json!({}), &[])), "open": list(&open), "confirmed": {"type": "boolean"}}),
                &["dataset", "tables", "open", "confirmed"],
            ),
            reads_only: false,
        },
        Tool {
            name: "analyze",
            description: "Analyzes datasets of one plant together: findings in money, with evidence. Undecided columns are taken at their likelier meaning, and named.",
            input: closed(json!({"datasets": list(&text)}), &["datasets"]),
            output: object(
                json!({
                    "analysis": text, "currency": text, "data_tier": count, "findings_total": count, "findings": list(&finding),
                    "totals": object(json!({"planned_cost": number, "actual_cost": number, "variance": number, "explained": number, "remainder": number}), &[]),
                }),
                &["analysis", "currency", "findings_total", "findings"],
            ),
            reads_only: false,
        },
        Tool {
            name: "findings",
            description: "The findings of an analysis, the most money first; about some machine, supplier, … where filters are given.",
            input: closed(json!({"analysis": analysis, "filters": filters, "limit": limit}), &[]),
            output: object(
                json!({"total": count, "currency": text, "lines": list(&finding)}),
                &["total", "currency", "lines"],
            ),
            reads_only: true,
        },
        Tool {
            name: "finding",
            description: "One finding whole: effect with interval, money, what it was compared with, assumptions, actions.",
            input: closed(json!({"analysis": analysis, "id": text}), &["id"]),
            output: object(
                json!({"line": finding, "currency": text, "measure": text, "effect": number, "n": count, "start": maybe, "comparison": text, "assumptions": list(&text), "actions": list(&text)}),
                &["line", "currency"],
            ),
            reads_only: true,
        },
        Tool {
            name: "what_if",
            description: "What would change in a year if something were different. amount: setup_shorter, scrap_by, price_change as a share (0.2 is 20 %); scrap_to as the new share of pieces; hours as more open hours a week; machines as machines more; batch as times as large.",
            input: closed(
                json!({
                    "analysis": analysis,
                    "lever": {"type": "string", "enum": ["setup_shorter", "scrap_to", "scrap_by", "price_change", "hours", "machines", "batch"]},
                    "amount": number, "filters": filters,
                }),
                &["lever", "amount"],
            ),
            output: object(
                json!({"question": text, "saved_per_year": amount, "currency": text, "formula": text, "assumptions": list(&text), "missing": list(&text), "figures": list(&object(json!({}), &[]))}),
                &["question", "currency", "assumptions", "missing"],
            ),
            reads_only: true,
        },
        Tool {
            name: "ask",
            description: "Answers a question about an analysis in English, German or Spanish, with the queries made and the rows that the answer rests on. Every number comes from a look-up.",
            input: closed(
                json!({"analysis": analysis, "question": {"type": "string", "maxLength": 2000}}),
                &["question"],
            ),
            output: object(
                json!({
                    "text": text, "kind": text, "mode": text, "language": text, "notes": list(&text), "choices": list(&text),
                    "follow_ups": list(&text), "queries": list(&object(json!({}), &[])), "citations": list(&object(json!({}), &[])),
                }),
                &["text", "kind", "mode", "notes", "queries", "citations"],
            ),
            reads_only: true,
        },
    ]
}
