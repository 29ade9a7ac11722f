//! One round of a search: every level is judged, and the strongest explanation chosen.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{
    BREAKS_TRIED, Candidate, SMALLEST_LEVEL, Searcher,
    noise::{pooled_noise, remaining_noise, score},
};
use crate::{
    engine::{contrast::Contrast, observations::Kind},
    stats::{
        change::{self, Fit, Shape},
        distribution::{count_p, t_p},
        multiplicity::benjamini_hochberg,
    },
};

/// Fewer observations are judged before a second thread has begun.
const WORTH_THREADS: usize = 20_000;

/// Each thread holds the bins of one attribute, up to 100 MB.
const MOST_THREADS: usize = 4;

/// A level with the tests that were made on it.
struct Judged {
    candidate: Candidate,
    level_test: Option<f64>,
    change_test: Option<f64>,
}

impl Searcher<'_> {
    /// All levels of all attributes, with q over every test made.
    pub(super) fn pass(&self) -> (Vec<Candidate>, u64) {
        let mut candidates = Vec::new();
        let mut all_p = Vec::new();
        let mut owner = Vec::new();
        for judged in self.judged() {
            for Judged { candidate, level_test, change_test } in judged {
                for test in level_test.into_iter().chain(change_test) {
                    all_p.push(test);
                    owner.push((candidates.len(), test == candidate.p));
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

    /// The levels of each attribute, in their order, whoever judged them: every thread takes the next attribute that is left.
    fn judged(&self) -> Vec<Vec<Judged>> {
        let attributes = self.observations.attributes.len();
        let threads =
            if self.observations.len() < WORTH_THREADS { 1 } else { self.rules.threads.min(MOST_THREADS) };
        if threads <= 1 {
            return (0..attributes).map(|attribute| self.judge_all(attribute)).collect();
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let attribute = next.fetch_add(1, Ordering::Relaxed);
                if attribute >= attributes {
                    return done;
                }
                done.push((attribute, self.judge_all(attribute)));
            }
        };
        let mut judged: Vec<(usize, Vec<Judged>)> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut judged = work();
            for other in others {
                judged.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            judged
        });
        judged.sort_by_key(|(attribute, _)| *attribute);
        judged.into_iter().map(|(_, judged)| judged).collect()
    }

    /// The levels of one attribute that can be judged.
    fn judge_all(&self, attribute: usize) -> Vec<Judged> {
        self.contrasted(attribute, |kept| self.judge_by(attribute, &kept.contrast))
    }

    fn judge_by(&self, attribute: usize, contrast: &Contrast) -> Vec<Judged> {
        let pooled = pooled_noise(&contrast.levels);
        let mut judged = Vec::new();
        for (level, sums) in contrast.levels.iter().enumerate() {
            if sums.clusters < self.rules.fewest_clusters || sums.weight <= 0.0 {
                continue;
            }
            let Some((fit, noise, p_level, p_change)) = self.judge(contrast, attribute, level, pooled) else {
                continue;
            };
            let p = match fit.shape {
                Shape::Level => p_level,
                Shape::Step { .. } | Shape::Drift { .. } => p_change,
            };
            judged.push(Judged {
                candidate: Candidate {
                    attribute,
                    level: level as u32,
                    fit,
                    p,
                    q: 1.0,
                    score: score(&fit, noise, pooled, f64::from(sums.clusters)),
                    material: self.material(contrast, level, &fit),
                    sums: sums.clone(),
                },
                level_test: Some(p_level).filter(|_| !sums.own_history),
                change_test: Some(p_change).filter(|_| self.changes(attribute)),
            });
        }
        judged
    }

    /// Pairs are many and small: only whether they differ is asked, not since when.
    pub(super) fn changes(&self, attribute: usize) -> bool {
        let attribute = &self.observations.attributes[attribute];
        self.rules.changes && (attribute.parents.is_empty() || attribute.fields.contains(&"facility_id"))
    }

    /// Best shape of a level, its noise, and the p of the level and of the change.
    pub(super) fn judge(
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

    pub(super) fn material(&self, contrast: &Contrast, level: usize, fit: &Fit) -> bool {
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

    pub(super) fn worth(&self, effect: f64, peers: f64, loss: f64, fit: &Fit) -> bool {
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

    pub(super) fn relative(&self, effect: f64, peers: f64) -> f64 {
        match self.observations.kind {
            Kind::LogRatio => effect.exp_m1(),
            Kind::Rate => effect / peers.max(1e-9),
            Kind::Difference => effect,
        }
    }

    /// Share of an amount that an effect is responsible for.
    pub(super) fn lost_share(&self, effect: f64) -> f64 {
        match self.observations.kind {
            Kind::LogRatio => -(-effect).exp_m1(),
            Kind::Rate | Kind::Difference => effect,
        }
    }

    /// The strongest explanation; a pair only if it explains more than its parts.
    pub(super) fn strongest(&self, significant: &[&Candidate], best_material: f64) -> Option<Candidate> {
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
}

fn same_kind(a: &Shape, b: &Shape) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}
