//! A sheet that came back against the same sheet as it was read: which cells say something else now.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use domain::{Cell, ValueKind};
use ingest::{rows::RawRow, sheets::Sheet};
use preparation::correction;
use report::workbook::problems::COLUMNS_BEFORE;

/// One table with its sheet.
pub(super) struct Pair<'a> {
    pub(super) sent: &'a Sheet,
    /// The sheet of the same rows, written from what was read of the file.
    pub(super) read: &'a Sheet,
    pub(super) columns: &'a [(String, ValueKind)],
    /// Rows of the file that the table holds, of those that were sent.
    pub(super) rows: &'a BTreeSet<u64>,
    /// What was corrected before, by row and place of the column.
    pub(super) corrected: &'a BTreeMap<(u64, usize), Cell>,
}

/// What a sheet says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    /// By the column's name and the row of the file, as it is written.
    pub(super) cells: BTreeMap<String, BTreeMap<u64, String>>,
    /// Why it cannot be taken.
    pub(super) flaws: Vec<String>,
    /// What was left aside, in a sentence each.
    pub(super) told: Vec<String>,
}

impl Found {
    fn tell(&mut self, sheet: &str, what: &str, of: &[String]) {
        if !of.is_empty() {
            self.told.push(format!("“{sheet}”: {what}: {}.", in_short(of)));
        }
    }
}

/// Things of a list that are named.
const NAMED: usize = 10;

fn in_short(of: &[String]) -> String {
    let named = of.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if of.len() > NAMED { format!("{named}, …") } else { named }
}

