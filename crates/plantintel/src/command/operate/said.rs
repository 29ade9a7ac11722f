//! What `admin operate` prints.

use serde_json::{Value, json};

use crate::failure::Failure;

/// What is printed: a document for programs, or a table for people.
pub(super) struct Said {
    document: Value,
    table: Vec<Vec<String>>,
}

impl Said {
    pub(super) fn done(words: &str) -> Self {
        Self { document: json!({ "done": words }), table: vec![vec![words.to_owned()]] }
    }

    /// A table with these heads, and the same as documents.
    pub(super) fn list(heads: &[&str], rows: Vec<Vec<String>>) -> Self {
        let items: Vec<Value> = rows
            .iter()
            .map(|row| heads.iter().zip(row).map(|(head, cell)| ((*head).to_owned(), json!(cell))).collect())
            .collect();
        let mut table = vec![heads.iter().map(|head| (*head).to_owned()).collect()];
        table.extend(rows);
        Self { document: json!({ "items": items }), table }
    }

    pub(super) fn print(&self, as_json: bool) -> Result<String, Failure> {
        if as_json {
            return Ok(serde_json::to_string_pretty(&self.document).map_err(anyhow::Error::from)?);
        }
        Ok(self.lines().join("\n"))
    }

    fn lines(&self) -> Vec<String> {
        let columns = self.table.iter().map(Vec::len).max().unwrap_or(0);
        // A line of one cell is a heading: it makes no column wider.
        let wide = |column: usize| {
            let cells = self.table.iter().filter(|row| row.len() > 1).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(wide).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.table.iter().map(line).collect()
    }

    /// One thing: names and their values, and documents of what belongs to it.
    pub(super) fn one(facts: Vec<(&str, String)>, parts: Vec<(&str, Said)>) -> Self {
        let mut document: serde_json::Map<String, Value> =
            facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let mut table: Vec<Vec<String>> =
            facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        for (name, part) in parts {
            document.insert(name.to_owned(), part.document["items"].clone());
            table.push(Vec::new());
            table.push(vec![format!("{name}:")]);
            // What stands in a list is as wide as it is; the facts above keep their own columns.
            table.extend(part.lines().into_iter().map(|line| vec![line]));
        }
        Self { document: Value::Object(document), table }
    }
}
