//! Sentences that every finding of a search can say from its own numbers.

use super::{
    finding::{level, relative, since},
    metric::{AmountUnit, Metric},
    observations::Kind,
    search::{Found, Search, effect_at},
    words,
};
use crate::stats::change::Shape;

/// What we saw: how many records, before and after, what it costs.
pub fn observations(
    metric: &Metric<'_>,
    found: &Found,
    search: &Search,
    currency: &domain::Currency,
) -> Vec<String> {
    let mut sentences = Vec::new();
    let attribute = &metric.observations.attributes[found.attribute];
    let (mut on, mut above, mut off) = (0_u64, 0_u64, 0_u64);
    for idx in attribute.members(found.level) {
        if effect_at(&found.fit, metric.observations.day[idx]) == 0.0 {
            off += 1;
        } else {
            on += 1;
            above += u64::from(metric.observations.y[idx] > found.peers);
        }
    }
    let (fields, values) = level(metric, found);
    let name = words::things(fields, values);
    let from = match found.fit.shape {
        Shape::Level => String::new(),
        Shape::Step { day, .. } | Shape::Drift { day, .. } => format!("After {}, ", words::long_date(day)),
    };
    if metric.observations.kind == Kind::Rate {
        let (bad, pieces) = attribute
            .members(found.level)
            .filter(|idx| effect_at(&found.fit, metric.observations.day[*idx]) != 0.0)
            .fold((0.0, 0.0), |(bad, pieces), idx| {
                (bad + f64::from(metric.actual[idx]), pieces + f64::from(metric.expected[idx]))
            });
        sentences.push(format!(
            "{from}{} of {} pieces were affected ({}); comparable work is at {}.",
            words::thousands(bad),
            words::thousands(pieces),
            words::percent(bad / pieces.max(1.0)),
            words::percent(found.peers),
        ));
    } else {
        let lead = if from.is_empty() { String::new() } else { from };
        sentences.push(format!(
            "{lead}{} of {} records of {name} were above what comparable work needs, in {} orders.",
            words::thousands(above as f64),
            words::thousands(on as f64),
            words::thousands(f64::from(found.clusters)),
        ));
    }
    if off > 0 {
        sentences.push(format!(
            "The {} records before that show no such difference.",
            words::thousands(off as f64)
        ));
    }
    if let Shape::Drift { day, .. } = found.fit.shape {
        sentences.push(format!(
            "It grows day by day and stands at {} now; a single step on one day fits the data worse.",
            size(metric, found)
        ));
        sentences.extend(projection(metric, found, day));
    }
    if metric.unit == AmountUnit::Money {
        sentences.push(format!(
            "That made {} in the period, likely between {} and {}.",
            words::money(found.loss, currency),
            words::money(found.loss_low, currency),
            words::money(found.loss_high, currency),
        ));
    }
    sentences.push(format!(
        "{} comparisons of this kind were made; allowing for all of them, the chance of a false alarm is {}.",
        words::thousands(search.tests as f64),
        if found.q < 0.001 { "below 0.1%".to_owned() } else { words::percent(found.q) },
    ));
    sentences
}

/// Days that a drift is followed beyond the data, at most as many as it was watched for.
const AHEAD: f64 = 90.0;

/// Where a drift goes at the pace it has: a projection, said to be one.
fn projection(metric: &Metric<'_>, found: &Found, from: f64) -> Option<String> {
    let last = metric.plant.last_day;
    let watched = last - from;
    if !(watched > 0.0 && metric.observations.kind != Kind::Difference) {
        return None;
    }
    let ahead = AHEAD.min(watched.floor());
    let then = |effect: f64| {
        let effect = effect * (watched + ahead) / watched;
        match metric.observations.kind {
            Kind::LogRatio => effect.exp_m1(),
            _ => (found.peers + effect).clamp(0.0, 1.0),
        }
    };
    (ahead >= 1.0).then(|| {
        format!(
            "At this pace it stands at {} on {}, between {} and {}: a projection over {} days, not a measurement.",
            words::percent(then(found.effect)),
            words::long_date(last + ahead),
            words::percent(then(found.effect_low).max(0.0)),
            words::percent(then(found.effect_high)),
            words::thousands(ahead),
        )
    })
}

/// `12%`, `2.4 points`, `1.5 days`.
pub fn size(metric: &Metric<'_>, found: &Found) -> String {
    match metric.observations.kind {
        Kind::LogRatio => words::percent(relative(metric, found)),
        Kind::Rate => format!(
            "{} instead of {}",
            words::percent(found.peers + found.effect),
            words::percent(found.peers)
        ),
        Kind::Difference => format!("{} days", words::figure(found.effect)),
    }
}

/// What was compared, in words.
pub fn comparison(metric: &Metric<'_>, found: &Found, peers: &str) -> String {
    if found.own_history {
        let (fields, values) = level(metric, found);
        return format!("{} with its own past{}", words::things(fields, values), since(found));
    }
    peers.to_owned()
}
