//! The dialects of the exports, read from `data/styles.csv`, `data/layouts.csv` and `data/words.csv`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::Error;

const STYLES: &str = include_str!("../../data/styles.csv");
const LAYOUTS: &str = include_str!("../../data/layouts.csv");
const WORDS: &str = include_str!("../../data/words.csv");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateForm {
    YearMonthDay,
    MonthDayYear,
    DayMonthYear,
}

/// What one row of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grain {
    Order,
    Operation,
    Ticket,
    Line,
    Reject,
    Stop,
    Maintenance,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ColumnLayout {
    style: String,
    pub(crate) file: String,
    pub(crate) grain: Grain,
    /// Which value of the plant the column shows.
    pub(crate) key: String,
    /// The canonical field, or nothing where the column has none.
    pub(crate) field: String,
    pub(crate) caption: String,
}

/// How an ERP writes its exports.
#[derive(Debug)]
pub(crate) struct Style {
    pub(crate) delimiter: u8,
    pub(crate) decimal: u8,
    /// The data tier that its files reach.
    pub(crate) tier: u8,
    pub(crate) date: DateForm,
    pub(crate) moment: DateForm,
    single_byte: bool,
    words: BTreeMap<&'static str, &'static str>,
    pub(crate) columns: Vec<ColumnLayout>,
}

#[derive(Debug, Deserialize)]
struct StyleRow {
    style: String,
    delimiter: String,
    decimal: String,
    date: String,
    moment: String,
    encoding: String,
    language: String,
    meaning: String,
    tier: u8,
}

fn rows<T: for<'de> Deserialize<'de>>(text: &'static str, what: &'static str) -> Result<Vec<T>, Error> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(|row| row.map_err(|error| Error::Layout { what, name: error.to_string() }))
        .collect()
}

/// Names and meanings of the styles, the default first.
pub fn styles() -> Result<Vec<(String, String)>, Error> {
    Ok(rows::<StyleRow>(STYLES, "style")?.into_iter().map(|row| (row.style, row.meaning)).collect())
}

fn date_form(text: &str) -> Result<DateForm, Error> {
    match text.trim_end_matches("_hm") {
        "iso" => Ok(DateForm::YearMonthDay),
        "mdy" => Ok(DateForm::MonthDayYear),
        "dmy" => Ok(DateForm::DayMonthYear),
        _ => Err(Error::Layout { what: "date form", name: text.to_owned() }),
    }
}

fn single(text: &str) -> Result<u8, Error> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(Error::Layout { what: "character", name: text.to_owned() }),
    }
}

impl Style {
    pub(crate) fn named(name: &str) -> Result<Self, Error> {
        let mut known = Vec::new();
        for row in rows::<StyleRow>(STYLES, "style")? {
            if row.style != name {
                known.push(row.style);
                continue;
            }
            let mut columns = rows::<ColumnLayout>(LAYOUTS, "column")?;
            columns.retain(|column| column.style == name);
            return Ok(Self {
                delimiter: single(&row.delimiter)?,
                decimal: single(&row.decimal)?,
                tier: row.tier,
                date: date_form(&row.date)?,
                moment: date_form(&row.moment)?,
                single_byte: row.encoding == "windows-1252",
                words: if row.language == "de" { german() } else { BTreeMap::new() },
                columns,
            });
        }
        Err(Error::UnknownStyle { name: name.to_owned(), known: known.join(", ") })
    }

    pub(crate) fn translate(&self, word: &'static str) -> &'static str {
        self.words.get(word).copied().unwrap_or(word)
    }

    /// Appends text in the encoding of the dialect. All its letters are Latin-1, which Windows-1252 shares.
    pub(crate) fn encode(&self, text: &str, out: &mut Vec<u8>) {
        if self.single_byte {
            out.extend(text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')));
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    }

    pub(crate) fn quoted(&self, text: &str, out: &mut Vec<u8>) {
        let quote = text.bytes().any(|byte| byte == self.delimiter || byte == b'"' || byte == b'\n');
        if quote {
            out.push(b'"');
            self.encode(&text.replace('"', "\"\""), out);
            out.push(b'"');
        } else {
            self.encode(text, out);
        }
    }
}

/// The words are two columns without quotes, so that they can be borrowed from the program itself.
fn german() -> BTreeMap<&'static str, &'static str> {
    WORDS.lines().skip(1).filter_map(|line| line.split_once(',')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_is_complete() {
        for (name, meaning) in styles().unwrap() {
            let style = Style::named(&name).unwrap();
            assert!(!style.columns.is_empty() && !meaning.is_empty());
            for column in &style.columns {
                let known = column.field.is_empty() || ontology::FieldId::named(&column.field).is_some();
                assert!(known, "{name}: {} is no field", column.field);
            }
        }
        assert!(matches!(Style::named("papyrus"), Err(Error::UnknownStyle { .. })));
    }
}
