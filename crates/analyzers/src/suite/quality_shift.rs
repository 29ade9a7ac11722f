//! When scrap shifted: days beyond the limits of a p' chart, and a dated change of the level, by work center.

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

    fn bins(&self, centre: f64) -> Vec<Bin> {
        (0..self.pieces.len())
            .map(|at| Bin {
                day: self.first + at as f64 + 0.5,
                weight: self.pieces[at],
                sum: self.bad[at] - centre * self.pieces[at],
            })
            .collect()
    }
}

fn run(context: &Context<'_>) -> Outcome {
    let bad = "operation_quantity_scrapped";
    let Some(frame) = scrap_rate::frame_with(context, bad) else { return Outcome::default() };
    let series = series(context, frame, bad);
    // The window of the settings is the least that both sides of a change must be watched for.
    let window = context.settings.get("trend_analysis_period");
    let mut fits: Vec<(usize, Laney, Fit, f64)> = Vec::new();
    for (at, one) in series.iter().enumerate() {
        if (one.pieces.len() as f64) < window.max(8.0) {
            continue;
        }
        let Some(chart) = one.laney() else { continue };
        let noise = chart.centre * (1.0 - chart.centre) * chart.sigma_z.powi(2);
        let worked = one.pieces.iter().filter(|pieces| **pieces > 0.0).count() as f64;
        let Some(fit) = change::best(&one.bins(chart.centre), noise, worked) else { continue };
        let p = if fit.shape == Shape::Level {
            1.0
        } else {
            change::scanned_p((fit.change_gain / noise).max(0.0).sqrt()).max(exact_p(one, &chart, &fit))
        };
        fits.push((at, chart, fit, p));
    }
    let p: Vec<f64> = fits.iter().map(|fit| fit.3).collect();
    let q = benjamini_hochberg(&p, p.len());
    let threshold = context.settings.get("cost_variance_threshold");
    let mut shifted: Vec<(usize, f64)> = (0..fits.len())
        .filter(|at| {
            let (series_at, chart, fit, _) = &fits[*at];
            let end = series[*series_at].first + series[*series_at].pieces.len() as f64;
            let base = (chart.centre + fit.offset).max(1e-9);
            q[*at] <= context.strict() && fit.at(end) / base >= threshold.max(0.1)
        })
        .map(|at| (at, fits[at].2.change_gain / (fits[at].1.centre * fits[at].1.sigma_z.powi(2))))
        .collect();
    shifted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    // The plant shifts when its work centers do: it is named where several do, and they are named where few do.
    let named = shifted.iter().filter(|(at, _)| series[fits[*at].0].name.is_some()).count();
    let centers = series.len() - 1;
    shifted
        .retain(|(at, _)| series[fits[*at].0].name.is_none() == (named * 2 > centers.max(1) || centers < 2));
    let findings = shifted
        .iter()
        .map(|(at, _)| {
            let (series_at, chart, fit, p) = &fits[*at];
            told(context, frame, &series[*series_at], chart, fit, [*p, q[*at]], p_len(&fits))
        })
        .collect();
    let charts = series
        .first()
        .and_then(|plant| plant.laney().map(|laney| picture(plant, &laney, None)))
        .into_iter()
        .collect();
    Outcome { findings, charts, ..Outcome::default() }
}

/// Few defects are skewed: the exact tail of what came after the break, times the breaks that were tried.
fn exact_p(series: &Series, chart: &Laney, fit: &Fit) -> f64 {
    const BREAKS_TRIED: f64 = 20.0;
    let (Shape::Step { day, .. } | Shape::Drift { day, .. }) = fit.shape else { return 1.0 };
    let from = ((day - series.first).max(0.0)) as usize;
    let sum = |values: &[f64]| values[from.min(values.len())..].iter().sum::<f64>();
    let expected = (chart.centre + fit.offset).max(1e-9) * sum(&series.pieces);
    (count_p(sum(&series.bad), expected, chart.sigma_z.powi(2)) * BREAKS_TRIED).min(1.0)
}

fn p_len(fits: &[(usize, Laney, Fit, f64)]) -> u64 {
    fits.len() as u64
}

