//! HTML tables, as many systems save them under the name of a workbook.

use std::path::Path;

use crate::error::ReadError;
use crate::formats::detect::Format;
use crate::formats::opening::Opening;
use crate::formats::spool::Spool;
use crate::formats::{Content, Part, markup};

/// A `<table>` that is being read. Tables within cells are layout: their text belongs to no row of their own.
struct Table {
    spool: Spool,
    row: u64,
    cells: Vec<String>,
    /// By column: text and count of rows that a cell above still covers.
    covered: Vec<(String, u64)>,
    /// Text, columns and rows of the open cell.
    cell: Option<(String, usize, u64)>,
    in_row: bool,
}

impl Table {
    fn end_cell(&mut self) -> Result<(), ReadError> {
        let Some((text, columns, rows)) = self.cell.take() else { return Ok(()) };
        self.pass_covered();
        let text = markup::unescape(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        let found = self.cells.len().saturating_add(columns);
        if found > self.spool.columns_max() {
            return Err(self.spool.too_many_columns(found));
        }
        for _ in 0..columns {
            let column = self.cells.len();
            if rows > 1 {
                if self.covered.len() <= column {
                    self.covered.resize(column + 1, (String::new(), 0));
                }
                self.covered[column] = (text.clone(), rows);
            }
            self.cells.push(text.clone());
        }
        Ok(())
    }

    fn pass_covered(&mut self) {
        while let Some((text, 1..)) = self.covered.get(self.cells.len()) {
            let text = text.clone();
            self.cells.push(text);
        }
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        self.end_cell()?;
        if std::mem::take(&mut self.in_row) {
            self.pass_covered();
            self.row += 1;
            // A single cell over all columns is a banner: its text once.
            let first = self.cells.first().cloned().unwrap_or_default();
            if self.cells.len() > 1 && self.cells.iter().all(|cell| *cell == first) {
                self.cells.truncate(1);
            }
            self.spool.push(self.row, &self.cells)?;
            self.cells.clear();
            for (_, rows) in &mut self.covered {
                *rows = rows.saturating_sub(1);
            }
        }
        Ok(())
    }
}

pub(crate) fn open(opening: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    let text = markup::text(opening, path)?;
    let mut tables: Vec<Table> = Vec::new();
    let mut open: Option<Table> = None;
    let mut inner = 0_usize;
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (piece, tag_on) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        if let Some((cell, ..)) = open.as_mut().and_then(|table| table.cell.as_mut()) {
            cell.push_str(piece);
        }
        if tag_on.is_empty() {
            break;
        }
        if let Some(comment) = tag_on.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = tag_on.find('>') else { break };
        let tag = &tag_on[1..end];
        rest = &tag_on[end + 1..];
        let name: String = tag
            .chars()
            .take_while(|mark| mark.is_ascii_alphanumeric() || *mark == '/')
            .collect::<String>()
            .to_ascii_lowercase();
        match (name.as_str(), &mut open) {
            ("script" | "style", _) => {
                let close = format!("</{name}");
                let end = rest
                    .as_bytes()
                    .windows(close.len())
                    .position(|part| part.eq_ignore_ascii_case(close.as_bytes()));
                rest = end.map_or("", |end| &rest[end..]);
            }
            ("table", Some(_)) => inner += 1,
            ("table", None) => {
                open = Some(Table {
                    spool: Spool::new(opening)?,
                    row: 0,
                    cells: Vec::new(),
                    covered: Vec::new(),
                    cell: None,
                    in_row: false,
                });
            }
            ("/table", Some(_)) if inner > 0 => inner -= 1,
            ("/table", slot) => {
                if let Some(mut table) = slot.take() {
                    table.end_row()?;
                    tables.push(table);
                }
            }
            ("tr", Some(table)) if inner == 0 => {
                table.end_row()?;
                table.in_row = true;
            }
            ("/tr", Some(table)) if inner == 0 => table.end_row()?,
            ("td" | "th", Some(table)) if inner == 0 => {
                table.end_cell()?;
                table.in_row = true;
                let columns = attribute(tag, "colspan").unwrap_or(1).max(1) as usize;
                table.cell = Some((String::new(), columns, attribute(tag, "rowspan").unwrap_or(1).max(1)));
            }
            ("/td" | "/th", Some(table)) if inner == 0 => table.end_cell()?,
            ("br" | "br/" | "p" | "/p" | "div" | "/div" | "td" | "th", Some(table)) => {
                if let Some((cell, ..)) = &mut table.cell {
                    cell.push(' ');
                }
            }
            _ => {}
        }
    }
    if let Some(mut table) = open {
        table.end_row()?;
        tables.push(table);
    }
    tables.retain(|table| table.spool.cells > 0);
    tables.sort_by_key(|table| std::cmp::Reverse(table.spool.cells));
    if tables.is_empty() {
        let what = "a web page without a table".to_owned();
        return Err(ReadError::NotATable { file: opening.file.clone(), what });
    }
    let many = tables.len() > 1;
    tables
        .into_iter()
        .enumerate()
        .map(|(index, table)| {
            Ok(Part {
                names: if many { vec![format!("table {}", index + 1)] } else { Vec::new() },
                format: Format::Html.words().into(),
                content: Content::Rows(Box::new(table.spool.finish(None)?)),
                issues: Vec::new(),
            })
        })
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<u64> {
    let lower = tag.to_ascii_lowercase();
    let (_, rest) = lower.split_once(name)?;
    let digits: String = rest
        .trim_start_matches([' ', '=', '"', '\''])
        .chars()
        .take_while(char::is_ascii_digit)
        .take(9)
        .collect();
    digits.parse().ok()
}
