//! Merged cells: the value stands once and is meant for the whole region.
//!
//! Text is repeated, since a label over two columns or ten rows belongs to each of them. Numbers are not: a quantity
//! would be counted twice. A region that is all its row holds is a banner and stays as it is.

use calamine::Dimensions;

use crate::formats::limits;

pub(crate) struct Merged {
    /// By first row.
    waiting: std::iter::Peekable<std::vec::IntoIter<Dimensions>>,
    active: Vec<(Dimensions, String)>,
    /// Regions whose number was not repeated.
    pub(crate) numbers_kept_once: u64,
}

impl Merged {
    pub(crate) fn new(mut regions: Vec<Dimensions>) -> Self {
        regions.retain(|region| region.start.0 <= region.end.0 && region.start.1 <= region.end.1);
        regions.sort_unstable();
        regions.truncate(limits::MERGED_MAX);
        Self { waiting: regions.into_iter().peekable(), active: Vec::new(), numbers_kept_once: 0 }
    }

    /// Fills what is meant for `row` (0-based). `textual` says of a column whether its cell was text.
    pub(crate) fn fill(
        &mut self,
        row: u32,
        cells: &mut Vec<String>,
        columns_max: usize,
        textual: impl Fn(usize) -> bool,
    ) {
        self.active.retain(|(region, _)| region.end.0 >= row);
        for (region, value) in &self.active {
            write(region, value, cells, columns_max);
        }
        let mut found = Vec::new();
        while let Some(region) = self.waiting.next_if(|region| region.start.0 <= row) {
            let (first, last) = (region.start.1 as usize, region.end.1 as usize);
            let value = cells.get(first).cloned().unwrap_or_default();
            if region.start.0 < row || value.is_empty() {
                continue;
            }
            if !textual(first) {
                self.numbers_kept_once += u64::from(region.end.0 > region.start.0);
                continue;
            }
            let alone = cells
                .iter()
                .enumerate()
                .all(|(column, cell)| (first..=last).contains(&column) || cell.is_empty());
            if !(alone && last > first) {
                found.push((region, value));
            }
        }
        for (region, value) in found {
            write(&region, &value, cells, columns_max);
            if region.end.0 > region.start.0 && region.end.0 - region.start.0 <= limits::MERGED_ROWS_MAX {
                self.active.push((region, value));
            }
        }
    }
}

fn write(region: &Dimensions, value: &str, cells: &mut Vec<String>, columns_max: usize) {
    let last = (region.end.1 as usize).min(columns_max.saturating_sub(1));
    if cells.len() <= last {
        cells.resize(last + 1, String::new());
    }
    for cell in cells.iter_mut().take(last + 1).skip(region.start.1 as usize).filter(|cell| cell.is_empty()) {
        cell.push_str(value);
    }
}
