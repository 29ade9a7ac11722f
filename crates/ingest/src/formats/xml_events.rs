//! XML as a stream of starts, texts and ends, without definitions, entities or unbounded depth.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::ReadError;
use crate::formats::opening::Opening;
use crate::formats::{limits, markup};

pub(crate) enum Mark<'a> {
    Start { name: &'a str, fields: Vec<(String, String)> },
    Text(&'a str),
    End,
}

/// Names without their prefix: lists differ in prefixes and mean the same.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn fields(start: &BytesStart<'_>) -> Vec<(String, String)> {
    start
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .filter(|field| !field.key.as_ref().starts_with("xmlns") && !field.key.as_ref().starts_with("xsi:"))
        .map(|field| (local(field.key.as_ref()).to_owned(), markup::unescape(&field.value)))
        .collect()
}

/// Hands every mark to `take`, in order.
pub(crate) fn walk(
    opening: &Opening<'_>,
    text: &str,
    mut take: impl FnMut(Mark<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let words = "XML document";
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|error| opening.damaged(words, error))? {
            Event::Start(start) => {
                depth += 1;
                if depth > limits::DEPTH_MAX {
                    return Err(
                        opening.damaged(words, format!("elements lie more than {} deep", limits::DEPTH_MAX))
                    );
                }
                take(Mark::Start { name: local(start.name().as_ref()), fields: fields(&start) })?;
            }
            Event::Empty(start) => {
                take(Mark::Start { name: local(start.name().as_ref()), fields: fields(&start) })?;
                take(Mark::End)?;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                take(Mark::End)?;
            }
            Event::Text(text) => take(Mark::Text(&text))?,
            Event::CData(text) => take(Mark::Text(&text))?,
            Event::GeneralRef(name) => {
                let mut buffer = [0; 4];
                if let Some(mark) = markup::reference(&name) {
                    take(Mark::Text(mark.encode_utf8(&mut buffer)))?;
                }
            }
            Event::DocType(definition) => {
                if definition.contains('[') || definition.contains("ENTITY") {
                    return Err(opening.damaged(words, "it defines entities, which are not expanded"));
                }
            }
            Event::Eof if depth > 0 => {
                return Err(opening.damaged(words, "it ends before its last element is closed"));
            }
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}
