//! Pieces lost, one column per defect: shift reports of plants that count what goes wrong by its kind.

use std::collections::BTreeMap;

use domain::{Cell, ColumnProfile, Granularity, Mapping, TableProfile, ValueKind};
use mapping::{Knowledge, Remembered, propose};

const ROWS: u32 = 180;

fn text(header: &str, values: Vec<String>) -> ColumnProfile {
    let cells = values.iter().map(|value| Cell::Text(value.clone())).collect();
    profile(header, ValueKind::Text, cells, values)
}

fn number(header: &str, values: &[Option<f64>]) -> ColumnProfile {
    let cells = values.iter().map(|value| value.map_or(Cell::Empty, Cell::Number)).collect();
    let raw = values.iter().map(|value| value.map_or_else(String::new, |value| value.to_string())).collect();
    profile(header, ValueKind::Integer, cells, raw)
}

fn date(header: &str, days: &[i64]) -> ColumnProfile {
    let cells = days.iter().map(|day| Cell::Moment((19_700 + day) * 86_400_000_000)).collect();
    profile(header, ValueKind::Date, cells, days.iter().map(i64::to_string).collect())
}

fn profile(header: &str, kind: ValueKind, sample: Vec<Cell>, sample_raw: Vec<String>) -> ColumnProfile {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for raw in sample_raw.iter().filter(|raw| !raw.is_empty()) {
        *counts.entry(raw).or_default() += 1;
    }
    let mut top: Vec<(String, u64)> =
        counts.into_iter().map(|(value, count)| (value.to_owned(), count)).collect();
    top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let numbers: Vec<f64> = sample
        .iter()
        .filter_map(|cell| cell.number().or_else(|| cell.moment().map(|micros| micros as f64)))
        .collect();
    let filled = sample_raw.iter().filter(|raw| !raw.is_empty()).count() as u64;
    ColumnProfile {
        index: 0,
        header: header.to_owned(),
        kind,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled,
        empty: sample_raw.len() as u64 - filled,
        unreadable: 0,
        distinct: top.len() as u64,
        min: numbers.iter().copied().reduce(f64::min),
        max: numbers.iter().copied().reduce(f64::max),
        mean: (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64),
        negative: 0,
        zero: numbers.iter().filter(|number| **number == 0.0).count() as u64,
        length_min: 1,
        length_max: 12,
        top,
        sample,
        sample_raw,
    }
}

/// A report by day, shift, machine and order, with what went wrong in `defects` columns; nought or empty where nothing did.
fn report(headers: [&str; 7], defects: &[&str], sum: Option<&str>, noughts: bool) -> TableProfile {
    let rows = 0..ROWS;
    let lost = |row: u32, kind: u32| {
        let hit = (row * 7 + kind * 5) % 11;
        if hit < 3 { f64::from(1 + (row * 13 + kind * 3) % 17) } else { 0.0 }
    };
    let kinds = defects.len() as u32;
    let bad = |row: u32| (0..kinds).map(|kind| lost(row, kind)).sum::<f64>();
    let total = |row: u32| f64::from(400 + row * 37 % 311);
    let mut columns = vec![
        date(headers[0], &rows.clone().map(|row| i64::from(row / 6)).collect::<Vec<_>>()),
        number(headers[1], &rows.clone().map(|row| Some(f64::from(1 + row % 3))).collect::<Vec<_>>()),
        text(headers[2], rows.clone().map(|row| format!("M-{:02}", 1 + row % 5)).collect()),
        text(headers[3], rows.clone().map(|row| format!("FA{:06}", 20_411 + row / 9)).collect()),
        text(headers[4], rows.clone().map(|row| format!("A-{:04}", 700 + row / 9 % 7)).collect()),
        number(headers[5], &rows.clone().map(|row| Some(total(row))).collect::<Vec<_>>()),
        number(headers[6], &rows.clone().map(|row| Some(total(row) - bad(row))).collect::<Vec<_>>()),
    ];
    if let Some(sum) = sum {
        columns.push(number(sum, &rows.clone().map(|row| Some(bad(row))).collect::<Vec<_>>()));
    }
    for (kind, header) in (0..).zip(defects) {
        let values: Vec<Option<f64>> =
            rows.clone().map(|row| Some(lost(row, kind)).filter(|value| noughts || *value > 0.0)).collect();
        columns.push(number(header, &values));
    }
    for (index, column) in columns.iter_mut().enumerate() {
        column.index = index;
    }
    TableProfile {
        file: "report.csv".to_owned(),
        part: None,
        rows: u64::from(ROWS),
        sample_rows: Vec::new(),
        columns,
        issues: Vec::new(),
    }
}

fn field(mapping: &Mapping, header: &str) -> Option<&'static str> {
    mapping
        .columns
        .iter()
        .find(|column| column.source == header)
        .and_then(|column| column.field)
        .map(ontology::FieldId::as_str)
}

#[test]
fn pieces_lost_by_defect_are_scrap_in_every_language() {
    let german = ["Datum", "Schicht", "Maschine", "Auftrag", "Artikel", "Gesamt", "Gutmenge"];
    let portuguese = ["Data", "Turno", "Máquina", "OP", "Produto", "Total produzido", "Peças boas"];
    let english = ["Date", "Shift", "Machine", "Order No", "Item", "Total Qty", "Good Qty"];
    for (headers, defects, noughts) in [
        (german, ["Schlieren", "Einfallstellen", "Überspritzt", "Verzug", "Sonst."], true),
        (portuguese, ["Rechupe", "Falha", "Mancha", "Rebarba", "Outros"], false),
        (english, ["Flash", "Weld line", "Warp", "Silver streak", "Misc"], true),
    ] {
        let mapping =
            propose(&report(headers, &defects, None, noughts), Knowledge::shipped(), &Remembered::nothing());
        assert_eq!(mapping.granularity, Granularity::Labor, "{:?}", mapping.granularity_evidence);
        for defect in defects {
            assert_eq!(field(&mapping, defect), Some("operation_quantity_scrapped"), "{defect}");
        }
        assert_eq!(field(&mapping, headers[6]), Some("operation_quantity_completed"));
        assert_eq!(field(&mapping, headers[1]), Some("shift"));
    }
}

#[test]
fn defects_beside_their_sum_are_not_counted_twice() {
    let headers = ["Date", "Shift", "Machine", "Order No", "Item", "Total Qty", "Good Qty"];
    let defects = ["Flash", "Weld line", "Warp", "Silver streak", "Misc"];
    let table = report(headers, &defects, Some("Scrap Qty"), true);
    let mapping = propose(&table, Knowledge::shipped(), &Remembered::nothing());
    assert_eq!(field(&mapping, "Scrap Qty"), Some("operation_quantity_scrapped"));
    for defect in defects {
        assert_ne!(field(&mapping, defect), Some("operation_quantity_scrapped"), "{defect}");
    }
}
