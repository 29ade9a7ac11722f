//! XML lists: the element that repeats is the row, its attributes and inner elements are the fields.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::error::ReadError;
use crate::formats::detect::Format;
use crate::formats::opening::Opening;
use crate::formats::records::Records;
use crate::formats::xml_events::{Mark, walk};
use crate::formats::{Content, Part, limits, markup};

/// What the first pass learns of the elements under one path.
#[derive(Default)]
struct Seen {
    count: u64,
    depth: usize,
    fields: BTreeSet<String>,
}

pub(crate) fn open(opening: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    let text = markup::text(opening, path)?;
    let row = row_path(opening, &text)?;
    let mut records = Records::new(opening)?;
    let mut names: Vec<String> = Vec::new();
    // Depth at which the open row element lies, the texts of the elements open within it, and its number.
    let mut inside: Option<usize> = None;
    let mut texts: Vec<(String, bool)> = Vec::new();
    let mut number = 0;
    walk(opening, &text, |mark| {
        match mark {
            Mark::Start { name, fields } => {
                names.push(name.to_owned());
                if inside.is_none() && names.join("/") == row {
                    inside = Some(names.len());
                    number += 1;
                }
                if let Some(depth) = inside {
                    if let Some((_, leaf)) = texts.last_mut() {
                        *leaf = false;
                    }
                    texts.push((String::new(), true));
                    let prefix = names[depth..].join(".");
                    for (field, value) in fields {
                        let full = if prefix.is_empty() { field } else { format!("{prefix}.{field}") };
                        records.field(&full, &value)?;
                    }
                }
            }
            Mark::Text(piece) => {
                if let Some((text, _)) = texts.last_mut() {
                    text.push_str(piece);
                }
            }
            Mark::End => {
                if let Some(depth) = inside {
                    let (text, leaf) = texts.pop().unwrap_or_default();
                    let name = if names.len() == depth {
                        names[depth - 1].clone()
                    } else {
                        names[depth..].join(".")
                    };
                    if leaf && (names.len() > depth || !text.trim().is_empty()) {
                        records.field(&name, text.trim())?;
                    }
                    if names.len() == depth {
                        inside = None;
                        records.end(number)?;
                    }
                }
                names.pop();
            }
        }
        Ok(())
    })?;
    if records.cells() == 0 {
        return Err(opening.no_rows("an XML document without a list of records"));
    }
    let content = Content::Rows(Box::new(records.finish()?));
    Ok(vec![Part { names: Vec::new(), format: Format::Xml.words().into(), content, issues: Vec::new() }])
}

/// The path of the element that makes the rows: where count and fields give the largest table.
fn row_path(opening: &Opening<'_>, text: &str) -> Result<String, ReadError> {
    let mut seen: HashMap<String, Seen> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    walk(opening, text, |mark| {
        match mark {
            Mark::Start { name, fields } => {
                let parent = names.join("/");
                if let Some(parent) = seen.get_mut(&parent)
                    && parent.fields.len() < limits::COLUMNS_MAX
                {
                    parent.fields.insert(name.to_owned());
                }
                names.push(name.to_owned());
                let path = names.join("/");
                if !seen.contains_key(&path) && seen.len() >= limits::XML_PATHS_MAX {
                    return Err(opening.damaged("XML list", "it has no element that repeats"));
                }
                let entry = seen.entry(path).or_default();
                entry.count += 1;
                entry.depth = names.len();
                for (field, _) in fields {
                    if entry.fields.len() < limits::COLUMNS_MAX {
                        entry.fields.insert(format!("@{field}"));
                    }
                }
            }
            Mark::Text(_) => {}
            Mark::End => {
                names.pop();
            }
        }
        Ok(())
    })?;
    let best = seen.iter().filter(|(_, path)| !path.fields.is_empty()).max_by(|(a_path, a), (b_path, b)| {
        let size = |path: &Seen| {
            // A single element is a row only where nothing repeats.
            if path.count > 1 { path.count * path.fields.len() as u64 } else { 0 }
        };
        size(a).cmp(&size(b)).then(b.depth.cmp(&a.depth)).then(b_path.cmp(a_path))
    });
    match best {
        Some((path, found)) if found.count > 1 => Ok(path.clone()),
        // One record: the deepest element that has fields.
        _ => seen
            .iter()
            .filter(|(_, path)| !path.fields.is_empty())
            .max_by(|(a_path, a), (b_path, b)| a.fields.len().cmp(&b.fields.len()).then(b_path.cmp(a_path)))
            .map(|(path, _)| path.clone())
            .ok_or_else(|| opening.no_rows("an XML document without a list of records")),
    }
}
