//! Charts in a PDF: what the renderer draws (paths, boxes, lines, texts; each with its colours), in the print palette.

use std::collections::BTreeMap;

use pdf_writer::Content;

use super::typeface::{self, Cut, Used};
use crate::chart::option::Token;

/// The light palette, as print has it.
const PALETTE: [(Token, u32); 20] = [
    (Token::Text, 0x0012_201c),
    (Token::Muted, 0x0050_605b),
    (Token::Line, 0x00df_e5e2),
    (Token::Accent, 0x000b_5c63),
    (Token::AccentFill, 0x001f_7f86),
    (Token::Loss, 0x00a3_380f),
    (Token::LossFill, 0x00cf_5a2a),
    (Token::Gain, 0x0012_6345),
    (Token::GainFill, 0x002f_9370),
    (Token::Total, 0x0037_474f),
    (Token::Neutral, 0x0086_979d),
    (Token::Dot, 0x006f_8188),
    (Token::Band, 0x00e9_eeec),
    (Token::Heat1, 0x00ee_f4f4),
    (Token::Heat2, 0x00d3_e6e6),
    (Token::Heat3, 0x00a6_cdce),
    (Token::Heat4, 0x002c_7d82),
    (Token::Heat5, 0x000f_5f66),
    (Token::Surface, 0x00ff_ffff),
    (Token::OnFill, 0x00ff_ffff),
];

pub(super) fn rgb(token: Token) -> [f32; 3] {
    let value = PALETTE.iter().find(|(known, _)| *known == token).map_or(0, |(_, value)| *value);
    parts(value)
}

fn parts(value: u32) -> [f32; 3] {
    [16, 8, 0].map(|shift| (value >> shift & 0xff) as f32 / 255.0)
}

/// `var(--muted)`, `#1f7f86`, `#fff`; none where nothing is to be painted.
fn colour(text: &str) -> Option<[f32; 3]> {
    if let Some(name) = text.strip_prefix("var(").and_then(|rest| rest.strip_suffix(')')) {
        return Token::ALL.into_iter().find(|token| token.variable() == name).map(rgb);
    }
    let hex = text.strip_prefix('#')?;
    match hex.len() {
        6 => u32::from_str_radix(hex, 16).ok().map(parts),
        3 => u32::from_str_radix(&hex.chars().flat_map(|digit| [digit, digit]).collect::<String>(), 16)
            .ok()
            .map(parts),
        _ => None,
    }
}

type Attributes<'a> = BTreeMap<&'a str, &'a str>;

/// Tags of the picture in order: name, attributes, and the text that follows.
fn tags(svg: &str) -> impl Iterator<Item = (&str, Attributes<'_>, &str)> {
    svg.split('<').skip(1).filter_map(|piece| {
        let (tag, text) = piece.split_once('>')?;
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes = BTreeMap::new();
        let mut rest = rest;
        while let Some((key, after)) = rest.split_once("=\"") {
            let (value, next) = after.split_once('"')?;
            attributes.insert(key.trim(), value);
            rest = next;
        }
        Some((name.trim_end_matches('/'), attributes, text))
    })
}

/// Width and height of a picture.
pub(super) fn size(svg: &str) -> Option<(f32, f32)> {
    let (_, attributes, _) = tags(svg).next()?;
    let numbers = numbers(attributes.get("viewBox")?);
    match numbers[..] {
        [_, _, width, height] if width > 0.0 && height > 0.0 => Some((width, height)),
        _ => None,
    }
}

fn numbers(text: &str) -> Vec<f32> {
    text.split(|letter: char| letter == ',' || letter.is_whitespace())
        .filter_map(|number| number.trim_end_matches("px").parse().ok())
        .filter(|number: &f32| number.is_finite())
        .collect()
}

/// Draws a picture where the content's coordinates are the picture's own.
pub(super) fn draw(content: &mut Content, used: &mut Used, svg: &str) {
    let mut hidden = false;
    for (name, attributes, text) in tags(svg) {
        match name {
            // What clips is no picture itself; without clipping, at most a point stands over an edge.
            "defs" | "clipPath" => hidden = true,
            "/defs" | "/clipPath" => hidden = false,
            _ if hidden => {}
            "path" | "rect" | "polygon" | "polyline" => shape(content, name, &attributes),
            "text" => words(content, used, &attributes, text),
            _ => {}
        }
    }
}

