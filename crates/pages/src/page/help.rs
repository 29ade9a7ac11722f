//! Help: how figures come about, the keys, whom to ask.

use crate::{
    component::table::{Cell, Head, Row, Table},
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
};

pub fn page(shell: &Shell, contact: &str) -> Sheet {
    let keys: [(&str, &str); 10] = [
        ("Ctrl K", "Search"),
        ("G, then O F A E D R", "Go to Overview, Findings, Actions, Explore, Data, Reports"),
        ("J and K", "Next and previous row"),
        ("Enter", "Open what has the focus"),
        ("1 – 3", "Decide about a column"),
        ("Z", "Undo the last decision about columns"),
        ("/", "Go to the filter"),
        ("Arrow keys", "Values of the chart that has the focus"),
        ("?", "This page"),
        ("Esc", "Close what is open"),
    ];
    let rows = keys.iter().map(|(key, does)| Row::new(vec![Cell::text(*key), Cell::text(*does)])).collect();
    let mut parts = vec![
        Part::new(
            "How to read a finding",
            "",
            vec![Body::List(
                [
                    "At stake is what the loss costs in twelve months at the pace of your data. Likely range is the interval at your plant’s confidence level.",
                    "Strong: would arise by chance in fewer than 1 of 100 comparable searches. Likely: in fewer than 1 of 10. A hint is not counted in totals.",
                    "What could be recovered is the part that can realistically be won back; you set that share under Settings, Analysis.",
                    "Every figure opens onto the rows it came from. Rows that could not be used are listed with their reasons under Data, Data quality.",
                    "Where something is not available, the page says which column would fill it. No number is made up.",
                ]
                .map(str::to_owned)
                .to_vec(),
            )],
        ),
        Part::new("Keyboard", "single letters act only while no field has the focus", vec![Body::Table(Table::new("Keys", vec![Head::text("Key"), Head::text("Does")], rows))]),
    ];
    if !contact.is_empty() {
        parts.push(Part::new("Ask a person", "", vec![Body::Text(vec![contact.to_owned()])]));
    }
    Sheet::new(shell.with(Section::Help, "Help", vec![Crumb::here("Help")]), "Help", "", parts)
}

pub fn samples() -> Vec<Sheet> {
    vec![page(&Shell::sample(), "Write to help@example.com with the short code of the message you saw.")]
}
