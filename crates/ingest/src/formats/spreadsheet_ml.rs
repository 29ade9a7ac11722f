//! The XML spreadsheet of Excel 2003: worksheets of rows of cells, with gaps by index.

use std::path::Path;

use crate::error::ReadError;
use crate::formats::detect::Format;
use crate::formats::opening::Opening;
use crate::formats::spool::Spool;
use crate::formats::xml_events::{Mark, walk};
use crate::formats::{Content, Part, cell_text, markup};

pub(crate) fn open(opening: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    let text = markup::text(opening, path)?;
    let mut sheets: Vec<(String, Spool)> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let (mut row, mut column): (u64, usize) = (0, 0);
    let mut cells: Vec<String> = Vec::new();
    let (mut kind, mut value) = (String::new(), String::new());
    walk(opening, &text, |mark| {
        match mark {
            Mark::Start { name, fields } => {
                let find = |name: &str| {
                    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
                };
                match name {
                    "Worksheet" => {
                        let sheet = find("Name").unwrap_or_default().to_owned();
                        sheets.push((sheet, Spool::new(opening)?));
                        row = 0;
                    }
                    "Row" => {
                        let next = find("Index").and_then(|index| index.parse().ok()).unwrap_or(row + 1);
                        row = next.clamp(row + 1, (row + 1).max(1 << 20));
                        column = 0;
                        cells.clear();
                    }
                    "Cell" => {
                        if let Some(index) = find("Index").and_then(|index| index.parse::<usize>().ok()) {
                            column = column.max(index.saturating_sub(1));
                        }
                        let across =
                            find("MergeAcross").and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
                        if let Some((_, spool)) = sheets.last()
                            && column.saturating_add(across) >= spool.columns_max()
                        {
                            return Err(spool.too_many_columns(column.saturating_add(across) + 1));
                        }
                        if cells.len() <= column {
                            cells.resize(column + 1, String::new());
                        }
                        names.push(name.to_owned());
                        names.push(across.to_string());
                        return Ok(());
                    }
                    "Data" => {
                        find("Type").unwrap_or("String").clone_into(&mut kind);
                        value.clear();
                    }
                    _ => {}
                }
                names.push(name.to_owned());
            }
            Mark::Text(piece) => {
                if names.iter().rev().take(6).any(|name| name == "Data") {
                    value.push_str(piece);
                }
            }
            Mark::End => {
                let mut name = names.pop().unwrap_or_default();
                let mut across = 0;
                if names.last().is_some_and(|outer| outer == "Cell")
                    && name.bytes().all(|byte| byte.is_ascii_digit())
                {
                    across = name.parse().unwrap_or(0);
                    name = names.pop().unwrap_or_default();
                }
                match name.as_str() {
                    "Data" => {
                        if let Some(cell) = cells.get_mut(column) {
                            *cell = canonical(&kind, &value);
                        }
                    }
                    "Cell" => column += 1 + across,
                    "Row" => {
                        if let Some((_, spool)) = sheets.last_mut() {
                            spool.push(row, &cells)?;
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    })?;
    sheets.retain(|(_, spool)| spool.cells > 0);
    sheets.sort_by_key(|(_, spool)| std::cmp::Reverse(spool.cells));
    if sheets.is_empty() {
        return Err(opening.no_rows("a workbook whose sheets are all empty"));
    }
    sheets
        .into_iter()
        .map(|(name, spool)| {
            Ok(Part {
                names: vec![name],
                format: Format::SpreadsheetMl.words().into(),
                content: Content::Rows(Box::new(spool.finish(None)?)),
                issues: Vec::new(),
            })
        })
        .collect()
}

fn canonical(kind: &str, value: &str) -> String {
    match kind {
        "Number" => value.trim().parse().map_or_else(|_| value.to_owned(), cell_text::number),
        "Boolean" => if value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(),
        "DateTime" => cell_text::iso_moment(value.trim_end_matches(".000")).to_owned(),
        "Error" => String::new(),
        _ => value.to_owned(),
    }
}
