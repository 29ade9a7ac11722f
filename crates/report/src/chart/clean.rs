//! Makes the library's SVG fit a page that allows no inline style: style attributes become presentation attributes,
//! style sheets and metadata go, sentinels become the page's colours, and a title says what the picture shows.

use super::option::{Size, Token};

pub(crate) fn clean(svg: &str, alternative: &str, size: Size) -> String {
    let body_start = svg.find('>').map_or(0, |at| at + 1);
    let body = svg[body_start..].trim_end().trim_end_matches("</svg>");
    let mut text = without_elements(body, "style");
    text = styles_to_attributes(&text);
    text = without_attributes(&text);
    text = ids_of_their_own(&text, &name(&text, alternative));
    for token in Token::ALL {
        let colour = format!("var({})", token.variable());
        text = text.replace(&token.sentinel(), &colour);
        // The library writes colours back in its own notation where it blends them.
        let value = usize::from_str_radix(&token.sentinel()[5..], 16).unwrap_or_default();
        text = text.replace(&format!("rgb(0,0,{value})"), &colour);
    }
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title>{}</svg>",
        size.width,
        size.height,
        escape(alternative),
        text.replace('\n', "")
    )
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The library numbers its pictures; a page holds several, and the same facts must give the same bytes. So ids are
/// made of what the picture shows.
fn name(text: &str, alternative: &str) -> String {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    let picture = ids_of_their_own(text, "");
    for byte in alternative.bytes().chain(picture.bytes()) {
        digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("p{digest:016x}")
}

/// `zr12-c0` → `<name>-c0`.
fn ids_of_their_own(svg: &str, name: &str) -> String {
    let mut text = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(start) = rest.find("zr") {
        let digits = rest[start + 2..].bytes().take_while(u8::is_ascii_digit).count();
        let end = start + 2 + digits;
        if digits > 0 && rest[end..].starts_with('-') {
            text.push_str(&rest[..start]);
            text.push_str(name);
        } else {
            text.push_str(&rest[..end]);
        }
        rest = &rest[end..];
    }
    text.push_str(rest);
    text
}

fn without_elements(svg: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut text = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(start) = rest.find(&open) {
        text.push_str(&rest[..start]);
        match rest[start..].find(&close) {
            Some(end) => rest = &rest[start + end + close.len()..],
            None => return text,
        }
    }
    text.push_str(rest);
    text
}

/// `style="fill:red;font-size:12px"` → `fill="red" font-size="12px"`.
fn styles_to_attributes(svg: &str) -> String {
    let mut text = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(start) = rest.find(" style=\"") {
        text.push_str(&rest[..start]);
        rest = &rest[start + 8..];
        let end = rest.find('"').unwrap_or(rest.len());
        for declaration in rest[..end].split(';') {
            if let Some((name, value)) = declaration.split_once(':') {
                let (name, value) = (name.trim(), value.trim().replace('\'', ""));
                match name {
                    // `font:600 12px Family` has no attribute of its own.
                    "font" => text.push_str(&font_attributes(&value)),
                    // Neither changes what is seen.
                    "cursor" | "pointer-events" | "position" | "white-space" => {}
                    _ => text.push_str(&format!(" {name}=\"{value}\"")),
                }
            }
        }
        rest = &rest[(end + 1).min(rest.len())..];
    }
    text.push_str(rest);
    text
}

fn font_attributes(value: &str) -> String {
    let mut attributes = String::new();
    let mut family = Vec::new();
    for word in value.split_whitespace() {
        if word.ends_with("px") && family.is_empty() {
            attributes.push_str(&format!(" font-size=\"{word}\""));
        } else if word.chars().all(|letter| letter.is_ascii_digit()) || word == "bold" {
            attributes.push_str(&format!(" font-weight=\"{word}\""));
        } else {
            family.push(word);
        }
    }
    if !family.is_empty() {
        attributes.push_str(&format!(" font-family=\"{}\"", family.join(" ")));
    }
    attributes
}

/// Classes and the library's own metadata.
fn without_attributes(svg: &str) -> String {
    let mut text = svg.to_owned();
    for name in [" class=\"", " ecmeta_", " xml:space=\""] {
        while let Some(start) = text.find(name) {
            let value = text[start + 1..].find('"').map_or(text.len(), |at| start + 1 + at + 1);
            let end = text[value..].find('"').map_or(text.len(), |at| value + at + 1);
            text.replace_range(start..end, "");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_becomes_attributes_and_sentinels_become_tokens() {
        let svg = "<svg><style>.a{}</style><text class=\"x\" style=\"font:600 12px IBM Plex Sans;cursor:pointer\" fill=\"#000001\">A &amp; B</text></svg>";
        let cleaned = clean(svg, "two < three", Size { width: 10, height: 5 });
        assert_eq!(
            cleaned,
            "<svg class=\"chart\" viewBox=\"0 0 10 5\" role=\"img\"><title>two &lt; three</title><text font-weight=\"600\" font-size=\"12px\" font-family=\"IBM Plex Sans\" fill=\"var(--text)\">A &amp; B</text></svg>"
        );
    }
}
