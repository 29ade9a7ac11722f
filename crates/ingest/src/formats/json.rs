//! JSON: arrays of records wherever they lie, and one record per line. Nested objects become dotted names.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use domain::issue::Severity;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::ReadError;
use crate::formats::cell_text;
use crate::formats::detect::Format;
use crate::formats::opening::Opening;
use crate::formats::records::Records;
use crate::formats::{Content, Part};

/// A value that keeps the order of its fields.
enum Node {
    Nothing,
    Scalar(String),
    List(Vec<Node>),
    Record(Vec<(String, Node)>),
}

struct NodeVisitor;

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(if value { "TRUE" } else { "FALSE" }.into()))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(cell_text::number(value)))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Node::Record(fields))
    }
}

/// One array of records, by the names that lead to it.
struct Table {
    names: Vec<String>,
    records: Records,
    rows: u64,
    lists_left_out: u64,
}

impl Table {
    fn add(&mut self, node: Node, number: u64) -> Result<(), ReadError> {
        self.rows += 1;
        match node {
            Node::List(cells) => {
                for (column, cell) in cells.into_iter().enumerate() {
                    self.value(&format!("column {}", column + 1), cell)?;
                }
            }
            Node::Record(fields) => {
                for (name, node) in fields {
                    self.value(&name, node)?;
                }
            }
            scalar => self.value("value", scalar)?,
        }
        self.records.end(number)
    }

    fn value(&mut self, name: &str, node: Node) -> Result<(), ReadError> {
        match node {
            Node::Nothing => self.records.field(name, ""),
            Node::Scalar(text) => self.records.field(name, &text),
            Node::Record(fields) => {
                for (inner, node) in fields {
                    self.value(&format!("{name}.{inner}"), node)?;
                }
                Ok(())
            }
            Node::List(items) => {
                for item in items {
                    match item {
                        Node::Scalar(text) => self.records.field(name, &text)?,
                        Node::Nothing => {}
                        Node::List(_) | Node::Record(_) => self.lists_left_out += 1,
                    }
                }
                Ok(())
            }
        }
    }

    fn part(self, opening: &Opening<'_>, format: Format) -> Result<Part, ReadError> {
        let mut issues = Vec::new();
        if self.lists_left_out > 0 {
            let message = format!(
                "{} records lie in lists within the records and were left out; export them as a table of their own",
                self.lists_left_out
            );
            issues.push(opening.issue(Severity::Warning, "nested_records", message));
        }
        let content = Content::Rows(Box::new(self.records.finish()?));
        Ok(Part { names: self.names, format: format.words().into(), content, issues })
    }
}

/// Walks the document without holding more than one record of it.
struct Walk<'a, 'b> {
    opening: &'a Opening<'b>,
    path: &'a mut Vec<String>,
    tables: &'a mut Vec<Table>,
    /// Our own error, which the parser's error type cannot carry.
    failed: &'a mut Option<ReadError>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = Option<Node>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    /// A value that is no container, given back to whoever holds it.
    type Value = Option<Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        NodeVisitor.visit_bool(value).map(Some)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        NodeVisitor.visit_i64(value).map(Some)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        NodeVisitor.visit_u64(value).map(Some)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
        NodeVisitor.visit_f64(value).map(Some)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        NodeVisitor.visit_str(value).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let stop = <A::Error as serde::de::Error>::custom;
        let mut table: Option<Table> = None;
        let mut number = 0;
        while let Some(node) = list.next_element::<Node>()? {
            number += 1;
            let table = match &mut table {
                Some(table) => table,
                None => match Records::new(self.opening) {
                    Ok(records) => {
                        table.insert(Table { names: self.path.clone(), records, rows: 0, lists_left_out: 0 })
                    }
                    Err(error) => {
                        *self.failed = Some(error);
                        return Err(stop("scratch"));
                    }
                },
            };
            if let Err(error) = table.add(node, number) {
                *self.failed = Some(error);
                return Err(stop("record"));
            }
        }
        self.tables.extend(table);
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut scalars = Vec::new();
        let tables = self.tables.len();
        while let Some(name) = map.next_key::<String>()? {
            self.path.push(name.clone());
            let walk =
                Walk { opening: self.opening, path: self.path, tables: self.tables, failed: self.failed };
            let scalar = map.next_value_seed(walk)?;
            self.path.pop();
            scalars.extend(scalar.map(|node| (name, node)));
        }
        // A document without any array is a single record.
        if self.path.is_empty() && self.tables.len() == tables && !scalars.is_empty() {
            let single = Records::new(self.opening).and_then(|records| {
                let mut table = Table { names: Vec::new(), records, rows: 0, lists_left_out: 0 };
                table.add(Node::Record(scalars), 1)?;
                Ok(table)
            });
            match single {
                Ok(table) => self.tables.push(table),
                Err(error) => {
                    *self.failed = Some(error);
                    return Err(serde::de::Error::custom("record"));
                }
            }
        }
        Ok(None)
    }
}

