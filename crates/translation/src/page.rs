//! A finished page, rewritten in the reader's language: its text, and the attributes that are read out or shown.
//!
//! A tokenizer over our own output, which is well-formed: quoted attributes, closed elements. Whatever stands under
//! `translate="no"`, and what is code, passes as it is.

use std::borrow::Cow;

use crate::{Tongue, catalogue};

/// Attributes that people see or hear.
const SHOWN: [&str; 8] =
    ["title", "aria-label", "placeholder", "alt", "label", "data-label", "data-confirm", "data-words"];
/// Elements without an end.
const VOID: [&str; 8] = ["area", "br", "hr", "img", "input", "link", "meta", "wbr"];
/// Elements whose text is no prose.
const RAW: [&str; 4] = ["script", "style", "textarea", "code"];

/// A page in this language. English passes byte for byte.
pub fn page(html: String, tongue: Tongue) -> String {
    if tongue == Tongue::English {
        return html;
    }
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    walk(&html, tongue, &mut out, None);
    out
}

/// The texts of a page that the catalogue of this language does not know.
pub fn misses(html: &str, tongue: Tongue) -> Vec<String> {
    let mut missed = Vec::new();
    walk(html, tongue, &mut String::new(), Some(&mut missed));
    missed
}

fn walk(html: &str, tongue: Tongue, out: &mut String, mut missed: Option<&mut Vec<String>>) {
    let mut rest = html;
    // How many elements are open inside of one that is not to be translated, itself included.
    let mut shut = 0_usize;
    // Labels of a drawing are the customer's, or were translated before it was drawn: only figures are left.
    let mut drawn = false;
    while let Some(open) = rest.find('<') {
        if drawn && shut == 0 {
            label(&rest[..open], tongue, out);
        } else {
            text(&rest[..open], shut > 0, tongue, out, missed.as_deref_mut());
        }
        rest = &rest[open..];
        let Some(end) = end_of_tag(rest) else { break };
        let tag = &rest[..end];
        rest = &rest[end..];
        if tag == "</svg>" {
            drawn = false;
        }
        if tag.starts_with("</") {
            shut = shut.saturating_sub(1);
            out.push_str(tag);
            continue;
        }
        let name = tag[1..].split([' ', '>', '/', '\n']).next().unwrap_or_default();
        if name.starts_with('!') {
            out.push_str(tag);
            continue;
        }
        drawn |= matches!(name, "text" | "tspan");
        drawn &= name != "title";
        let is_open = !VOID.contains(&name) && !tag.ends_with("/>");
        let barred = shut > 0 || tag.contains(" translate=\"no\"");
        if barred {
            out.push_str(tag);
        } else {
            attributes(tag, name, tongue, out, missed.as_deref_mut());
        }
        if is_open && (barred || RAW.contains(&name)) {
            shut += 1;
        }
        if matches!(name, "script" | "style" | "textarea") {
            let close = rest.find(&format!("</{name}")).unwrap_or(rest.len());
            out.push_str(&rest[..close]);
            rest = &rest[close..];
        }
    }
    text(rest, shut > 0, tongue, out, missed);
}

