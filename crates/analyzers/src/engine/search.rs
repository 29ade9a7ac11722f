//! Finding what explains a metric: test every level against its peers, take the strongest, remove its effect, test again.
//!
//! One problem casts many shadows: a bad machine makes its work center and its products look bad. So only what is
//! left after the strongest explanation is gone counts for the next one, and what vanished with it is its shadow.

use std::collections::BTreeMap;

use super::{
    contrast::{Calendar, Contrast, LevelSums, Peers},
    observations::{Kind, Observations},
};
use crate::stats::{
    change::{self, Fit, Shape},
    distribution::{count_p, t_p},
    multiplicity::benjamini_hochberg,
    resample, robust,
    shrink::{kept_share, variance_between},
};

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
    residual: Vec<f64>,
    /// How far a value may lie from its peers before it counts as that far only: wide while effects are unknown,
    clip: f64,
    /// and close around an effect once it is known.
    tight: f64,
}

impl<'a> Searcher<'a> {
    fn new(observations: &'a Observations, rules: &'a Rules) -> Self {
        let levels = observations.attributes.iter().map(|attribute| attribute.names.len()).max().unwrap_or(1);
        let residual = observations.y.clone();
        let spread = robust::centre_and_spread(&mut residual.clone()).map_or(0.0, |(_, spread)| spread);
        let tight = (rules.outlier_sigma + 1.5) * spread;
        Self {
            observations,
            rules,
            calendar: Calendar::new(&observations.day, levels),
            residual,
            clip: if observations.kind == Kind::LogRatio { (tight).max(1.0) } else { f64::INFINITY },
            tight: if observations.kind == Kind::LogRatio { tight.max(0.1) } else { f64::INFINITY },
        }
    }

    fn contrast(&self, attribute: usize) -> Contrast {
        Contrast::new(
            self.observations,
            &self.observations.attributes[attribute],
            &self.residual,
            self.clip,
            self.calendar,
        )
    }

    /// All levels of all attributes, with q over every test made.
    fn pass(&self) -> (Vec<Candidate>, u64) {
        let mut candidates = Vec::new();
        let mut all_p = Vec::new();
        let mut owner = Vec::new();
        for attribute in 0..self.observations.attributes.len() {
            let contrast = self.contrast(attribute);
            let pooled = pooled_noise(&contrast.levels);
            for (level, sums) in contrast.levels.iter().enumerate() {
                if sums.clusters < self.rules.fewest_clusters || sums.weight <= 0.0 {
                    continue;
                }
                let Some((fit, noise, p_level, p_change)) = self.judge(&contrast, attribute, level, pooled)
                else {
                    continue;
                };
                let p = match fit.shape {
                    Shape::Level => p_level,
                    Shape::Step { .. } | Shape::Drift { .. } => p_change,
                };
                let n = f64::from(sums.clusters);
                let candidate = Candidate {
                    attribute,
                    level: level as u32,
                    fit,
                    p,
                    q: 1.0,
                    score: score(&fit, noise, pooled, n),
                    material: self.material(&contrast, level, &fit),
                    sums: sums.clone(),
                };
                let level_test = Some(p_level).filter(|_| !sums.own_history);
                let change_test = Some(p_change).filter(|_| self.changes(attribute));
                for test in level_test.into_iter().chain(change_test) {
                    all_p.push(test);
                    owner.push((candidates.len(), test == p));
                }
                candidates.push(candidate);
            }
        }
        let q = benjamini_hochberg(&all_p, all_p.len());
        for (q, (candidate, decisive)) in q.into_iter().zip(owner) {
            if decisive {
                candidates[candidate].q = q;
            }
        }
        (candidates, all_p.len() as u64)
    }

    /// Pairs are many and small: only whether they differ is asked, not since when.
    fn changes(&self, attribute: usize) -> bool {
        let attribute = &self.observations.attributes[attribute];
        self.rules.changes && (attribute.parents.is_empty() || attribute.fields.contains(&"facility_id"))
    }

