//! The picture that proves a finding: points over time where something changed, levels side by side where it always was so.

use domain::{
    Currency,
    chart::{Band, Chart, ChartBody, Dot, Point},
};

use super::{
    contrast::Peers,
    finding::level,
    metric::Metric,
    observations::{Kind, NONE},
    search::Found,
    words,
};
use crate::stats::{change::Shape, robust};

const MOST_POINTS: usize = 160;
const MOST_DOTS: usize = 24;

pub fn of(metric: &Metric<'_>, found: &Found, _currency: &Currency) -> Option<Chart> {
    match found.fit.shape {
        Shape::Level => dots(metric, found),
        Shape::Step { day, .. } | Shape::Drift { day, .. } => over_time(metric, found, day),
    }
}

/// Unit of a picture; shares are drawn as percent.
fn unit(kind: Kind) -> &'static str {
    match kind {
        Kind::LogRatio | Kind::Rate => "%",
        Kind::Difference => "days",
    }
}

/// What the picture shows, in words.
fn measure(kind: Kind) -> &'static str {
    match kind {
        Kind::LogRatio => "share of plan",
        Kind::Rate => "share of pieces",
        Kind::Difference => "days",
    }
}

fn shown(kind: Kind, y: f64) -> f64 {
    match kind {
        Kind::LogRatio => y.exp(),
        Kind::Rate | Kind::Difference => y,
    }
}

/// A shown value in a sentence.
fn said(kind: Kind, value: f64) -> String {
    match kind {
        Kind::LogRatio => format!("{} of plan", words::percent(value)),
        Kind::Rate => words::percent(value),
        Kind::Difference => format!("{} days", words::figure(value)),
    }
}

/// One point per stretch of time, as many orders in each.
fn over_time(metric: &Metric<'_>, found: &Found, start: f64) -> Option<Chart> {
    let observations = &metric.observations;
    let mut members: Vec<(f64, f64, f64)> = observations.attributes[found.attribute]
        .members(found.level)
        .filter(|idx| observations.day[*idx].is_finite())
        .map(|idx| (observations.day[idx], observations.y[idx], f64::from(observations.weight[idx])))
        .collect();
    if members.is_empty() {
        return None;
    }
    members.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let size = members.len().div_ceil(MOST_POINTS);
    let points: Vec<Point> = members
        .chunks(size)
        .map(|chunk| {
            let weight: f64 = chunk.iter().map(|member| member.2).sum();
            let mean = chunk.iter().map(|member| member.1 * member.2).sum::<f64>() / weight.max(1e-12);
            let day = chunk.iter().map(|member| member.0).sum::<f64>() / chunk.len() as f64;
            Point {
                at: (day * 86_400e6) as i64,
                value: shown(observations.kind, mean),
                highlighted: day >= start,
            }
        })
        .collect();
    let mut before: Vec<f64> =
        points.iter().filter(|point| !point.highlighted).map(|point| point.value).collect();
    let mut after: Vec<f64> =
        points.iter().filter(|point| point.highlighted).map(|point| point.value).collect();
    let (centre, spread) = robust::centre_and_spread(&mut before).unzip();
    let expected = centre
        .zip(spread)
        .map(|(centre, spread)| Band { low: centre - 3.0 * spread, high: centre + 3.0 * spread });
    let (fields, values) = level(metric, found);
    let name = words::things(fields, values);
    let after = robust::median(&mut after);
    let alternative = match (centre, after) {
        (Some(before), Some(after)) => format!(
            "{name} was at {} until {} and is at {} since.",
            said(observations.kind, before),
            words::long_date(start),
            said(observations.kind, after),
        ),
        _ => format!("{name} over time."),
    };
    let each = if size == 1 {
        "each dot is one record".to_owned()
    } else {
        format!("each dot is the mean of {size} records")
    };
    Some(Chart {
        title: format!("{}, {}", metric.actual_name, measure(observations.kind)),
        caption: format!("{name}; {each}; the band is what to expect from the time before"),
        alternative,
        body: ChartBody::Control {
            points,
            expected,
            before: centre,
            after,
            shift_at: Some((start * 86_400e6) as i64),
            unit: unit(observations.kind).to_owned(),
        },
    })
}

/// The levels of the attribute against their peers, with 95 % intervals.
fn dots(metric: &Metric<'_>, found: &Found) -> Option<Chart> {
    let observations = &metric.observations;
    let attribute = &observations.attributes[found.attribute];
    let cells = &attribute.cells;
    let peers = Peers::new(observations, attribute, &observations.y);
    let mut sums = vec![(0.0, 0.0, 0.0, 0_u64); attribute.names.len()];
    for (idx, cell) in cells.of.iter().enumerate() {
        if cell == NONE {
            continue;
        }
        let weight = f64::from(observations.weight[idx]) * peers.share[cell as usize];
        if weight > 0.0 {
            let difference = observations.y[idx] - peers.mean[cell as usize];
            let entry = &mut sums[cells.keys[cell as usize].1 as usize];
            entry.0 += weight;
            entry.1 += weight * difference;
            entry.2 += weight * difference * difference;
            entry.3 += 1;
        }
    }
    let base = if observations.kind == Kind::Difference { 0.0 } else { found.peers };
    let mut dots: Vec<(f64, Dot)> = sums
        .iter()
        .enumerate()
        .filter(|(_, sum)| sum.3 >= 2 && sum.0 > 0.0)
        .map(|(level, (weight, sum, squares, n))| {
            let mean = sum / weight;
            let spread = ((squares / weight - mean * mean).max(0.0) / *n as f64).sqrt() * 1.96;
            let value = shown(observations.kind, base + mean);
            let dot = Dot {
                label: attribute.names[level].join(" + "),
                value,
                low: shown(observations.kind, base + mean - spread),
                high: shown(observations.kind, base + mean + spread),
                n: *n,
                highlighted: level == found.level as usize,
            };
            (value, dot)
        })
        .collect();
    dots.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.label.cmp(&b.1.label)));
    let keep_own = dots.iter().position(|(_, dot)| dot.highlighted)?;
    if keep_own >= MOST_DOTS {
        let own = dots.remove(keep_own);
        dots.insert(MOST_DOTS - 1, own);
    }
    dots.truncate(MOST_DOTS);
    let own = dots.iter().map(|(_, dot)| dot).find(|dot| dot.highlighted)?;
    let alternative = format!(
        "{} is at {}, its peers are at {}.",
        own.label,
        said(observations.kind, own.value),
        said(observations.kind, shown(observations.kind, base)),
    );
    Some(Chart {
        title: format!("{}, {}", metric.actual_name, measure(observations.kind)),
        caption: "compared within the same group; the bar is the 95 % interval".to_owned(),
        alternative,
        body: ChartBody::Dots {
            dots: dots.into_iter().map(|(_, dot)| dot).collect(),
            mean: Some(shown(observations.kind, base)),
            unit: unit(observations.kind).to_owned(),
        },
    })
}
