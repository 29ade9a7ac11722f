//! Puts the cells of a ragged row under the columns that they fit.
//!
//! A delimiter may be missing (one cell holds two), be too many (an empty cell, or a text that was cut), or a cell may
//! be missing. The cheapest explanation that fits the columns wins; without a good one the row is left as it is.

use super::model::TableModel;

const GAP: f64 = 0.55;
const DROP: f64 = 0.35;
const JOIN: f64 = 0.3;
const SPLIT: f64 = 0.3;
/// Cells that may be joined into one.
const JOINED_MAX: usize = 8;
/// A cell longer than this is not searched for a lost delimiter at every character.
const SPLIT_LENGTH_MAX: usize = 600;

/// Cells under columns, and how well they fit: mean fit less the price of what was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    pub cells: Vec<String>,
    pub score: f64,
}

#[derive(Clone, Copy)]
enum Step {
    Start,
    One,
    Gap,
    Drop,
    Join(usize),
    Split(usize, usize),
}

/// Aligns tokens with the columns; `glue` is what stood between tokens that belong together.
pub fn align(tokens: &[&str], quoted: &[bool], model: &TableModel, glue: &str) -> Option<Aligned> {
    let (n, width) = (tokens.len(), model.columns.len());
    if n > 3 * width + 8 || width == 0 {
        return None;
    }
    let off = n.abs_diff(width) + 2;
    let stride = width + 1;
    let mut best = vec![(f64::NEG_INFINITY, Step::Start); (n + 1) * stride];
    best[0].0 = 0.0;
    for i in 0..=n {
        for j in 0..=width {
            let (score, _) = best[i * stride + j];
            if score == f64::NEG_INFINITY || i.abs_diff(j) > off + JOINED_MAX {
                continue;
            }
            let mut offer = |i: usize, j: usize, score: f64, step: Step| {
                let slot = &mut best[i * stride + j];
                if score > slot.0 + 1e-12 {
                    *slot = (score, step);
                }
            };
            if j < width {
                offer(i, j + 1, score + model.columns[j].fit("") - GAP, Step::Gap);
            }
            if i == n {
                continue;
            }
            let token = tokens[i];
            if token.trim().is_empty() {
                offer(i + 1, j, score - DROP, Step::Drop);
            }
            if j == width {
                continue;
            }
            let column = &model.columns[j];
            offer(i + 1, j + 1, score + column.fit(token), Step::One);
            if n > width {
                let mut joined = token.to_owned();
                for k in 2..=JOINED_MAX.min(n - i).min(n - width + 1) {
                    // An empty piece is a delimiter too many and not part of a text.
                    if tokens[i].trim().is_empty() || tokens[i + k - 1].trim().is_empty() {
                        break;
                    }
                    joined.push_str(glue);
                    joined.push_str(tokens[i + k - 1]);
                    if quoted[i + k - 1] || quoted[i] {
                        break;
                    }
                    let price = JOIN + 0.03 * k as f64;
                    offer(i + k, j + 1, score + column.fit(&joined) - price, Step::Join(k));
                }
            }
            if n < width
                && j + 1 < width
                && let Some((at, next, gain)) = split(token, model, j)
            {
                offer(i + 1, j + 2, score + gain - SPLIT, Step::Split(at, next));
            }
        }
    }
    let (score, _) = best[n * stride + width];
    if score == f64::NEG_INFINITY {
        return None;
    }
    Some(Aligned { cells: trace(tokens, &best, stride, width, glue), score: score / width as f64 })
}

fn trace(tokens: &[&str], best: &[(f64, Step)], stride: usize, width: usize, glue: &str) -> Vec<String> {
    let (mut i, mut j) = (tokens.len(), width);
    let mut cells = Vec::with_capacity(width);
    while i > 0 || j > 0 {
        match best[i * stride + j].1 {
            Step::Start => break,
            Step::One => {
                (i, j) = (i - 1, j - 1);
                cells.push(tokens[i].to_owned());
            }
            Step::Gap => {
                j -= 1;
                cells.push(String::new());
            }
            Step::Drop => i -= 1,
            Step::Join(k) => {
                (i, j) = (i - k, j - 1);
                cells.push(tokens[i..i + k].join(glue));
            }
            Step::Split(at, next) => {
                (i, j) = (i - 1, j - 2);
                cells.push(tokens[i][next..].to_owned());
                cells.push(tokens[i][..at].to_owned());
            }
        }
    }
    cells.reverse();
    cells
}

/// The best place to cut a cell in two for columns `j` and `j + 1`: where the left ends and the right starts.
fn split(token: &str, model: &TableModel, j: usize) -> Option<(usize, usize, f64)> {
    let (left, right) = (&model.columns[j], &model.columns[j + 1]);
    let mut best: Option<(usize, usize, f64)> = None;
    let mut consider = |at: usize, next: usize, bonus: f64| {
        let (a, b) = (&token[..at], &token[next..]);
        if a.trim().is_empty() || b.trim().is_empty() {
            return;
        }
        let gain = left.fit(a) + right.fit(b) + bonus;
        if best.is_none_or(|(_, _, most)| gain > most) {
            best = Some((at, next, gain));
        }
    };
    // A quote left inside shows where a quoted cell began.
    for (at, _) in token.match_indices('"') {
        consider(at, at + 1, 0.1);
    }
    if token.len() <= SPLIT_LENGTH_MAX {
        for (at, _) in token.char_indices().skip(1) {
            consider(at, at, 0.0);
        }
    }
    best
}
