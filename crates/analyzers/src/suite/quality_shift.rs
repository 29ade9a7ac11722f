//! When scrap shifted: days beyond the limits of a p' chart, and a dated change of the level, by work center.

use std::collections::BTreeMap;

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Band, Chart, ChartBody, Point},
};

use super::{Analyzer, Outcome, scrap_rate};
use crate::{
    engine::{context::Context, defects, evidence, finding, frame::Frame, observations::NONE, words},
    stats::{
        change::{self, Bin, Fit, Shape},
        dispersion,
        distribution::{count_p, normal_p},
        multiplicity::benjamini_hochberg,
        robust,
    },
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "quality_shift",
    needs: &[
        &["operation_quantity_scrapped"],
        &["operation_quantity_completed", "operation_quantity_in"],
        &["operation_actual_start", "booking_date", "operation_actual_end", "actual_start", "release_date"],
    ],
    settings: &["confidence_level", "cost_variance_threshold", "trend_analysis_period"],
    run,
};

/// Pieces and defects of a series by day.
struct Series {
    /// `None`: the whole plant.
    name: Option<String>,
    first: f64,
    pieces: Vec<f64>,
    bad: Vec<f64>,
    /// Places of its lots among all.
    lots: Vec<u32>,
}

/// All lots, once, however many series they are part of: five million of them weigh.
struct Lots {
    each: Vec<defects::Lot>,
    /// Day since the first of the period; [`OUTSIDE`] for what is not in it.
    day: Vec<u16>,
    order: Vec<u32>,
}

const OUTSIDE: u16 = u16::MAX;

impl Lots {
    fn of(context: &Context<'_>, frame: &Frame, bad: &str) -> Option<(Self, f64, usize)> {
        let plant = context.plant;
        let lots = defects::lots(plant, frame, bad).lots;
        let days: Vec<f64> = lots.iter().map(|lot| plant.day(frame, lot.row as usize).floor()).collect();
        let mut known: Vec<f64> = days.iter().copied().filter(|day| day.is_finite()).collect();
        let (first, last) = robust::quantile(&mut known, 0.001).zip(robust::quantile(&mut known, 0.999))?;
        let n = ((last - first) as usize + 1).min(4_000);
        let at = |day: f64| {
            let inside = day.is_finite() && day >= first && day <= last && ((day - first) as usize) < n;
            if inside { (day - first) as u16 } else { OUTSIDE }
        };
        let day = days.into_iter().map(at).collect();
        // A lot without an order is a unit of its own, numbered above all orders.
        let order = |lot: &defects::Lot| match frame.order[lot.row as usize] {
            NONE => plant.orders.len as u32 + lot.row,
            order => order,
        };
        let order = lots.iter().map(order).collect();
        Some((Self { each: lots, day, order }, first, n))
    }
}

/// What a change is judged by: days of effective pieces, and the scatter of orders around the centre.
struct Judged {
    bins: Vec<Bin>,
    centre: f64,
    /// Variance of one effective piece, by orders.
    noise: f64,
    /// Orders, as far as they weigh alike.
    n: f64,
}

/// A p' chart: centre line, and how much wider than binomial its days scatter (Laney).
struct Laney {
    centre: f64,
    sigma_z: f64,
}

impl Series {
    fn laney(&self) -> Option<Laney> {
        let centre = self.bad.iter().sum::<f64>() / self.pieces.iter().sum::<f64>().max(1.0);
        if centre <= 0.0 || centre >= 1.0 {
            return None;
        }
        let z: Vec<f64> = self
            .pieces
            .iter()
            .zip(&self.bad)
            .filter(|(pieces, _)| **pieces > 0.0)
            .map(|(pieces, bad)| (bad / pieces - centre) / (centre * (1.0 - centre) / pieces).sqrt())
            .collect();
        let ranges: Vec<f64> = z.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
        // 1.128 turns a mean moving range into a standard deviation.
        let sigma_z = ranges.iter().sum::<f64>() / ranges.len().max(1) as f64 / 1.128;
        // Lots that run for days make neighbouring days alike, and their ranges too small: the scatter of all days counts too.
        let all = (z.iter().map(|z| z * z).sum::<f64>() / z.len().max(1) as f64).sqrt();
        (z.len() >= 24).then(|| Laney { centre, sigma_z: sigma_z.max(all).max(1.0) })
    }