    /// Best shape of a level, its noise, and the p of the level and of the change.
    fn judge(
        &self,
        contrast: &Contrast,
        attribute: usize,
        level: usize,
        pooled: f64,
    ) -> Option<(Fit, f64, f64, f64)> {
        let sums = &contrast.levels[level];
        let changes = self.changes(attribute);
        let n = f64::from(sums.clusters);
        // Pieces scatter at least as binomial ones, however quiet the few records of a level are.
        let least = if self.observations.kind == Kind::Rate {
            sums.peers.abs() * (1.0 - sums.peers).max(0.0)
        } else {
            0.0
        };
        let noise = ((n * sums.noise() + 10.0 * pooled) / (n + 10.0)).max(least);
        if noise <= 0.0 {
            return None;
        }
        let bins = contrast.bins(level);
        let fit = if changes {
            let first = change::best(&bins, noise, n)?;
            // The change itself is part of the scatter around the mean: judge again with what is left.
            let left = remaining_noise(noise, sums, &first).max(least);
            if left < noise { change::best(&bins, left, n)? } else { first }
        } else {
            change::best(&bins, 0.0, n)?
        };
        let left = remaining_noise(noise, sums, &fit).max(least);
        let mean = sums.mean();
        let z_level = mean / (noise / sums.weight).sqrt();
        let mut p_level = t_p(z_level, n + 9.0);
        if self.observations.kind == Kind::Rate {
            let expected = sums.peers * sums.weight;
            let dispersion = noise / sums.peers.max(1e-12);
            p_level = p_level.max(count_p(expected + sums.sum, expected, dispersion));
        }
        let z = (fit.change_gain / left).max(0.0).sqrt();
        let z = z * (n / (n + z * z / 4.0)).sqrt();
        let mut p_change = if fit.shape == Shape::Level { 1.0 } else { change::scanned_p(z) };
        if self.observations.kind == Kind::Rate
            && let Shape::Step { day, .. } | Shape::Drift { day, .. } = fit.shape
        {
            // Few events are skewed: the exact tail of what came after the break, times the breaks that were tried.
            let (weight, sum) = bins
                .iter()
                .filter(|bin| bin.day >= day)
                .fold((0.0, 0.0), |(w, s), bin| (w + bin.weight, s + bin.sum));
            let base = sums.peers + fit.offset;
            let expected = base * weight;
            let counted = sums.peers * weight + sum;
            let exact = count_p(counted, expected, noise / base.max(1e-12));
            p_change = p_change.max((exact * BREAKS_TRIED).min(1.0));
        }
        Some((fit, left, p_level.max(f64::MIN_POSITIVE), p_change))
    }

    fn material(&self, contrast: &Contrast, level: usize, fit: &Fit) -> bool {
        let attribute_effect = fit.at(self.calendar.middle(self.calendar.bins - 1));
        if attribute_effect <= 0.0 && !self.rules.both_ways {
            return false;
        }
        if contrast.levels[level].own_history && fit.shape == Shape::Level {
            return false;
        }
        let loss: f64 =
            contrast.amounts(level).map(|(day, amount)| amount * self.lost_share(fit.at(day))).sum();
        self.worth(attribute_effect, contrast.levels[level].peers, loss, fit)
    }

    fn worth(&self, effect: f64, peers: f64, loss: f64, fit: &Fit) -> bool {
        let relative = self.relative(effect, peers).abs();
        let least = match fit.shape {
            // A standard that is a few percent off is a standard as usual.
            Shape::Level if self.rules.small_levels => SMALLEST_LEVEL,
            Shape::Level => 1.0,
            Shape::Step { .. } | Shape::Drift { .. } => self.rules.smallest_change,
        };
        relative >= self.rules.effect_threshold
            || (loss.abs() >= self.rules.loss_threshold && relative >= least * self.rules.effect_threshold)
    }

    fn relative(&self, effect: f64, peers: f64) -> f64 {
        match self.observations.kind {
            Kind::LogRatio => effect.exp_m1(),
            Kind::Rate => effect / peers.max(1e-9),
            Kind::Difference => effect,
        }
    }

    /// Share of an amount that an effect is responsible for.
    fn lost_share(&self, effect: f64) -> f64 {
        match self.observations.kind {
            Kind::LogRatio => -(-effect).exp_m1(),
            Kind::Rate | Kind::Difference => effect,
        }
    }