fn place(content: &mut Content, attributes: &Attributes<'_>) {
    let Some(transform) = attributes.get("transform") else { return };
    for (name, inside) in transform.split(')').filter_map(|part| part.split_once('(')) {
        let given = numbers(inside);
        match (name.trim(), &given[..]) {
            ("translate", [x]) => content.transform([1.0, 0.0, 0.0, 1.0, *x, 0.0]),
            ("translate", [x, y]) => content.transform([1.0, 0.0, 0.0, 1.0, *x, *y]),
            ("scale", [x]) => content.transform([*x, 0.0, 0.0, *x, 0.0, 0.0]),
            ("scale", [x, y]) => content.transform([*x, 0.0, 0.0, *y, 0.0, 0.0]),
            ("matrix", [a, b, c, d, e, f]) => content.transform([*a, *b, *c, *d, *e, *f]),
            ("rotate", [angle]) => {
                let (sin, cos) = angle.to_radians().sin_cos();
                content.transform([cos, sin, -sin, cos, 0.0, 0.0])
            }
            _ => content,
        };
    }
}

fn shape(content: &mut Content, name: &str, attributes: &Attributes<'_>) {
    // SVG fills black what says nothing; the renderer always says.
    let fill = attributes.get("fill").and_then(|fill| colour(fill)).filter(|_| {
        attributes.get("fill-opacity").and_then(|opacity| opacity.parse().ok()).is_none_or(|o: f32| o > 0.02)
    });
    let width: f32 = attributes.get("stroke-width").and_then(|width| width.parse().ok()).unwrap_or(1.0);
    // A line of no width is none; a PDF would draw it as thin as it can.
    let stroke = attributes.get("stroke").and_then(|stroke| colour(stroke)).filter(|_| width > 0.0);
    if fill.is_none() && stroke.is_none() {
        return;
    }
    content.save_state();
    place(content, attributes);
    if let Some([r, g, b]) = fill {
        content.set_fill_rgb(r, g, b);
    }
    if let Some([r, g, b]) = stroke {
        content.set_stroke_rgb(r, g, b).set_line_width(width);
        if let Some(dashes) = attributes.get("stroke-dasharray") {
            content.set_dash_pattern(numbers(dashes), 0.0);
        }
    }
    let number = |key: &str| attributes.get(key).and_then(|value| value.parse::<f32>().ok()).unwrap_or(0.0);
    match name {
        "rect" => {
            content.rect(number("x"), number("y"), number("width"), number("height"));
        }
        "path" => path(content, attributes.get("d").copied().unwrap_or_default()),
        _ => {
            let points = numbers(attributes.get("points").copied().unwrap_or_default());
            for (at, point) in points.chunks_exact(2).enumerate() {
                if at == 0 {
                    content.move_to(point[0], point[1]);
                } else {
                    content.line_to(point[0], point[1]);
                }
            }
            if name == "polygon" {
                content.close_path();
            }
        }
    }
    match (fill, stroke) {
        (Some(_), Some(_)) => content.fill_nonzero_and_stroke(),
        (Some(_), None) => content.fill_nonzero(),
        _ => content.stroke(),
    };
    content.restore_state();
}

/// The commands of a path and their numbers; `1.5-2` and `.5.5` are two numbers each.
fn commands(d: &str) -> Vec<(char, Vec<f32>)> {
    let mut commands: Vec<(char, String)> = Vec::new();
    let mut before = ' ';
    for letter in d.chars() {
        if letter.is_ascii_alphabetic() && letter != 'e' {
            commands.push((letter, String::new()));
        } else if let Some((_, numbers)) = commands.last_mut() {
            let fraction = numbers.rsplit(' ').next().is_some_and(|number| number.contains('.'));
            if (letter == '-' && before != 'e') || (letter == '.' && fraction) {
                numbers.push(' ');
            }
            numbers.push(if letter == ',' { ' ' } else { letter });
        }
        before = letter;
    }
    commands.into_iter().map(|(letter, text)| (letter, numbers(&text))).collect()
}

fn path(content: &mut Content, d: &str) {
    let (mut x, mut y) = (0.0_f32, 0.0_f32);
    let (mut start_x, mut start_y) = (0.0_f32, 0.0_f32);
    for (letter, numbers) in commands(d) {
        let relative = letter.is_ascii_lowercase();
        let base = |x: f32, y: f32| if relative { (x, y) } else { (0.0, 0.0) };
        match letter.to_ascii_uppercase() {
            'M' | 'L' => {
                for (at, point) in numbers.chunks_exact(2).enumerate() {
                    let (from_x, from_y) = base(x, y);
                    (x, y) = (from_x + point[0], from_y + point[1]);
                    if letter.eq_ignore_ascii_case(&'m') && at == 0 {
                        (start_x, start_y) = (x, y);
                        content.move_to(x, y);
                    } else {
                        content.line_to(x, y);
                    }
                }
            }
            'H' => {
                for to in numbers {
                    x = base(x, y).0 + to;
                    content.line_to(x, y);
                }
            }
            'V' => {
                for to in numbers {
                    y = base(x, y).1 + to;
                    content.line_to(x, y);
                }
            }
            'C' => {
                for curve in numbers.chunks_exact(6) {
                    let (fx, fy) = base(x, y);
                    content.cubic_to(
                        fx + curve[0],
                        fy + curve[1],
                        fx + curve[2],
                        fy + curve[3],
                        fx + curve[4],
                        fy + curve[5],
                    );
                    (x, y) = (fx + curve[4], fy + curve[5]);
                }
            }
            'A' => {
                for arc in numbers.chunks_exact(7) {
                    let (fx, fy) = base(x, y);
                    let to = (fx + arc[5], fy + arc[6]);
                    round(content, (x, y), to, arc[0].abs(), arc[3] != 0.0, arc[4] != 0.0);
                    (x, y) = to;
                }
            }
            'Z' => {
                content.close_path();
                (x, y) = (start_x, start_y);
            }
            _ => {}
        }
    }
}

