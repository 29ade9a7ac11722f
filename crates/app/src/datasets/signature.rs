//! By what a file is known again: its headers, whatever their order, case and punctuation.

use aws_lc_rs::digest::{SHA256, digest};
use domain::Mapping;

/// The signature of the tables of a file; of each, the columns that it was read with.
pub(crate) fn signature(mappings: &[Mapping], as_read: &[usize]) -> String {
    let tables = mappings.iter().enumerate().map(|(at, mapping)| {
        let own = as_read.get(at).copied().unwrap_or(usize::MAX);
        mapping.columns.iter().filter(move |column| column.index < own).map(|column| column.source.as_str())
    });
    of_headers(tables)
}

/// The same of headers alone, table by table.
pub(crate) fn of_headers<'a, T: Iterator<Item = &'a str>>(tables: impl Iterator<Item = T>) -> String {
    let mut text = String::new();
    for headers in tables {
        let mut headers: Vec<String> = headers.map(mapping::header_key).collect();
        headers.sort_unstable();
        for header in headers {
            text.push_str(&header);
            text.push('\u{1f}');
        }
        text.push('\u{1e}');
    }
    hex::encode(digest(&SHA256, text.as_bytes()))
}