    /// The strongest explanation; a pair only if it explains more than its parts.
    fn strongest(&self, significant: &[&Candidate], best_material: f64) -> Option<Candidate> {
        let mut ranked: Vec<&&Candidate> =
            significant.iter().filter(|c| c.material || c.score > best_material).collect();
        ranked.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then((a.attribute, a.level).cmp(&(b.attribute, b.level)))
        });
        let first = ranked.first()?;
        // Two descriptions of nearly the same rows: the simpler and earlier declared one is the name.
        let twin = ranked
            .iter()
            .filter(|c| {
                c.score >= first.score - 6.6
                    && c.material == first.material
                    && (c.sums.weight / first.sums.weight - 1.0).abs() < 0.02
                    && same_kind(&c.fit.shape, &first.fit.shape)
            })
            .min_by_key(|c| (self.observations.attributes[c.attribute].parents.len(), c.attribute, c.level))
            .unwrap_or(first);
        let mut chosen = (**twin).clone();
        let parents = &self.observations.attributes[chosen.attribute].parents;
        if !parents.is_empty()
            && let Some(parent) = significant
                .iter()
                .filter(|c| parents.contains(&c.attribute) && self.contains(c, &chosen))
                .filter(|c| c.score + 6.6 > chosen.score)
                .max_by(|a, b| a.score.total_cmp(&b.score))
        {
            chosen = (**parent).clone();
        }
        Some(chosen)
    }

    fn contains(&self, parent: &Candidate, pair: &Candidate) -> bool {
        let names = |c: &Candidate| self.observations.attributes[c.attribute].names[c.level as usize].clone();
        let fields = |c: &Candidate| self.observations.attributes[c.attribute].fields.clone();
        let (outer, inner) =
            (fields(parent).into_iter().zip(names(parent)), fields(pair).into_iter().zip(names(pair)));
        let inner: Vec<_> = inner.collect();
        outer.into_iter().all(|part| inner.contains(&part))
    }

    fn shift(&mut self, one: &Found, sign: f64) {
        for idx in self.observations.attributes[one.attribute].members(one.level) {
            self.residual[idx] += sign * effect_at(&one.fit, self.observations.day[idx]);
        }
    }

    fn remove(&mut self, one: &Found) {
        self.shift(one, -1.0);
    }

    fn restore(&mut self, one: &Found) {
        self.shift(one, 1.0);
    }

    fn refit(&self, one: &mut Found) {
        let contrast = self.contrast(one.attribute);
        let pooled = pooled_noise(&contrast.levels);
        let level = one.level as usize;
        let Some((fit, noise, p_level, p_change)) = self.judge(&contrast, one.attribute, level, pooled)
        else {
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
        one.silent |= favourable || !self.material(&contrast, level, &fit);
    }

    /// Interval and losses, by drawing clusters again.
    fn finish(&self, mut one: Found, seed: u64) -> Option<Found> {
        let attribute = &self.observations.attributes[one.attribute];
        let peers = Peers::new(self.observations, attribute, &self.residual);
        let mut clusters: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        let drawn = if self.observations.draw.is_empty() {
            &self.observations.cluster
        } else {
            &self.observations.draw
        };
        let unit = Fit { change: 1.0, ..one.fit };
        let clip_around =
            |difference: f64, fitted: f64| fitted + (difference - fitted).clamp(-self.tight, self.tight);
        let (mut loss, mut slope) = (0.0, 0.0);
        for idx in attribute.members(one.level) {
            let cell = attribute.cells.of[idx] as usize;
            let day = self.observations.day[idx];
            let x = effect_at(&unit, day);
            if x == 0.0 {
                continue;
            }
            let amount = self.observations.amount[idx];
            loss += amount * self.lost_share(one.fit.change * x);
            slope += match self.observations.kind {
                Kind::LogRatio => amount * x * (-one.fit.change * x).exp(),
                Kind::Rate | Kind::Difference => amount * x,
            };
            let weight = f64::from(self.observations.weight[idx]) * peers.share[cell];
            if weight > 0.0 {
                let fitted = one.fit.change * x;
                let difference = clip_around(self.residual[idx] - peers.mean[cell] - one.fit.offset, fitted);
                let entry = clusters.entry(drawn[idx]).or_default();
                entry.0 += weight * x * difference;
                entry.1 += weight * x * x;
            }
        }
        let clusters: Vec<(f64, f64)> = clusters.into_values().collect();
        let (a, b) = clusters.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        if b <= 0.0 {
            return None;
        }
        // The mean around which draws scatter is the clipped one, so the point moves with it.
        let change = a / b;
        loss += slope * (change - one.fit.change);
        one.fit.change = change;
        let reach = match one.fit.shape {
            Shape::Drift { day, .. } => (self.calendar.middle(self.calendar.bins - 1) - day).max(0.0),
            Shape::Level | Shape::Step { .. } => 1.0,
        };
        let mut draws =
            resample::ratio_of_sums(&clusters, resample::DRAWS, seed ^ (u64::from(one.level) << 8));
        let contrast = self.contrast(one.attribute);
        // Peers are known from data as well: their mean has an error of its own, the larger the fewer they are.
        let sums = &contrast.levels[one.level as usize];
        let peers_too = if sums.own > 0.0 { (sums.weight / sums.own).max(1.0).sqrt() } else { 1.0 };
        for draw in &mut draws {
            *draw = change + (*draw - change) * peers_too;
        }
        let spread = standard_deviation(&draws);
        let sampling = spread.powi(2);
        // A level far out of line with the others is not one of them: it is pulled in by its own uncertainty only.
        let alone = 1.0 - sampling / change.powi(2).max(1e-300);
        let kept = kept_share(sampling, Self::between(&contrast, one.own_history)).max(alone).clamp(0.0, 1.0);
        let tail = (1.0 - self.rules.confidence) / 2.0;
        let low = robust::quantile(&mut draws, tail)?;
        let high = robust::quantile(&mut draws, 1.0 - tail)?;
        one.effect_raw = change * reach;
        one.effect = change * reach * kept;
        one.effect_low = (low * reach).min(one.effect);
        one.effect_high = (high * reach).max(one.effect);
        one.loss = loss;
        let date = self.date_uncertainty(&one, &contrast);
        one.loss_draws = draws.iter().map(|draw| loss + slope * (draw - change)).collect();
        if date > 0.0 {
            widen(&mut one.loss_draws, loss, date);
        }
        one.loss_draws.sort_by(f64::total_cmp);
        one.loss_low = robust::quantile(&mut one.loss_draws.clone(), tail)?;
        one.loss_high = robust::quantile(&mut one.loss_draws.clone(), 1.0 - tail)?;
        let excludes_zero = low > 0.0 || (high < 0.0 && self.rules.both_ways);
        let worth = self.worth(one.effect, one.peers, one.loss, &one.fit);
        // What is small must be beyond doubt to be worth a person's time.
        let small = self.relative(one.effect, one.peers).abs() < self.rules.effect_threshold;
        let sure = !small || one.q <= SMALL_EFFECTS * (1.0 - self.rules.confidence);
        (excludes_zero && worth && sure).then_some(one)
    }

    /// How far the loss moves when the change begins at either end of its interval, as a standard deviation.
    fn date_uncertainty(&self, one: &Found, contrast: &Contrast) -> f64 {
        let (Shape::Step { low, high, .. } | Shape::Drift { low, high, .. }) = one.fit.shape else {
            return 0.0;
        };
        let bins = contrast.bins(one.level as usize);
        let loss_from = |day: f64| -> f64 {
            let fit = change::refitted(&bins, &one.fit, day);
            contrast
                .amounts(one.level as usize)
                .map(|(day, amount)| amount * self.lost_share(fit.at(day)))
                .sum()
        };
        // The interval of the date is one of 95 %.
        (loss_from(low) - loss_from(high)).abs() / (2.0 * 1.96)
    }

    /// Variance between the levels of an attribute, for shrinkage.
    fn between(contrast: &Contrast, own_history: bool) -> f64 {
        if own_history {
            return 0.0;
        }
        let pooled = pooled_noise(&contrast.levels);
        let (means, variances): (Vec<f64>, Vec<f64>) = contrast
            .levels
            .iter()
            .filter(|sums| sums.weight > 0.0 && sums.clusters >= 2)
            .map(|sums| (sums.mean(), sums.noise().max(pooled * 0.1) / sums.weight))
            .unzip();
        variance_between(&means, &variances)
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

/// How much an explanation explains, in units of the noise that all levels share: a level that scatters more because
/// something is wrong with it must not rank behind its quiet peers that only look good next to it.
fn score(fit: &Fit, own: f64, pooled: f64, n: f64) -> f64 {
    let noise = if pooled > 0.0 { pooled } else { own };
    fit.gain / noise - fit.parameters * n.ln()
}

/// The effect on an observation; one without a date carries the level but no change.
pub fn effect_at(fit: &Fit, day: f64) -> f64 {
    match fit.shape {
        Shape::Level => fit.change,
        Shape::Step { .. } | Shape::Drift { .. } if day.is_finite() => fit.at(day),
        Shape::Step { .. } | Shape::Drift { .. } => 0.0,
    }
}

/// Spreads draws around `centre` as if an independent normal error of `sd` were added.
fn widen(draws: &mut [f64], centre: f64, sd: f64) {
    let own = standard_deviation(draws);
    let factor = if own > 0.0 { own.hypot(sd) / own } else { 1.0 };
    for draw in draws.iter_mut() {
        *draw = centre + (*draw - centre) * factor;
    }
}

fn same_kind(a: &Shape, b: &Shape) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn pooled_noise(levels: &[LevelSums]) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for level in levels.iter().filter(|level| level.clusters >= 2) {
        sum += f64::from(level.clusters - 1) * level.noise();
        n += f64::from(level.clusters - 1);
    }
    if n > 0.0 { sum / n } else { 0.0 }
}

/// Noise of a unit of weight once the change is taken out of the scatter around the mean.
fn remaining_noise(noise: f64, sums: &LevelSums, fit: &Fit) -> f64 {
    if fit.shape == Shape::Level || sums.weight <= 0.0 || sums.own <= 0.0 {
        return noise;
    }
    let mean_gain = sums.sum * sums.sum / sums.weight;
    let explained = (fit.gain - mean_gain).max(0.0) / sums.weight * (sums.ww / sums.own);
    (noise - explained).max(0.2 * noise)
}

fn standard_deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
}