    /// Pieces of one lot are alike, so a lot of 1,000 does not tell ten times what one of 100 does; and the tickets of one
    /// order are one lot. Days would pretend otherwise: one giant lot is a day like any other to them, and a shift to the mean.
    fn judged(&self, all_lots: &Lots) -> Option<Judged> {
        let pieces: f64 = self.pieces.iter().sum();
        let rate = self.bad.iter().sum::<f64>() / pieces.max(1.0);
        if rate <= 0.0 || rate >= 1.0 {
            return None;
        }
        let own = || self.lots.iter().map(|at| (*at as usize, &all_lots.each[*at as usize]));
        let rho = dispersion::intra_correlation(own().map(|(_, lot)| (lot.bad, lot.pieces, rate)));
        let weighed =
            || own().map(|(at, lot)| (at, lot, lot.pieces / dispersion::inflation(lot.pieces, rho)));
        let (all, sum) = weighed().fold((0.0, 0.0), |(all, sum), (_, lot, weight)| {
            (all + weight, sum + weight * lot.bad / lot.pieces)
        });
        let centre = sum / all;
        let mut bins: Vec<Bin> = (0..self.pieces.len())
            .map(|at| Bin { day: self.first + at as f64 + 0.5, weight: 0.0, sum: 0.0 })
            .collect();
        let mut orders: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for (at, lot, weight) in weighed() {
            let excess = weight * (lot.bad / lot.pieces - centre);
            let bin = &mut bins[usize::from(all_lots.day[at])];
            bin.weight += weight;
            bin.sum += excess;
            let order = orders.entry(all_lots.order[at]).or_default();
            order.0 += weight;
            order.1 += excess;
        }
        let count = orders.len() as f64;
        let (squares, weights) =
            orders.values().fold((0.0, 0.0), |(s, w), order| (s + order.1 * order.1, w + order.0 * order.0));
        (count >= 24.0).then(|| Judged {
            bins,
            centre,
            noise: (squares / all * count / (count - 1.0)).max(centre * (1.0 - centre)),
            n: all * all / weights,
        })
    }
}

impl Judged {
    /// The change with the best BIC, and how likely chance makes one that large.
    fn change(&self) -> Option<(Fit, f64)> {
        let fit = change::best(&self.bins, self.noise, self.n)?;
        let (Shape::Step { day, .. } | Shape::Drift { day, .. }) = fit.shape else { return Some((fit, 1.0)) };
        let z = (fit.change_gain / self.noise).max(0.0).sqrt();
        let z = z * (self.n / (self.n + z * z / 4.0)).sqrt();
        // Few defects are skewed: the exact tail of what came after the break, times the breaks that were tried.
        let (weight, sum) = self
            .bins
            .iter()
            .filter(|bin| bin.day >= day)
            .fold((0.0, 0.0), |(weight, sum), bin| (weight + bin.weight, sum + bin.sum));
        let base = (self.centre + fit.offset).max(1e-9);
        let exact = count_p(self.centre * weight + sum, base * weight, self.noise / base) * BREAKS_TRIED;
        Some((fit, change::scanned_p(z).max(exact.min(1.0))))
    }
}

/// Independent breaks among all that a scan tries.
const BREAKS_TRIED: f64 = 20.0;

fn run(context: &Context<'_>) -> Outcome {
    let bad = "operation_quantity_scrapped";
    let Some(frame) = scrap_rate::frame_with(context, bad) else { return Outcome::default() };
    let Some((lots, first, days)) = Lots::of(context, frame, bad) else { return Outcome::default() };
    let series = series(frame, &lots, first, days);
    // The window of the settings is the least that both sides of a change must be watched for.
    let window = context.settings.get("trend_analysis_period");
    let mut fits: Vec<(usize, Judged, Fit, f64)> = Vec::new();
    for (at, one) in series.iter().enumerate() {
        if (one.pieces.len() as f64) < window.max(8.0) {
            continue;
        }
        let Some(judged) = one.judged(&lots) else { continue };
        let Some((fit, p)) = judged.change() else { continue };
        fits.push((at, judged, fit, p));
    }
    let p: Vec<f64> = fits.iter().map(|fit| fit.3).collect();
    let q = benjamini_hochberg(&p, p.len());
    let threshold = context.settings.get("cost_variance_threshold");
    let mut shifted: Vec<(usize, f64)> = (0..fits.len())
        .filter(|at| {
            let (series_at, judged, fit, _) = &fits[*at];
            let end = series[*series_at].first + series[*series_at].pieces.len() as f64;
            let base = (judged.centre + fit.offset).max(1e-9);
            q[*at] <= context.strict() && fit.at(end) / base >= threshold.max(0.1)
        })
        .map(|at| (at, fits[at].2.change_gain / fits[at].1.noise))
        .collect();
    shifted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    // The plant shifts when its work centers do: it is named where several do, and they are named where few do.
    let named = shifted.iter().filter(|(at, _)| series[fits[*at].0].name.is_some()).count();
    let centers = series.len() - 1;
    shifted
        .retain(|(at, _)| series[fits[*at].0].name.is_none() == (named * 2 > centers.max(1) || centers < 2));
    let findings = shifted
        .iter()
        .filter_map(|(at, _)| {
            let (series_at, judged, fit, p) = &fits[*at];
            told(context, frame, &series[*series_at], judged, fit, [*p, q[*at]], fits.len() as u64)
        })
        .collect();
    let charts = series
        .first()
        .and_then(|plant| plant.laney().map(|laney| picture(plant, &laney, None)))
        .into_iter()
        .collect();
    Outcome { findings, charts, ..Outcome::default() }
}