/// Where the tag at the start ends: the first `>` outside of quotes.
fn end_of_tag(html: &str) -> Option<usize> {
    if html.starts_with("<!--") {
        return html.find("-->").map(|at| at + 3);
    }
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn attributes(tag: &str, name: &str, tongue: Tongue, out: &mut String, mut missed: Option<&mut Vec<String>>) {
    let mut rest = tag;
    while let Some(at) = rest.find("=\"") {
        let key = rest[..at].rsplit([' ', '\n']).next().unwrap_or_default();
        let value = &rest[at + 2..];
        let Some(end) = value.find('"') else { break };
        let value = &value[..end];
        out.push_str(&rest[..at + 2]);
        let button = || key == "value" && name == "input" && tag.contains("type=\"submit\"");
        if name == "html" && key == "lang" {
            out.push_str(tongue.tag());
        } else if SHOWN.contains(&key) || key.starts_with("data-say-") || button() {
            text(value, false, tongue, out, missed.as_deref_mut());
        } else {
            out.push_str(value);
        }
        rest = &rest[at + 2 + end..];
    }
    out.push_str(rest);
}

/// What every title ends with.
const BRAND: &str = " · PlantIntel";

/// A text with the blanks around it kept; a sentence does not run on into the name of the product behind it.
fn text(raw: &str, barred: bool, tongue: Tongue, out: &mut String, missed: Option<&mut Vec<String>>) {
    let core = raw.trim();
    if let Some(title) = core.strip_suffix(BRAND) {
        text(title, barred, tongue, out, missed);
        out.push_str(BRAND);
        return;
    }
    if barred || !core.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        out.push_str(raw);
        return;
    }
    let plain = decoded(core);
    if let Some(missed) = missed
        && has_word(&plain)
        && !catalogue::of(tongue).knows(&plain)
    {
        missed.push(plain.clone().into_owned());
    }
    if let Some(said) = catalogue::of(tongue).say(&plain) {
        let from = raw.len() - raw.trim_start().len();
        out.push_str(&raw[..from]);
        encoded(&said, out);
        out.push_str(&raw[from + core.len()..]);
    } else {
        out.push_str(raw);
    }
}

/// A label of a drawing.
fn label(raw: &str, tongue: Tongue, out: &mut String) {
    match catalogue::of(tongue).label(&decoded(raw.trim())) {
        Some(said) => encoded(&said, out),
        None => out.push_str(raw),
    }
}

/// Whether a text holds a word: two letters side by side.
fn has_word(text: &str) -> bool {
    // Codes, files and addresses are no words of ours.
    let is_code = !text.contains(' ') && text.contains(|c: char| c.is_ascii_digit() || "@._/".contains(c));
    let is_short = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    !is_code && !is_short && text.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_alphabetic))
}

/// Text without entities and with single blanks.
fn decoded(text: &str) -> Cow<'_, str> {
    let blank = text.contains('\n') || text.contains("  ");
    if !text.contains('&') && !blank {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity));
        let (entity, letter) = known.copied().unwrap_or(("&", '&'));
        plain.push(letter);
        rest = &rest[entity.len()..];
    }
    plain.push_str(rest);
    if blank { Cow::Owned(plain.split_whitespace().collect::<Vec<_>>().join(" ")) } else { Cow::Owned(plain) }
}

const ENTITIES: [(&str, char); 11] = [
    ("&#38;", '&'),
    ("&amp;", '&'),
    ("&#60;", '<'),
    ("&lt;", '<'),
    ("&#62;", '>'),
    ("&gt;", '>'),
    ("&#34;", '"'),
    ("&quot;", '"'),
    ("&#39;", '\''),
    ("&#x27;", '\''),
    ("&nbsp;", '\u{a0}'),
];

fn encoded(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&#38;"),
            '<' => out.push_str("&#60;"),
            '>' => out.push_str("&#62;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_and_markup_and_customers_words_stay() {
        for (html, german) in [
            ("<html lang=\"en\"><h1>Findings</h1>", "<html lang=\"de\"><h1>Befunde</h1>"),
            (
                "<b translate=\"no\">Findings</b> <b>Findings</b>",
                "<b translate=\"no\">Findings</b> <b>Befunde</b>",
            ),
            (
                "<p translate=\"no\"><b>Open</b><br>Findings</p><i title=\"Findings\">x</i>",
                "<p translate=\"no\"><b>Open</b><br>Findings</p><i title=\"Befunde\">x</i>",
            ),
            ("<textarea>Findings</textarea><a>Findings</a>", "<textarea>Findings</textarea><a>Befunde</a>"),
            ("<td>\n  $12,400\n</td>", "<td>\n  12.400\u{a0}$\n</td>"),
            ("<td data-value=\"Findings\">M07</td>", "<td data-value=\"Findings\">M07</td>"),
            ("<b>Brandt &#38; Lowe</b>", "<b>Brandt &#38; Lowe</b>"),
            (
                "<title>Review rows of M07 · PlantIntel</title>",
                "<title>Zeilen von M07 prüfen · PlantIntel</title>",
            ),
        ] {
            assert_eq!(page(html.to_owned(), Tongue::German), german);
            assert_eq!(page(html.to_owned(), Tongue::English), html);
        }
    }
}
