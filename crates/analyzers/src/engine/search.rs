//! Finding what explains a metric: test every level against its peers, take the strongest, remove its effect, test again.
//!
//! One problem casts many shadows: a bad machine makes its work center and its products look bad. So only what is
//! left after the strongest explanation is gone counts for the next one, and what vanished with it is its shadow.

mod finish;
mod memory;
mod noise;
mod rounds;

use super::{
    contrast::{Calendar, Contrast, Kept, LevelSums, Subject},
    observations::{Kind, Observations},
};
use crate::stats::{
    change::{Fit, Shape},
    robust,
};
use memory::Memory;
use noise::{pooled_noise, score};

/// What the settings say about a search.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Level of intervals; 1 - level is the false discovery rate aimed at.
    pub confidence: f64,
    pub fewest_clusters: u32,
    pub outlier_sigma: f64,
    /// Smallest relative effect that is worth a finding …
    pub effect_threshold: f64,
    /// … unless it costs at least this much.
    pub loss_threshold: f64,
    /// Whether a small difference that always was there can be worth a finding for its loss alone.
    pub small_levels: bool,
    /// Share of the threshold below which not even a loss makes a change worth a finding; levels need a fifth anyway.
    pub smallest_change: f64,
    /// Whether changes over time are looked for.
    pub changes: bool,
    /// Whether an effect below the comparison is a finding too (a standard that is too generous).
    pub both_ways: bool,
    /// How many attributes may be judged side by side; what is found does not depend on it.
    pub threads: usize,
}

/// An explanation that survived.
#[derive(Debug, Clone)]
pub struct Found {
    pub attribute: usize,
    pub level: u32,
    pub fit: Fit,
    pub p: f64,
    pub q: f64,
    pub clusters: u32,
    pub observations: u32,
    /// Mean of the peers on the scale of `y`.
    pub peers: f64,
    /// Shrunken change on the scale of `y` at full effect (a drift: at the end), and its interval.
    pub effect: f64,
    pub effect_raw: f64,
    pub effect_low: f64,
    pub effect_high: f64,
    /// In units of `amount`: point, interval, and the draws behind it (sorted).
    pub loss: f64,
    pub loss_low: f64,
    pub loss_high: f64,
    pub loss_draws: Vec<f64>,
    pub own_history: bool,
    /// Levels that looked different until this was explained.
    pub shadows: Vec<(usize, u32)>,
    pub(crate) silent: bool,
    score: f64,
}

/// What a search says.
#[derive(Debug)]
pub struct Search {
    pub found: Vec<Found>,
    /// All tests made, shown or not.
    pub tests: u64,
    /// `y` without the effects found.
    pub residual: Vec<f64>,
}

const MOST_PASSES: usize = 60;

/// Share of the false discovery rate that small effects are held to.
const SMALL_EFFECTS: f64 = 0.1;

/// Share of the threshold that a lasting difference needs at least, whatever it costs.
const SMALLEST_LEVEL: f64 = 0.2;

/// Independent breaks among all that a scan tries, for the exact tail of counts.
const BREAKS_TRIED: f64 = 20.0;

#[derive(Debug, Clone)]
struct Candidate {
    attribute: usize,
    level: u32,
    fit: Fit,
    p: f64,
    q: f64,
    score: f64,
    material: bool,
    sums: LevelSums,
}

/// Runs the search. `seed` fixes the draws.
pub fn search(observations: &Observations, rules: &Rules, seed: u64) -> Search {
    let mut searcher = Searcher::new(observations, rules);
    let mut found: Vec<Found> = Vec::new();
    let mut tests = 0;
    let mut before: Vec<(usize, u32)> = Vec::new();
    for _ in 0..MOST_PASSES {
        let (mut candidates, n_tests) = searcher.pass();
        // What was explained as a lasting level is not explained a second time by what rounding left of it.
        candidates.retain(|candidate| {
            candidate.fit.shape != Shape::Level
                || !found.iter().any(|one| {
                    (one.attribute, one.level, one.fit.shape)
                        == (candidate.attribute, candidate.level, Shape::Level)
                })
        });
        tests = tests.max(n_tests);
        let significant: Vec<&Candidate> =
            candidates.iter().filter(|candidate| candidate.q <= 1.0 - rules.confidence).collect();
        if let Some(last) = found.last_mut() {
            last.shadows = before
                .iter()
                .filter(|key| {
                    **key != (last.attribute, last.level)
                        && !significant
                            .iter()
                            .any(|candidate| (candidate.attribute, candidate.level) == **key)
                })
                .copied()
                .collect();
        }
        let Some(best_material) =
            significant.iter().filter(|candidate| candidate.material).map(|c| c.score).reduce(f64::max)
        else {
            break;
        };
        before = significant
            .iter()
            .filter(|candidate| candidate.fit.change > 0.0)
            .map(|candidate| (candidate.attribute, candidate.level))
            .collect();
        let Some(chosen) = searcher.strongest(&significant, best_material) else { break };
        let taken = Found::from(&chosen, observations);
        searcher.remove(&taken);
        found.push(taken);
    }
    for _ in 0..2 {
        for one in &mut found {
            searcher.restore(one);
            searcher.refit(one);
            searcher.remove(one);
        }
    }
    let q_target = 1.0 - rules.confidence;
    let mut kept = Vec::new();
    for one in found.into_iter().filter(|one| !one.silent && one.q <= q_target) {
        searcher.restore(&one);
        if let Some(finished) = searcher.finish(one.clone(), seed) {
            kept.push(finished);
        }
        searcher.remove(&one);
    }
    Search { found: kept, tests, residual: searcher.residual }
}