/// The plant first, then every work center.
fn series(frame: &Frame, lots: &Lots, first: f64, days: usize) -> Vec<Series> {
    let empty = |name: Option<String>| Series {
        name,
        first,
        pieces: vec![0.0; days],
        bad: vec![0.0; days],
        lots: Vec::new(),
    };
    let mut all = vec![empty(None)];
    let centers = frame.words("work_center_id").filter(|words| words.names.len() <= 200);
    if let Some(words) = centers {
        all.extend(words.names.iter().map(|name| empty(Some(name.clone()))));
    }
    for (at, (lot, day)) in
        lots.each.iter().zip(&lots.day).enumerate().filter(|(_, (_, day))| **day != OUTSIDE)
    {
        let code = centers.map_or(NONE, |words| words.code(lot.row as usize));
        for series in [0, code.wrapping_add(1) as usize] {
            if (series == 0 || code != NONE)
                && let Some(series) = all.get_mut(series)
            {
                series.pieces[usize::from(*day)] += lot.pieces;
                series.bad[usize::from(*day)] += lot.bad;
                series.lots.push(at as u32);
            }
        }
    }
    all
}

fn told(
    context: &Context<'_>,
    frame: &Frame,
    series: &Series,
    judged: &Judged,
    fit: &Fit,
    [p, q]: [f64; 2],
    tests: u64,
) -> Option<Finding> {
    let (Shape::Step { day, low, high } | Shape::Drift { day, low, high }) = fit.shape else { return None };
    let laney = series.laney();
    let plant = context.plant;
    let (before, end) = (judged.centre + fit.offset, series.first + series.pieces.len() as f64);
    let now = before + fit.at(end);
    let mut extra = 0.0;
    for (at, pieces) in series.pieces.iter().enumerate() {
        extra += fit.at(series.first + at as f64 + 0.5) * pieces;
    }
    let error = extra * (judged.noise / fit.change_gain.max(1e-12)).sqrt() * 1.645;
    let name = series
        .name
        .as_ref()
        .map_or_else(|| "The plant".to_owned(), |name| words::thing("work_center_id", name));
    let entities: Vec<_> =
        series.name.as_ref().and_then(|name| finding::entity("work_center_id", name)).into_iter().collect();
    let mut worst: Vec<(f64, usize)> = (0..frame.len)
        .filter(|row| {
            series.name.is_none()
                || frame.words("work_center_id").and_then(|words| words.name(*row)) == series.name.as_deref()
        })
        .filter(|row| plant.day(frame, *row) >= day)
        .filter_map(|row| frame.number("operation_quantity_scrapped", row).map(|bad| (bad, row)))
        .filter(|(bad, _)| *bad > 0.0)
        .collect();
    worst.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (evidence_rows, table) = evidence::listed(
        plant,
        frame,
        &["Date", "Pieces scrapped"],
        worst.iter().take(30).map(|(bad, row)| {
            (*row, vec![evidence::date(plant.day(frame, *row)), EvidenceCell::Number(*bad)])
        }),
        worst.len(),
    );
    let grade = finding::grade(q, now - before);
    let growing = matches!(fit.shape, Shape::Drift { .. });
    let title = format!(
        "{name} scraps {} since {} instead of {}{}",
        words::percent(now),
        words::long_date(day),
        words::percent(before),
        if growing { ", and it grows" } else { "" }
    );
    Some(Finding {
        start: words::iso(day),
        start_low: words::iso(low),
        start_high: words::iso(high),
        effect: Effect { measure: "scrap_rate", value: now, low: before, high: now, raw: now },
        quantity: Some(Quantity { unit: "pieces", value: extra, low: (extra - error).max(0.0), high: extra + error }),
        p,
        q,
        tests_in_family: tests,
        unit_of_analysis: "work_order",
        n: judged.n as u64,
        method: "change of the scrap rate by BIC, lots weighted by 1 + (n - 1) rho, clustered by order, exact tail of counts",
        evidence_grade: grade,
        priority: finding::priority(0.0, now / before.max(1e-9) - 1.0, 0.8, grade),
        comparison: format!("its own days before {}", words::long_date(day)),
        observations: vec![
            format!("{} pieces more were scrapped since than at the level before.", words::figure(extra)),
            match &laney {
                Some(chart) => format!(
                    "Days scatter {} times as widely as single pieces would; {} single days lie beyond these limits.",
                    words::figure(chart.sigma_z),
                    special_days(series, chart).len()
                ),
                None => "Too few days were worked for limits of single days.".to_owned(),
            },
        ],
        counter_evidence: vec!["A new product or a new rule for what counts as scrap on that day would explain it.".to_owned()],
        assumptions: vec!["Money of scrapped pieces is counted where scrap is told by machine, shift or product; pieces are stated here.".to_owned()],
        evidence_rows,
        evidence_table: Some(table),
        actions: finding::actions([
            (format!("Ask what changed at {name} in the week of {}: tool, material lot, crew, drawing", words::long_date(day)), "hours"),
        ]),
        chart: laney.map(|chart| picture(series, &chart, Some((day, before, now)))),
        ..finding::stated("quality_shift", ANALYZER.id, entities, title)
    })
}

