//! The dialects that a text could be written in, and how well the rows support each.

use std::collections::BTreeMap;

use super::cleanliness::cleanliness;
use super::dialect::{Delimiter, Dialect, Escape};
use super::line::{Cells, parse};

const MARKS: &[&str] =
    &[",", ";", "\t", "|", "~", "^", ":", "!", "#", "\u{1}", "\u{1f}", "│", "¦", "§", "¬", "||"];
/// Lines that are looked at for each candidate.
const LINES: usize = 400;

pub(super) fn of(lines: &[&str], hint: Option<&str>) -> Vec<Dialect> {
    let lines = &lines[..lines.len().min(LINES)];
    let mut out = Vec::new();
    let mut marks: Vec<&str> = MARKS.to_vec();
    if let Some(hint) = hint
        && !marks.contains(&hint)
    {
        marks.push(hint);
    }
    let supported = |mark: &str| {
        let with = lines.iter().filter(|line| line.contains(mark)).count();
        with * 5 >= lines.len() * 2 || (lines.len() <= 3 && with > 0)
    };
    for mark in marks.into_iter().filter(|mark| supported(mark)) {
        let base = Dialect::with(mark);
        out.extend(variants(lines, base));
    }
    if supported(" ") {
        out.extend(variants(lines, Dialect::with(" ")));
        for least in [1, 2] {
            out.push(Dialect { delimiter: Delimiter::Blanks(least), ..Dialect::rfc4180() });
        }
    }
    out
}

/// The same delimiter with the quote, escape, blanks and frame that the lines show.
fn variants(lines: &[&str], base: Dialect) -> Vec<Dialect> {
    let Delimiter::Mark(mark) = &base.delimiter else { return vec![base] };
    let mut base = base.clone();
    let trimmed: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| line.contains(mark.as_str())).collect();
    let framed = trimmed
        .iter()
        .filter(|l| l.starts_with(mark.as_str()) && l.ends_with(mark.as_str()) && l.len() > mark.len());
    let is_bar = matches!(mark.as_str(), "|" | "│" | "¦");
    base.framed = is_bar && framed.count() * 10 >= trimmed.len() * 8;
    if mark != " " {
        let (mut follow, mut all, mut before) = (0, 0, 0);
        for line in &trimmed {
            for (at, _) in line.match_indices(mark.as_str()) {
                all += 1;
                let after = &line[at + mark.len()..];
                follow += usize::from(after.starts_with(' ') || after.is_empty());
                before += usize::from(at == 0 || line[..at].ends_with(' '));
            }
        }
        // In prose a blank follows commas too, but not every one.
        base.space_after =
            all > 0 && follow * 100 >= all * 97 && trimmed.iter().any(|l| l.contains(&format!("{mark} ")));
        base.padded = base.framed || (base.space_after && is_bar && before * 10 >= all * 9);
    }
    let mut out = Vec::new();
    for quote in [b'"', b'\''] {
        let (closed, backslashed, doubled) = quoted(lines, &base, quote);
        if quote == b'"' || closed >= 2 {
            let escape = if backslashed > doubled { Escape::Backslash } else { Escape::Doubled };
            out.push(Dialect { quote: Some(quote), escape, ..base.clone() });
        }
    }
    out
}

/// Cells that open and close with the quote, and how often a quote inside has a backslash or is doubled.
fn quoted(lines: &[&str], dialect: &Dialect, quote: u8) -> (usize, usize, usize) {
    let Delimiter::Mark(mark) = &dialect.delimiter else { return (0, 0, 0) };
    let q = char::from(quote);
    let gap = if dialect.space_after { format!("{mark} ") } else { mark.clone() };
    let (open, close) = (format!("{gap}{q}"), format!("{q}{mark}"));
    let (mut closed, mut backslashed, mut doubled) = (0, 0, 0);
    for line in lines {
        if !line.contains(q) {
            continue;
        }
        let opens = line.matches(open.as_str()).count() + usize::from(line.starts_with(q));
        let closes = line.matches(close.as_str()).count() + usize::from(line.ends_with(q));
        closed += opens.min(closes);
        let bytes = line.as_bytes();
        for at in memchr::memchr_iter(quote, bytes) {
            if at > 0 && bytes[at - 1] == b'\\' {
                backslashed += 1;
            } else if bytes.get(at + 1) == Some(&quote) && at > 0 && bytes[at - 1] != quote {
                let empty = line[..at].ends_with(mark.as_str()) || line[..at].ends_with(gap.as_str());
                doubled += usize::from(!empty);
            }
        }
    }
    (closed, backslashed, doubled)
}

/// How many cells the majority of the lines has, and how well the lines support the dialect, from 0 to 1.
pub(super) fn score(lines: &[&str], dialect: &Dialect) -> (usize, f64) {
    let mut cells = Cells::default();
    let mut by_width: BTreeMap<usize, usize> = BTreeMap::new();
    let mut parsed: Vec<(usize, f64, bool, usize)> = Vec::new();
    let mut open_rows = 0;
    for line in spread(lines) {
        if line.trim().is_empty() || crate::structure::is_frame(line) {
            continue;
        }
        let clean = parse(line, dialect, &mut cells);
        let width = cells.len();
        open_rows += usize::from(cells.unclosed());
        *by_width.entry(width).or_default() += 1;
        let quoted = (0..width).filter(|i| cells.was_quoted(*i)).count();
        let quality: f64 = (0..width)
            .map(|i| if cells.was_quoted(i) { 1.0 } else { cleanliness(cells.get(i), dialect) })
            .sum::<f64>()
            / width.max(1) as f64;
        parsed.push((width, quality, clean, quoted));
    }
    let rows = parsed.len();
    let Some((&width, &count)) =
        by_width.iter().max_by_key(|(width, count)| (**count * if **width > 1 { 2 } else { 1 }, **width))
    else {
        return (1, 0.0);
    };
    if width < 2 {
        return (1, 0.0);
    }
    let fitting = || parsed.iter().filter(|(w, ..)| *w == width);
    let consistency = count as f64 / rows as f64;
    let quality = fitting().map(|(_, q, ..)| q).sum::<f64>() / count as f64;
    let anomalies = fitting().filter(|(_, _, clean, _)| !clean).count() as f64 / count as f64;
    let quoted = fitting().map(|(.., quoted)| *quoted).sum::<usize>() as f64 / (count * width) as f64;
    let open = open_rows as f64 / rows as f64;
    let size = 1.0 - 1.0 / (width as f64 + 0.5);
    let blanks = match &dialect.delimiter {
        Delimiter::Mark(mark) if mark == " " => 0.92,
        Delimiter::Blanks(1) => 0.9,
        Delimiter::Blanks(_) => 0.94,
        Delimiter::Mark(mark) if matches!(mark.as_str(), "," | ";" | "\t" | "|") => 1.0,
        _ => 0.95,
    };
    let score = consistency.powf(1.5)
        * quality.powi(2)
        * size
        * blanks
        * (1.0 - 0.5 * anomalies)
        * (1.0 - 0.3 * open)
        + 0.02 * quoted;
    (width, score)
}

/// At most [`LINES`] lines, from the whole sample.
fn spread<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let head = LINES / 2;
    let step = (lines.len().saturating_sub(head) / head).max(1);
    lines.iter().take(head).chain(lines.iter().skip(head).step_by(step).take(head)).copied()
}
