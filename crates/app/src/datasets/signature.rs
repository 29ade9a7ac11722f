//! By what a file is known again: its headers, whatever their order, case and punctuation.

use aws_lc_rs::digest::{SHA256, digest};
use domain::Mapping;

/// The signature of the tables of a file.
pub(crate) fn signature(mappings: &[Mapping]) -> String {
    let mut text = String::new();
    for mapping in mappings {
        let mut headers: Vec<String> =
            mapping.columns.iter().map(|column| mapping::header_key(&column.source)).collect();
        headers.sort_unstable();
        for header in headers {
            text.push_str(&header);
            text.push('\u{1f}');
        }
        text.push('\u{1e}');
    }
    hex::encode(digest(&SHA256, text.as_bytes()))
}