/// The plant first, then every work center.
fn series(context: &Context<'_>, frame: &Frame, bad: &str) -> Vec<Series> {
    let plant = context.plant;
    let lots = defects::lots(plant, frame, bad);
    let days: Vec<f64> = lots.lots.iter().map(|lot| plant.day(frame, lot.row as usize).floor()).collect();
    let mut known: Vec<f64> = days.iter().copied().filter(|day| day.is_finite()).collect();
    let (Some(first), Some(last)) =
        (robust::quantile(&mut known, 0.001), robust::quantile(&mut known, 0.999))
    else {
        return Vec::new();
    };
    let n = ((last - first) as usize + 1).min(4_000);
    let empty = |name: Option<String>| Series { name, first, pieces: vec![0.0; n], bad: vec![0.0; n] };
    let mut all = vec![empty(None)];
    let centers = frame.words("work_center_id").filter(|words| words.names.len() <= 200);
    if let Some(words) = centers {
        all.extend(words.names.iter().map(|name| empty(Some(name.clone()))));
    }
    for (lot, day) in lots.lots.iter().zip(days) {
        if !day.is_finite() || day < first || day > last {
            continue;
        }
        let at = (day - first) as usize;
        let code = centers.map_or(NONE, |words| words.codes[lot.row as usize]);
        for series in [0, code.wrapping_add(1) as usize] {
            if (series == 0 || code != NONE)
                && let Some(series) = all.get_mut(series)
                && at < n
            {
                series.pieces[at] += lot.pieces;
                series.bad[at] += lot.bad;
            }
        }
    }
    all
}

fn told(
    context: &Context<'_>,
    frame: &Frame,
    series: &Series,
    chart: &Laney,
    fit: &Fit,
    [p, q]: [f64; 2],
    tests: u64,
) -> Finding {
    let (Shape::Step { day, low, high } | Shape::Drift { day, low, high }) = fit.shape else {
        return finding::stated("quality_shift", ANALYZER.id, Vec::new(), String::new());
    };
    let plant = context.plant;
    let (before, end) = (chart.centre + fit.offset, series.first + series.pieces.len() as f64);
    let now = before + fit.at(end);
    let mut extra = 0.0;
    for (at, pieces) in series.pieces.iter().enumerate() {
        extra += fit.at(series.first + at as f64 + 0.5) * pieces;
    }
    let error = extra * (chart.centre * chart.sigma_z.powi(2) / fit.change_gain.max(1e-12)).sqrt() * 1.645;
    let special: Vec<usize> = special_days(series, chart);
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
    Finding {
        start: words::iso(day),
        start_low: words::iso(low),
        start_high: words::iso(high),
        effect: Effect { measure: "scrap_rate", value: now, low: before, high: now, raw: now },
        quantity: Some(Quantity { unit: "pieces", value: extra, low: (extra - error).max(0.0), high: extra + error }),
        p,
        q,
        tests_in_family: tests,
        unit_of_analysis: "day",
        n: series.pieces.iter().filter(|pieces| **pieces > 0.0).count() as u64,
        method: "change of the daily scrap rate by BIC, with the scatter of days that a p' chart (Laney) allows for",
        evidence_grade: grade,
        priority: finding::priority(0.0, now / before.max(1e-9) - 1.0, 0.8, grade),
        comparison: format!("its own days before {}", words::long_date(day)),
        observations: vec![
            format!("{} pieces more were scrapped since than at the level before.", words::figure(extra)),
            format!(
                "Days scatter {} times as widely as single pieces would; {} single days lie beyond these limits.",
                words::figure(chart.sigma_z),
                special.len()
            ),
        ],
        counter_evidence: vec!["A new product or a new rule for what counts as scrap on that day would explain it.".to_owned()],
        assumptions: vec!["Money of scrapped pieces is counted where scrap is told by machine, shift or product; pieces are stated here.".to_owned()],
        evidence_rows,
        evidence_table: Some(table),
        actions: finding::actions([
            (format!("Ask what changed at {name} in the week of {}: tool, material lot, crew, drawing", words::long_date(day)), "hours"),
        ]),
        chart: Some(picture(series, chart, Some((day, before, now)))),
        ..finding::stated("quality_shift", ANALYZER.id, entities, title)
    }
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