/// An arc of a circle as curves. The renderer draws no ellipses.
fn round(content: &mut Content, from: (f32, f32), to: (f32, f32), radius: f32, large: bool, sweep: bool) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let distance = dx.hypot(dy);
    if distance < 1e-4 || radius < 1e-4 {
        content.line_to(to.0, to.1);
        return;
    }
    let radius = radius.max(distance / 2.0);
    let height = (radius * radius - distance * distance / 4.0).max(0.0).sqrt();
    let side = if large == sweep { -1.0 } else { 1.0 };
    let centre_x = f32::midpoint(from.0, to.0) - side * height * dy / distance;
    let centre_y = f32::midpoint(from.1, to.1) + side * height * dx / distance;
    let begin = (from.1 - centre_y).atan2(from.0 - centre_x);
    let mut turn = (to.1 - centre_y).atan2(to.0 - centre_x) - begin;
    let full = std::f32::consts::TAU;
    if sweep && turn <= 0.0 {
        turn += full;
    } else if !sweep && turn >= 0.0 {
        turn -= full;
    }
    let pieces = (turn.abs() / std::f32::consts::FRAC_PI_2).ceil().max(1.0) as usize;
    let step = turn / pieces as f32;
    let handle = 4.0 / 3.0 * (step / 4.0).tan() * radius;
    for piece in 0..pieces {
        let (a, b) = (begin + step * piece as f32, begin + step * (piece + 1) as f32);
        let at = |angle: f32| (centre_x + radius * angle.cos(), centre_y + radius * angle.sin());
        let ((ax, ay), (bx, by)) = (at(a), at(b));
        content.cubic_to(
            ax - handle * a.sin(),
            ay + handle * a.cos(),
            bx + handle * b.sin(),
            by - handle * b.cos(),
            bx,
            by,
        );
    }
}

fn words(content: &mut Content, used: &mut Used, attributes: &Attributes<'_>, text: &str) {
    let said = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let number =
        |key: &str| attributes.get(key).and_then(|value| value.trim_end_matches("px").parse::<f32>().ok());
    let bold = attributes.get("font-weight").is_some_and(|weight| *weight == "bold" || *weight >= "600");
    let cut = if bold { Cut::Bold } else { Cut::Regular };
    let size = number("font-size").unwrap_or(12.0);
    let width = typeface::width(&said, cut, size);
    let before = match attributes.get("text-anchor").copied() {
        Some("middle") => width / 2.0,
        Some("end") => width,
        _ => 0.0,
    };
    let below = match attributes.get("dominant-baseline").copied() {
        Some("central" | "middle") => size * 0.35,
        Some("hanging" | "text-before-edge") => size * 0.75,
        _ => 0.0,
    };
    let [r, g, b] = attributes.get("fill").and_then(|fill| colour(fill)).unwrap_or_else(|| rgb(Token::Text));
    content.save_state();
    place(content, attributes);
    let (x, y) = (number("x").unwrap_or(0.0) - before, number("y").unwrap_or(0.0) + below);
    // Letters stand upright although the picture counts downwards.
    content.transform([1.0, 0.0, 0.0, -1.0, x, y]);
    content.set_fill_rgb(r, g, b).begin_text();
    typeface::show(content, used, cut, size, &said);
    content.end_text();
    content.restore_state();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_svg_writes_them() {
        assert_eq!(commands("M1.5-2L.5.5z"), [('M', vec![1.5, -2.0]), ('L', vec![0.5, 0.5]), ('z', vec![])]);
        assert_eq!(commands("M12 216.5L508,216.5"), [('M', vec![12.0, 216.5]), ('L', vec![508.0, 216.5])]);
        assert_eq!(commands("L1e-3 2"), [('L', vec![0.001, 2.0])]);
    }

    #[test]
    fn colours_are_those_of_print() {
        assert_eq!(colour("var(--surface)"), Some([1.0, 1.0, 1.0]));
        assert_eq!(colour("#fff"), Some([1.0, 1.0, 1.0]));
        assert_eq!(colour("none"), None);
        assert!(Token::ALL.into_iter().all(|token| PALETTE.iter().any(|(known, _)| *known == token)));
    }
}
