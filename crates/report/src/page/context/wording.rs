//! Names of things in the words of the page.

use domain::analysis::RowRef;

use crate::number;

/// `JOBCOST.csv: 8,214, 8,102 …`, file by file.
pub(super) fn row_list(rows: &[RowRef], most: usize) -> String {
    let mut text = String::new();
    let mut last = "";
    for row in rows.iter().take(most) {
        if row.file == last {
            text.push_str(", ");
        } else {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(&row.file);
            text.push_str(" row ");
            last = &row.file;
        }
        text.push_str(&row.row.to_string());
    }
    if rows.len() > most {
        text.push_str(&format!(" and {} more", number::count((rows.len() - most) as u64)));
    }
    text
}

/// `work_center_id` → `work center id`.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// What people call a type of finding.
pub(super) fn kind(type_: &str) -> String {
    match type_ {
        "mtbf" => "Time between stops".to_owned(),
        "mttr" => "Repair time".to_owned(),
        "oee_loss" => "OEE loss".to_owned(),
        "standard_error" => "Standard is wrong".to_owned(),
        "order_overrun" => "Orders over plan".to_owned(),
        "late_orders_driver" => "Why orders are late".to_owned(),
        other => sentence_case(&words(other)),
    }
}

pub(super) fn plural(unit: &str) -> String {
    let unit = words(unit);
    let unit = unit.strip_prefix("work ").unwrap_or(&unit);
    if unit.ends_with('s') { unit.to_owned() } else { format!("{unit}s") }
}

pub(super) fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
