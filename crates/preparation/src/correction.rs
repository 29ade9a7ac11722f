//! Cells of single rows that a person corrected: what they wrote, as a cell of the column.
//!
//! A correction is kept as it was written, with the row of the file that it is in. It stands in for the cell of the file before
//! anything else is done to the column.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Cell, ValueKind};

use crate::{fold, recipe::Preparation, step};

/// Cells of one table that may be corrected: what is more is better exported again.
pub const CORRECTED_MAX: usize = 50_000;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// What somebody wrote, as a cell of a kind; `None` where it is no value of that kind.
pub fn cell(text: &str, kind: ValueKind) -> Option<Cell> {
    let bare = text.trim();
    if bare.is_empty() {
        return Some(Cell::Empty);
    }
    match kind {
        ValueKind::Text | ValueKind::Empty => Some(Cell::Text(text.to_owned())),
        // A comma parts thousands for some and decimals for others; nobody is asked here which was meant.
        ValueKind::Integer | ValueKind::Decimal | ValueKind::Duration if bare.contains(',') => None,
        // A workbook may know a time of day to the millisecond.
        ValueKind::TimeOfDay => step::cell_of(bare.split('.').next().unwrap_or(bare), kind),
        kind => step::cell_of(bare, kind),
    }
}

/// The corrected cells of a column of a kind by their rows, and what the column holds with them; words about the first that is no
/// such value.
pub(crate) fn cells(
    written: &BTreeMap<u64, String>,
    kind: ValueKind,
) -> Result<(BTreeMap<u64, Cell>, ValueKind), String> {
    let all = |kind| -> Result<BTreeMap<u64, Cell>, String> {
        let one = |(row, text): (&u64, &String)| match cell(text, kind) {
            Some(cell) => Ok((*row, cell)),
            None => Err(format!("row {row}: \"{text}\" is no {} as the other values are", kind.as_str())),
        };
        written.iter().map(one).collect()
    };
    // A column that held nothing holds what is written into it.
    let kind = match kind {
        ValueKind::Empty if !written.is_empty() => [ValueKind::Integer, ValueKind::Date]
            .into_iter()
            .find(|kind| all(*kind).is_ok())
            .unwrap_or(ValueKind::Text),
        kind => kind,
    };
    let cells = all(kind)?;
    let any = |is: &dyn Fn(&Cell) -> bool| cells.values().any(is);
    let kind = match kind {
        ValueKind::Integer if any(&|cell| cell.number().is_some_and(|number| number.fract() != 0.0)) => {
            ValueKind::Decimal
        }
        ValueKind::Date
            if any(&|cell| cell.moment().is_some_and(|at| at.rem_euclid(MICROS_PER_DAY) != 0)) =>
        {
            ValueKind::DateTime
        }
        kind => kind,
    };
    Ok((cells, kind))
}

/// What was corrected in a table, by the row of the file and the place of the column.
pub fn of(preparation: &Preparation, columns: &[(String, ValueKind)]) -> BTreeMap<(u64, usize), Cell> {
    let names = names(columns.iter().map(|(header, _)| header.as_str()));
    let mut all = BTreeMap::new();
    for own in preparation.columns.iter().filter(|own| !own.corrected.is_empty()) {
        let is_own = |name: &Option<String>| {
            name.as_ref().is_some_and(|name| fold::key(name) == fold::key(&own.column))
        };
        let Some(at) = names.iter().position(is_own) else { continue };
        let Ok((cells, _)) = cells(&own.corrected, columns[at].1) else { continue };
        all.extend(cells.into_iter().map(|(row, cell)| ((row, at), cell)));
    }
    all
}

/// What a preparation calls the columns of a table: by their headers, the second of one name with its number. `None` for one that it
/// cannot name.
pub fn names<'a>(headers: impl Iterator<Item = &'a str>) -> Vec<Option<String>> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    headers
        .map(|header| {
            let key = fold::key(header);
            let nth = seen.entry(key.clone()).or_insert(0);
            *nth += 1;
            let name =
                if *nth == 1 { header.trim().to_owned() } else { format!("{} ({nth})", header.trim()) };
            (!key.is_empty() && taken.insert(fold::key(&name))).then_some(name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(texts: &[&str]) -> BTreeMap<u64, String> {
        (2..).zip(texts.iter().map(|text| (*text).to_owned())).collect()
    }

    #[test]
    fn what_is_written_becomes_a_cell_of_the_column() {
        for (text, kind, expected) in [
            ("  ", ValueKind::Integer, Some(Cell::Empty)),
            (" 12.5 ", ValueKind::Integer, Some(Cell::Number(12.5))),
            ("12,5", ValueKind::Decimal, None),
            ("1,234", ValueKind::Integer, None),
            ("see log", ValueKind::Duration, None),
            ("TRUE", ValueKind::Boolean, Some(Cell::Flag(true))),
            ("18:30:00.250", ValueKind::TimeOfDay, Some(Cell::Time(66_600.0))),
            ("1970-01-02", ValueKind::Date, Some(Cell::Moment(MICROS_PER_DAY))),
            ("1970-01-01T00:00:01", ValueKind::DateTime, Some(Cell::Moment(1_000_000))),
            ("31.12.2025", ValueKind::Date, None),
            (" M 07", ValueKind::Text, Some(Cell::Text(" M 07".to_owned()))),
        ] {
            assert_eq!(cell(text, kind), expected, "{text:?} as {kind:?}");
        }
    }

    #[test]
    fn a_column_holds_what_was_written_into_it() {
        for (texts, before, after) in [
            (&["7", "", "8.5"][..], ValueKind::Integer, ValueKind::Decimal),
            (&["7", "8"], ValueKind::Integer, ValueKind::Integer),
            (&["2025-01-31T06:00:00"], ValueKind::Date, ValueKind::DateTime),
            (&["7", "8"], ValueKind::Empty, ValueKind::Integer),
            (&["2025-01-31"], ValueKind::Empty, ValueKind::Date),
            (&["7", "M7"], ValueKind::Empty, ValueKind::Text),
        ] {
            assert_eq!(cells(&written(texts), before).unwrap().1, after, "{texts:?} in {before:?}");
        }
        let refused = cells(&written(&["7", "soon"]), ValueKind::Integer).unwrap_err();
        assert!(refused.contains("row 3") && refused.contains("soon"), "{refused}");
    }

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let headers = ["Note", "note ", "", "Note (2)", "Qty"];
        let known = names(headers.into_iter());
        let known: Vec<Option<&str>> = known.iter().map(Option::as_deref).collect();
        assert_eq!(known, [Some("Note"), Some("note (2)"), None, None, Some("Qty")]);
    }
}