/// Days that even this scatter does not explain, allowing for all days that were looked at.
fn special_days(series: &Series, chart: &Laney) -> Vec<usize> {
    let worked = series.pieces.iter().filter(|pieces| **pieces > 0.0).count().max(1) as f64;
    (0..series.pieces.len())
        .filter(|at| series.pieces[*at] > 0.0)
        .filter(|at| {
            let sigma = (chart.centre * (1.0 - chart.centre) / series.pieces[*at]).sqrt() * chart.sigma_z;
            let z = (series.bad[*at] / series.pieces[*at] - chart.centre) / sigma;
            z > 3.0 && normal_p(z) * worked < 0.05
        })
        .collect()
}

/// Daily rates; weekly where days are many.
fn picture(series: &Series, chart: &Laney, shift: Option<(f64, f64, f64)>) -> Chart {
    let step = series.pieces.len().div_ceil(160).max(1);
    let special = special_days(series, chart);
    let mut points = Vec::new();
    let mut usual = 0.0;
    for from in (0..series.pieces.len()).step_by(step) {
        let to = (from + step).min(series.pieces.len());
        let pieces: f64 = series.pieces[from..to].iter().sum();
        if pieces > 0.0 {
            usual += pieces;
            points.push(Point {
                at: ((series.first + (from + to) as f64 / 2.0) * 86_400e6) as i64,
                value: series.bad[from..to].iter().sum::<f64>() / pieces,
                highlighted: special.iter().any(|day| (from..to).contains(day)),
            });
        }
    }
    let usual = usual / points.len().max(1) as f64;
    let reach = 3.0 * (chart.centre * (1.0 - chart.centre) / usual.max(1.0)).sqrt() * chart.sigma_z;
    let centre = shift.map_or(chart.centre, |shift| shift.1);
    let name = series.name.clone().unwrap_or_else(|| "the whole plant".to_owned());
    Chart {
        title: "Pieces scrapped, share of pieces".to_owned(),
        caption: format!(
            "{name}; each dot is {}; the band is what days scatter by (p' chart)",
            if step == 1 { "a day".to_owned() } else { format!("{step} days") }
        ),
        alternative: match shift {
            Some((day, before, now)) => format!(
                "{name} was at {} until {} and is at {} now.",
                words::percent(before),
                words::long_date(day),
                words::percent(now)
            ),
            None => format!(
                "{name} is at {}; {} days lie beyond the limits.",
                words::percent(chart.centre),
                special.len()
            ),
        },
        body: ChartBody::Control {
            points,
            expected: Some(Band { low: (centre - reach).max(0.0), high: centre + reach }),
            before: Some(centre),
            after: shift.map(|shift| shift.2),
            shift_at: shift.map(|shift| (shift.0 * 86_400e6) as i64),
            unit: "%".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::Settings;

    fn work(after: f64) -> crate::engine::plant::Plant {
        let orders = frame(2_400, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
        let operations = frame(2_400, |row| row as u32)
            .with_words("work_center_id", |row| format!("WC{}", row % 4))
            .with_days("operation_actual_start", |row| 20_100.0 + (row / 12) as f64)
            .with_numbers("operation_quantity_completed", |_| 200.0)
            .with_numbers("operation_quantity_scrapped", move |row| {
                let rate = if row % 4 == 1 && row >= 1_200 { after } else { 1.0 };
                (8.0 * rate * chance(row)).floor()
            });
        plant(orders, operations, loose(0), 200.0)
    }

    #[test]
    fn the_day_of_the_shift_is_found_and_quiet_series_stay_quiet() {
        assert_eq!(said("quality_shift", &work(2.5)), ["quality_shift WC1"]);
        let finding = &run("quality_shift", &work(2.5), &Settings::default()).findings[0];
        // Day 20200 is 2025-04-22.
        let day = finding.start.clone().unwrap();
        assert!(("2025-04-15".."2025-04-30").contains(&day.as_str()), "{day}");
        assert!(said("quality_shift", &work(1.0)).is_empty());
    }
}
