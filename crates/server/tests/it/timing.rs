//! How long an answer takes gives nothing away: for a thing of another organisation as long as for one that is not there.
//!
//! `PLANTINTEL_TIMING_PAIRS` says how many pairs of questions (300 by default); `cargo xtask timing` asks a long time.

use std::time::{Duration, Instant};

use axum::http::Method;

use crate::data::Client;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// How often the distance between the medians would be as large if each pair were turned by chance: a permutation test.
fn p_value(pairs: &[(f64, f64)], rounds: u32, dice: &mut Dice) -> f64 {
    let distance = |turn: &mut dyn FnMut() -> bool| {
        let (mut one, mut other) = (Vec::with_capacity(pairs.len()), Vec::with_capacity(pairs.len()));
        for &(a, b) in pairs {
            let (a, b) = if turn() { (b, a) } else { (a, b) };
            one.push(a);
            other.push(b);
        }
        (median(&one) - median(&other)).abs()
    };
    let found = distance(&mut || false);
    let as_large = (0..rounds).filter(|_| distance(&mut || dice.next().is_multiple_of(2)) >= found).count();
    (as_large + 1) as f64 / f64::from(rounds + 1)
}

/// The greatest distance between the two distributions, after Kolmogorov and Smirnov.
fn greatest_gap(pairs: &[(f64, f64)]) -> f64 {
    let mut all: Vec<(f64, bool)> = pairs.iter().flat_map(|&(a, b)| [(a, true), (b, false)]).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = pairs.len() as f64;
    let (mut gap, mut greatest) = (0.0_f64, 0.0_f64);
    for (_, first) in all {
        gap += if first { 1.0 / n } else { -1.0 / n };
        greatest = greatest.max(gap.abs());
    }
    greatest
}

/// Asks for foreign and for missing things by turns, the order of each pair by chance.
#[expect(clippy::print_stderr, reason = "the long run says what it measured")]
pub(crate) async fn a_stranger_learns_nothing_from_the_clock(stranger: &Client<'_>, things: &[(&str, &str)]) {
    let n = pairs_wanted();
    let kinds =
        ["datasets", "analyses", "findings", "files", "mapping-profiles", "configurations", "reports"];
    let things: Vec<_> = things.iter().filter(|(kind, _)| kinds.contains(kind)).collect();
    assert_eq!(things.len(), kinds.len());
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let time = async |path: String| {
        let begun = Instant::now();
        let answer = stranger.ask(Method::GET, &path, None).await;
        assert_eq!(answer.status, 404, "{path}");
        begun.elapsed()
    };
    let mut pairs = Vec::new();
    for at in 0..n + 20 {
        let (kind, thing) = things[at % things.len()];
        let missing = uuid::Uuid::now_v7();
        let (foreign, missing) = (format!("/{kind}/{thing}"), format!("/{kind}/{missing}"));
        let (foreign, missing) = if dice.next().is_multiple_of(2) {
            let first = time(foreign).await;
            (first, time(missing).await)
        } else {
            let first = time(missing).await;
            (time(foreign).await, first)
        };
        // The first ones warm what is cold.
        if at >= 20 {
            let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
            pairs.push((milliseconds(foreign), milliseconds(missing)));
        }
    }
    let (foreign, missing): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (foreign, missing) = (median(&foreign), median(&missing));
    let (p, gap) = (p_value(&pairs, 999, &mut dice), greatest_gap(&pairs));
    // Beyond this the two distributions differ at one in ten thousand.
    let bar = 2.23 * (2.0 / n as f64).sqrt();
    eprintln!(
        "{n} pairs: median of a foreign thing {foreign:.4} ms, of none {missing:.4} ms, ratio {:.4}; permutation test p = {p:.3}; \
         greatest gap {gap:.4}, bar {bar:.4}",
        foreign / missing
    );
    // A machine with other work on it makes medians of few pairs jump; both tests together do not speak by chance.
    assert!(p > 0.001 || gap < bar, "the clock tells a foreign thing from none: p {p}, gap {gap}");
    let ratio = foreign.max(missing) / foreign.min(missing);
    assert!(n < 2_000 || ratio < 1.2, "the clock tells a foreign thing from none: {ratio}");
}

#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn pairs_wanted() -> usize {
    std::env::var("PLANTINTEL_TIMING_PAIRS").ok().and_then(|n| n.parse().ok()).unwrap_or(300)
}

#[test]
fn the_tests_notice_a_difference() {
    let mut dice = Dice(7);
    let mut draw =
        |more: f64| (0..300).map(|_| 1.0 + more + (dice.next() % 1_000) as f64 / 2_000.0).collect::<Vec<_>>();
    let (one, other, slower) = (draw(0.0), draw(0.0), draw(0.12));
    let pairs = |a: &[f64], b: &[f64]| a.iter().copied().zip(b.iter().copied()).collect::<Vec<_>>();
    let bar = 2.23 * (2.0_f64 / 300.0).sqrt();
    let (same, apart) = (pairs(&one, &other), pairs(&one, &slower));
    assert!(p_value(&same, 999, &mut Dice(9)) > 0.01 && greatest_gap(&same) < bar);
    assert!(p_value(&apart, 999, &mut Dice(9)) <= 0.001 && greatest_gap(&apart) > bar);
}