/// Opens the text as UTF-8 without its mark.
fn input(opening: &Opening<'_>, path: &Path) -> Result<Box<dyn BufRead>, ReadError> {
    let failed = |error| ReadError::io("read", path, error);
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
    let start = reader.fill_buf().map_err(failed)?;
    match encoding_rs::Encoding::for_bom(start) {
        Some((encoding, length)) if encoding == encoding_rs::UTF_8 => {
            reader.read_exact(&mut [0; 3][..length]).map_err(failed)?;
            Ok(Box::new(reader))
        }
        Some(_) => {
            Ok(Box::new(std::io::Cursor::new(crate::formats::markup::text(opening, path)?.into_bytes())))
        }
        None => Ok(Box::new(reader)),
    }
}

pub(crate) fn open(opening: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    let (mut tables, mut failed) = (Vec::new(), None);
    let mut parser = serde_json::Deserializer::from_reader(input(opening, path)?);
    let walk = Walk { opening, path: &mut Vec::new(), tables: &mut tables, failed: &mut failed };
    let walked = walk.deserialize(&mut parser).and_then(|_| parser.end());
    if let Some(error) = failed {
        return Err(error);
    }
    if let Err(error) = walked {
        return Err(opening.damaged("JSON document", error));
    }
    tables.sort_by_key(|table| std::cmp::Reverse(table.records.cells()));
    tables.retain(|table| table.records.cells() > 0);
    if tables.is_empty() {
        return Err(opening.no_rows("a JSON document without records"));
    }
    tables.into_iter().map(|table| table.part(opening, Format::Json)).collect()
}

/// One record per line; a line that is none is reported and left out.
pub(crate) fn open_lines(opening: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    let limit = opening.options.record_bytes_max;
    let mut input = input(opening, path)?;
    let records = Records::new(opening)?;
    let mut table = Table { names: Vec::new(), records, rows: 0, lists_left_out: 0 };
    let (mut bad, mut examples) = (0, Vec::new());
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let length = input
            .by_ref()
            .take(limit as u64 + 1)
            .read_until(b'\n', &mut line)
            .map_err(|error| ReadError::io("read", path, error))?;
        if length == 0 {
            break;
        }
        number += 1;
        if length > limit {
            return Err(ReadError::LineTooLong { file: opening.file.clone(), line: number, limit });
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let Ok(node) = serde_json::from_slice::<Node>(&line) {
            table.add(node, number)?;
        } else {
            bad += 1;
            if examples.len() < 100 {
                examples.push(number);
            }
        }
    }
    if table.records.cells() == 0 {
        return Err(opening.no_rows("JSON lines without records"));
    }
    let mut part = table.part(opening, Format::JsonLines)?;
    if bad > 0 {
        let message = format!("{bad} lines are no whole JSON record and were left out");
        let mut issue = opening.issue(Severity::Warning, "unreadable_record", message);
        issue.row = examples.first().copied();
        issue.rows = bad;
        issue.examples = examples;
        part.issues.push(issue);
    }
    Ok(vec![part])
}