pub(super) fn compare(pair: &Pair<'_>) -> Found {
    let sheet = pair.sent.name.as_str();
    let mut found = Found::default();
    for issue in &pair.sent.issues {
        // A cell that shows an error, or a formula whose value no program stored, would look like one that was emptied.
        if matches!(issue.kind, "error_cell" | "formula_without_value") {
            found.flaws.push(issue.message.clone());
        }
    }
    let mut lines = pair.sent.rows.iter();
    let Some(head) = lines.next() else { return found };
    let (pairs, added) = paired(head, pair);
    if pairs.is_empty() {
        found.flaws.push(format!(
            "“{sheet}”: none of its columns is one of the table; leave the first line as it was downloaded"
        ));
        return found;
    }
    let as_read: BTreeMap<u64, &RawRow> =
        pair.read.rows.iter().skip(1).filter_map(|row| Some((row_of(row)?, row))).collect();
    let names = correction::names(pair.columns.iter().map(|(header, _)| header.as_str()));
    let mut nameless = BTreeSet::new();
    let (mut outside, mut unnumbered, mut twice) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for line in lines {
        let said = |at: usize| pairs.iter().any(|(from, _)| *from == at);
        let Some(row) = row_of(line) else {
            if (0..line.len()).any(|at| said(at) && !text(line, at).is_empty()) {
                unnumbered.push(line.number().to_string());
            }
            continue;
        };
        if !seen.insert(row) {
            twice.push(row.to_string());
            continue;
        }
        let before = |column: usize| {
            as_read.get(&row).map_or(Cow::Borrowed(""), |read| text(read, column + COLUMNS_BEFORE))
        };
        let changed: Vec<(usize, Cow<'_, str>)> = pairs
            .iter()
            .map(|(from, column)| (*column, text(line, *from)))
            .filter(|(column, now)| *now != before(*column))
            .collect();
        if !pair.rows.contains(&row) {
            if !changed.is_empty() {
                outside.push(row.to_string());
            }
            continue;
        }
        for (column, now) in changed {
            let (header, kind) = &pair.columns[column];
            let Some(name) = &names[column] else {
                nameless.insert((column + 1).to_string());
                continue;
            };
            match correction::cell(&now, *kind) {
                None => found.flaws.push(format!(
                    "“{sheet}”, row {row}, “{header}”: “{}” is no {}",
                    shortened(&now),
                    in_words(*kind)
                )),
                Some(cell) if pair.corrected.get(&(row, column)) == Some(&cell) => {}
                Some(_) => {
                    found.cells.entry(name.clone()).or_default().insert(row, now.into_owned());
                }
            }
        }
    }
    found.tell(sheet, "columns that were added were left aside", &added);
    found.tell(
        sheet,
        "rows that are no rows of its table (totals, text below it) were left as they are",
        &outside,
    );
    found.tell(sheet, "lines without the number of a row were left aside", &unnumbered);
    found.tell(sheet, "rows that stand there twice count as they stand first", &twice);
    let nameless: Vec<String> = nameless.into_iter().collect();
    found.tell(sheet, "columns without a name of their own cannot be corrected", &nameless);
    found
}

/// Which column of the sheet is which of the table, by place and head or by head alone; and the heads of those that are none. The
/// program's own two heads may be in any language, so nothing is asked of them.
fn paired(head: &RawRow, pair: &Pair<'_>) -> (Vec<(usize, usize)>, Vec<String>) {
    let as_written = |column: usize| {
        pair.read.rows.first().map_or(Cow::Borrowed(""), |row| text(row, column + COLUMNS_BEFORE))
    };
    let wide = pair.sent.rows.iter().map(RawRow::len).max().unwrap_or_default();
    let mut pairs: Vec<(usize, usize)> = (0..pair.columns.len())
        .map(|column| (column + COLUMNS_BEFORE, column))
        .filter(|(at, column)| text(head, *at) == as_written(*column))
        .collect();
    let mut free: BTreeSet<usize> = (0..pair.columns.len()).collect();
    free.retain(|column| !pairs.iter().any(|(_, taken)| taken == column));
    let mut added = Vec::new();
    for at in 1..wide {
        if pairs.iter().any(|(taken, _)| *taken == at) {
            continue;
        }
        let name = text(head, at);
        let moved = free.iter().copied().find(|column| !name.is_empty() && as_written(*column) == name);
        if let Some(column) = moved {
            free.remove(&column);
            pairs.push((at, column));
        } else if at >= COLUMNS_BEFORE && pair.sent.rows.iter().any(|row| !text(row, at).is_empty()) {
            added.push(if name.is_empty() { (at + 1).to_string() } else { shortened(&name).into_owned() });
        }
    }
    (pairs, added)
}

/// The row of the file that a line is about.
pub(super) fn row_of(line: &RawRow) -> Option<u64> {
    line.get(0)?.trim().parse().ok()
}

/// A cell without what programs that save a workbook make of line ends; blanks alone are nothing.
fn text(line: &RawRow, at: usize) -> Cow<'_, str> {
    let text = line.get(at).unwrap_or_default();
    if text.trim().is_empty() {
        Cow::Borrowed("")
    } else if text.contains('\r') || text.contains("_x000D_") {
        Cow::Owned(text.replace("_x000D_", "").replace('\r', ""))
    } else {
        Cow::Borrowed(text)
    }
}

fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn in_words(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Integer | ValueKind::Decimal | ValueKind::Duration => "number",
        ValueKind::Date | ValueKind::DateTime => "date",
        ValueKind::TimeOfDay => "time of day",
        ValueKind::Boolean => "yes or no",
        ValueKind::Text | ValueKind::Empty => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let rows = rows.iter().enumerate().map(|(at, cells)| RawRow::of(at as u64 + 1, *cells));
        Sheet { name: "jobs".to_owned(), rows: rows.collect(), issues: Vec::new() }
    }

    fn columns() -> Vec<(String, ValueKind)> {
        [("Job", ValueKind::Text), ("Qty", ValueKind::Integer), ("Due", ValueKind::Date)]
            .map(|(name, kind)| (name.to_owned(), kind))
            .to_vec()
    }

    const READ: &[&[&str]] = &[
        &["Row", "Reason", "Job", "Qty", "Due"],
        &["4", "no order", "", "2", "2025-01-02"],
        &["9", "odd", "J7", "see log", "2025-01-03"],
        &["40", "a total", "Total 900"],
    ];

    fn found(sent: &[&[&str]], corrected: &[((u64, usize), Cell)]) -> Found {
        compare(&Pair {
            sent: &sheet(sent),
            read: &sheet(READ),
            columns: &columns(),
            rows: &BTreeSet::from([4, 9]),
            corrected: &corrected.iter().cloned().collect(),
        })
    }

    fn cells(list: &[(&str, u64, &str)]) -> BTreeMap<String, BTreeMap<u64, String>> {
        let mut cells: BTreeMap<String, BTreeMap<u64, String>> = BTreeMap::new();
        for (column, row, text) in list {
            cells.entry((*column).to_owned()).or_default().insert(*row, (*text).to_owned());
        }
        cells
    }

    #[test]
    fn cells_that_say_something_else_are_corrections() {
        assert_eq!(found(READ, &[]), Found::default());
        let now = found(
            &[
                &["Zeile", "Grund", "Job", "Qty", "Due"],
                &["9", "erledigt", "J7", "12", ""],
                &["4", "", "J4", "2", "2025-01-02"],
                &["", "3 more problems are not listed here."],
            ],
            &[],
        );
        assert_eq!(now.cells, cells(&[("Due", 9, ""), ("Job", 4, "J4"), ("Qty", 9, "12")]));
        assert!(now.flaws.is_empty() && now.told.is_empty(), "{now:?}");
        // What was corrected before is no news, and what is as it was read takes nothing back.
        let again = [((9, 1), Cell::Number(12.0)), ((4, 0), Cell::Text("J4".to_owned()))];
        let now = found(&[READ[0], &["9", "", "J7", "12.0", "2025-01-03"], READ[1]], &again);
        assert_eq!(now, Found::default());
    }

    #[test]
    fn columns_are_known_by_their_heads_wherever_they_stand() {
        let now =
            found(&[&["#", "Due", "Mine", "Qty", "Job"], &["9", "2025-01-04", "hm", "see log", "J8"]], &[]);
        assert_eq!(now.cells, cells(&[("Due", 9, "2025-01-04"), ("Job", 9, "J8")]));
        assert_eq!(now.told, ["“jobs”: columns that were added were left aside: Mine."]);
        let none = found(&[&["9", "odd", "J8"]], &[]);
        assert!(none.cells.is_empty() && none.flaws[0].contains("none of its columns"), "{none:?}");
    }

    #[test]
    fn what_is_not_taken_is_told() {
        let now = found(
            &[
                READ[0],
                &["40", "", "Total 901"],
                &["77", "", "J77"],
                &["x", "", "J9"],
                &["9", "", "J9", "see log", "2025-01-03"],
                &["9", "", "J10"],
            ],
            &[],
        );
        assert_eq!(now.cells, cells(&[("Job", 9, "J9")]));
        assert_eq!(
            now.told,
            [
                "“jobs”: rows that are no rows of its table (totals, text below it) were left as they are: 40, 77.",
                "“jobs”: lines without the number of a row were left aside: 4.",
                "“jobs”: rows that stand there twice count as they stand first: 9.",
            ]
        );
    }

    #[test]
    fn what_is_no_value_of_the_column_is_named_with_its_place() {
        let now = found(&[READ[0], &["9", "", "J7", "12,5", "soon"]], &[]);
        assert_eq!(
            now.flaws,
            ["“jobs”, row 9, “Qty”: “12,5” is no number", "“jobs”, row 9, “Due”: “soon” is no date"]
        );
        let mut sent = sheet(&[READ[0], &["9", "", "J7"]]);
        sent.issues.push(domain::Issue {
            file: String::new(),
            row: None,
            column: None,
            severity: domain::issue::Severity::Warning,
            kind: "error_cell",
            message: "sheet \"jobs\" shows errors instead of values".to_owned(),
            rows: 1,
            examples: Vec::new(),
        });
        let (columns, rows, corrected) = (columns(), BTreeSet::from([9]), BTreeMap::new());
        let read = sheet(READ);
        let now = compare(&Pair {
            sent: &sent,
            read: &read,
            columns: &columns,
            rows: &rows,
            corrected: &corrected,
        });
        assert!(now.flaws[0].contains("shows errors"), "{now:?}");
    }
}
