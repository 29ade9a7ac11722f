//! Contrast of the tokens, computed from the style sheet, in both themes (WCAG 2.2: 4.5 for text, 3 for graphics).

use std::collections::BTreeMap;

type Colour = [f64; 3];

/// Every token with its light and its dark colour.
fn tokens() -> BTreeMap<String, [Colour; 2]> {
    let css = include_str!("../../assets/app.css");
    let mut tokens = BTreeMap::new();
    for part in css.split("--").skip(1) {
        let Some((name, rest)) = part.split_once(": light-dark(#") else { continue };
        let Some((colours, _)) = rest.split_once(')') else { continue };
        let mut colours = colours.split(',').map(|colour| parse(colour.trim().trim_start_matches('#')));
        tokens.insert(name.to_owned(), [colours.next().unwrap(), colours.next().unwrap()]);
    }
    tokens
}

fn parse(hex: &str) -> Colour {
    [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0)
}

fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] =
        colour.map(|part| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn check(pairs: &[(&str, &[&str])], least: f64) {
    let tokens = tokens();
    let mut weak = Vec::new();
    for (front, backs) in pairs {
        for back in *backs {
            for (theme, name) in ["light", "dark"].into_iter().enumerate() {
                let ratio = contrast(tokens[*front][theme], tokens[*back][theme]);
                if ratio < least {
                    weak.push(format!("{front} on {back} in {name}: {ratio:.2}"));
                }
            }
        }
    }
    assert!(weak.is_empty(), "below {least}: {weak:#?}");
}

#[test]
fn all_text_can_be_read() {
    check(
        &[
            ("text", &["bg", "surface", "surface-2", "band", "accent-soft", "heat-1", "heat-2", "heat-3"]),
            ("muted", &["bg", "surface", "surface-2"]),
            ("accent", &["bg", "surface", "surface-2", "accent-soft"]),
            ("ink", &["accent", "accent-fill", "heat-4", "heat-5"]),
            ("loss", &["surface", "bg", "loss-soft", "accent-soft"]),
            ("gain", &["surface", "bg", "gain-soft"]),
            ("warn", &["surface", "bg", "warn-soft"]),
        ],
        4.5,
    );
}

#[test]
fn all_graphics_can_be_seen() {
    check(
        &[
            ("control", &["surface", "surface-2"]),
            ("accent-fill", &["surface"]),
            ("loss-fill", &["surface"]),
            ("gain-fill", &["surface"]),
            ("warn-fill", &["surface"]),
            ("total", &["surface"]),
            ("neutral", &["surface"]),
            ("dot", &["surface", "band"]),
            ("accent", &["surface", "bg"]),
        ],
        3.0,
    );
}

#[test]
fn the_tokens_are_read_from_the_sheet() {
    let tokens = tokens();
    assert_eq!(tokens.len(), 30);
    assert!((contrast(parse("ffffff"), parse("000000")) - 21.0).abs() < 1e-9);
}
