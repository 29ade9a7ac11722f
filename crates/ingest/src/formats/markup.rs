//! The text of markup files (XML, HTML), decoded by what they say of themselves.

use std::path::Path;

use encoding_rs::Encoding;

use crate::error::ReadError;
use crate::formats::archive;
use crate::formats::opening::Opening;

/// The whole file as text: by its mark, by its declaration, as UTF-8, or by the guess of its bytes.
pub(crate) fn text(opening: &Opening<'_>, path: &Path) -> Result<String, ReadError> {
    let bytes = archive::whole(opening, path, "a text")?;
    if let Some((encoding, length)) = Encoding::for_bom(&bytes) {
        return Ok(encoding.decode_without_bom_handling(&bytes[length..]).0.into_owned());
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    let encoding = declared(&bytes).unwrap_or_else(|| {
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
        detector.feed(&bytes[..bytes.len().min(1 << 20)], true);
        detector.guess(None, chardetng::Utf8Detection::Allow)
    });
    Ok(encoding.decode_without_bom_handling(&bytes).0.into_owned())
}

/// `encoding="…"` of XML or `charset=…` of HTML.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let (_, rest) = start.split_once("encoding=").or_else(|| start.split_once("charset="))?;
    let label: String = rest
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|mark| mark.is_ascii_alphanumeric() || "-_:".contains(*mark))
        .collect();
    Encoding::for_label(label.as_bytes())
}

/// The character that a reference (`amp`, `#228`, `#xE4`) stands for. Entities that a file defines itself are none.
pub(crate) fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|mark| *mark != '\0');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "ntilde" => 'ñ',
        "euro" => '€',
        "pound" => '£',
        "deg" => '°',
        "ndash" => '–',
        "mdash" => '—',
        _ => return None,
    })
}

/// Text with its references resolved; what is no known reference stays as written.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let found = rest.as_bytes().iter().take(12).position(|byte| *byte == b';');
        if let Some((mark, end)) = found.and_then(|end| reference(&rest[1..end]).map(|mark| (mark, end))) {
            out.push(mark);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}
