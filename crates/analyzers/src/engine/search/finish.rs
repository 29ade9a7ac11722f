//! What is left of an explanation at the end: its interval, what it costs, and whether it is worth telling.

use std::collections::BTreeMap;

use super::{Found, SMALL_EFFECTS, Searcher, effect_at, noise::pooled_noise};
use crate::{
    engine::{
        contrast::{Contrast, Kept},
        observations::Kind,
    },
    stats::{
        change::{self, Fit, Shape},
        resample, robust,
        shrink::{kept_share, variance_between},
    },
};

impl Searcher<'_> {
    /// Interval and losses, by drawing clusters again.
    pub(super) fn finish(&self, one: Found, seed: u64) -> Option<Found> {
        self.contrasted(one.attribute, |kept| self.finish_by(one, kept, seed))
    }

    fn finish_by(&self, mut one: Found, Kept { contrast, peers }: &Kept, seed: u64) -> Option<Found> {
        let attribute = &self.observations.attributes[one.attribute];
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
            let cell = attribute.cells.of.at(idx) as usize;
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
        let kept = kept_share(sampling, Self::between(contrast, one.own_history)).max(alone).clamp(0.0, 1.0);
        let tail = (1.0 - self.rules.confidence) / 2.0;
        let low = robust::quantile(&mut draws, tail)?;
        let high = robust::quantile(&mut draws, 1.0 - tail)?;
        one.effect_raw = change * reach;
        one.effect = change * reach * kept;
        one.effect_low = (low * reach).min(one.effect);
        one.effect_high = (high * reach).max(one.effect);
        one.loss = loss;
        let date = self.date_uncertainty(&one, contrast);
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

/// Spreads draws around `centre` as if an independent normal error of `sd` were added.
fn widen(draws: &mut [f64], centre: f64, sd: f64) {
    let own = standard_deviation(draws);
    let factor = if own > 0.0 { own.hypot(sd) / own } else { 1.0 };
    for draw in draws.iter_mut() {
        *draw = centre + (*draw - centre) * factor;
    }
}

fn standard_deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
}