struct Searcher<'a> {
    observations: &'a Observations,
    rules: &'a Rules,
    calendar: Calendar,
    bin_of: Vec<u16>,
    residual: Vec<f64>,
    /// How far a value may lie from its peers before it counts as that far only: wide while effects are unknown,
    clip: f64,
    /// and close around an effect once it is known.
    tight: f64,
    memory: Memory,
}

impl<'a> Searcher<'a> {
    fn new(observations: &'a Observations, rules: &'a Rules) -> Self {
        let levels = observations.attributes.iter().map(|attribute| attribute.names.len()).max().unwrap_or(1);
        let residual = observations.y.clone();
        let spread = robust::centre_and_spread(&mut residual.clone()).map_or(0.0, |(_, spread)| spread);
        let tight = (rules.outlier_sigma + 1.5) * spread;
        let calendar = Calendar::new(&observations.day, levels);
        Self {
            observations,
            rules,
            calendar,
            bin_of: calendar.bins_of(&observations.day),
            residual,
            clip: if observations.kind == Kind::LogRatio { (tight).max(1.0) } else { f64::INFINITY },
            tight: if observations.kind == Kind::LogRatio { tight.max(0.1) } else { f64::INFINITY },
            memory: Memory::new(observations.attributes.len()),
        }
    }

    /// Shows how the levels of an attribute differ by what the residuals are now.
    fn contrasted<T>(&self, attribute: usize, look: impl FnOnce(&Kept) -> T) -> T {
        let calendar = if self.changes(attribute) { self.calendar } else { self.calendar.undivided() };
        let subject = Subject {
            observations: self.observations,
            attribute: &self.observations.attributes[attribute],
            residual: &self.residual,
            clip: self.clip,
            calendar,
            bin_of: &self.bin_of,
        };
        self.memory.recall(attribute, &subject, look)
    }

    fn shift(&mut self, one: &Found, sign: f64) {
        let observations = self.observations;
        observations.attributes[one.attribute].each_member(one.level, |idx| {
            self.residual[idx] += sign * effect_at(&one.fit, observations.day[idx]);
        });
        self.memory.shifted(one.attribute, one.level);
    }

    fn remove(&mut self, one: &Found) {
        self.shift(one, -1.0);
    }

    fn restore(&mut self, one: &Found) {
        self.shift(one, 1.0);
    }

    fn refit(&self, one: &mut Found) {
        self.contrasted(one.attribute, |kept| self.refit_by(one, &kept.contrast));
    }

    fn refit_by(&self, one: &mut Found, contrast: &Contrast) {
        let pooled = pooled_noise(&contrast.levels);
        let level = one.level as usize;
        let Some((fit, noise, p_level, p_change)) = self.judge(contrast, one.attribute, level, pooled) else {
            return;
        };
        let sums = &contrast.levels[level];
        let p = if fit.shape == Shape::Level { p_level } else { p_change };
        if p > one.p {
            one.q = (one.q * p / one.p).min(1.0);
        }
        one.fit = fit;
        one.p = p;
        one.peers = sums.peers;
        one.clusters = sums.clusters;
        one.observations = sums.observations;
        one.own_history = sums.own_history;
        one.score = score(&fit, noise, pooled, f64::from(sums.clusters));
        let favourable = one.fit.change <= 0.0 && !self.rules.both_ways;
        one.silent |= favourable || !self.material(contrast, level, &fit);
    }
}

impl Found {
    fn from(candidate: &Candidate, observations: &Observations) -> Self {
        Self {
            attribute: candidate.attribute,
            level: candidate.level,
            fit: candidate.fit,
            p: candidate.p,
            q: candidate.q,
            clusters: candidate.sums.clusters,
            observations: candidate.sums.observations,
            peers: candidate.sums.peers,
            effect: candidate.fit.change,
            effect_raw: candidate.fit.change,
            effect_low: 0.0,
            effect_high: 0.0,
            loss: 0.0,
            loss_low: 0.0,
            loss_high: 0.0,
            loss_draws: Vec::new(),
            own_history: candidate.sums.own_history,
            shadows: Vec::new(),
            silent: !candidate.material || !observations.attributes[candidate.attribute].reported,
            score: candidate.score,
        }
    }
}

/// The effect on an observation; one without a date carries the level but no change.
pub fn effect_at(fit: &Fit, day: f64) -> f64 {
    match fit.shape {
        Shape::Level => fit.change,
        Shape::Step { .. } | Shape::Drift { .. } if day.is_finite() => fit.at(day),
        Shape::Step { .. } | Shape::Drift { .. } => 0.0,
    }
}
