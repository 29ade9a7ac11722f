//! Key figures of the plant month by month: which of them get worse, what they were lately, and what was expected of them.

use domain::{
    Finding,
    analysis::{Effect, Quantity, RowRef},
    chart::{Chart, ChartBody, Point},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{
        context::{Context, FULL_CYCLES_DAYS},
        finding,
        plant::Plant,
        words,
    },
    stats::{
        least_squares::plane,
        multiplicity::benjamini_hochberg,
        trend::{serial_trend, trend},
    },
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "trend",
    needs: &[
        &[
            "actual_run_hours",
            "actual_labor_hours",
            "actual_machine_hours",
            "quantity_scrapped",
            "actual_end",
        ],
        &[
            "operation_actual_start",
            "booking_date",
            "actual_start",
            "release_date",
            "actual_end",
            "order_date",
        ],
    ],
    settings: &[
        "baseline_lookback_days",
        "confidence_level",
        "continuous_improvement_factor",
        "cost_variance_threshold",
        "seasonal_adjustment",
        "trend_analysis_period",
    ],
    run,
};

/// One figure by day: numerator and denominator, added up over whatever span is asked.
struct Figure {
    id: &'static str,
    name: &'static str,
    /// Whether more is worse.
    rising_is_worse: bool,
    /// Whether it moves with the volume of work by nature: waiting does.
    follows_volume: bool,
    over: Vec<f64>,
    under: Vec<f64>,
}

impl Figure {
    fn of(&self, from: usize, to: usize) -> Option<f64> {
        let sum = |values: &[f64]| values[from.min(values.len())..to.min(values.len())].iter().sum::<f64>();
        let (over, under) = (sum(&self.over), sum(&self.under));
        (under > 0.0 && over.is_finite()).then(|| over / under)
    }
}

/// Length of a month in days.
const MONTH: f64 = 365.25 / 12.0;

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let days = plant.span_days().ceil() as usize + 1;
    if !plant.first_day.is_finite() || days > 12_000 {
        return Outcome::default();
    }
    let figures = figures(context, days);
    // The first and the last month are only partly in the data.
    let months = ((days as f64 - 14.0) / MONTH).floor() as usize;
    let edge = 7.0;
    let span = |month: usize| {
        let from = edge + month as f64 * MONTH;
        (from as usize, (from + MONTH) as usize)
    };
    let volume: Vec<f64> = (0..months)
        .map(|month| {
            let (from, to) = span(month);
            figures
                .iter()
                .map(|figure| figure.under[from.min(days)..to.min(days)].iter().sum::<f64>())
                .fold(0.0, f64::max)
        })
        .collect();
    let season = context.settings.is_on("seasonal_adjustment") && plant.span_days() >= FULL_CYCLES_DAYS;
    let mut tested = Vec::new();
    for figure in &figures {
        let mut points: Vec<(f64, f64)> = (0..months)
            .filter_map(|month| {
                let (from, to) = span(month);
                figure.of(from, to).map(|value| (month as f64, value))
            })
            .collect();
        let shown = points.clone();
        if season {
            points = without_season(&points);
        }
        if figure.follows_volume {
            points = without_volume(&points, &volume);
        }
        if let Some(found) = serial_trend(&points) {
            tested.push((figure, shown, found));
        }
    }
    let p: Vec<f64> = tested.iter().map(|one| one.2.p).collect();
    let q = benjamini_hochberg(&p, p.len());
    let threshold = context.settings.get("cost_variance_threshold");
    let findings = tested
        .iter()
        .enumerate()
        .filter(|(at, (figure, points, found))| {
            let first = points.first().map_or(0.0, |point| point.1);
            let change = found.slope * (points.len() as f64 - 1.0);
            let worse = (change > 0.0) == figure.rising_is_worse;
            worse && q[*at] <= context.strict() && (change / first.max(1e-9)).abs() >= threshold
        })
        .map(|(at, (figure, points, found))| {
            told(context, figure, points, found.slope, [p[at], q[at]], p.len(), season, days)
        })
        .collect();
    Outcome { findings, ..Outcome::default() }
}

/// Month effects, as the mean difference of each month of the year from its own year.
fn without_season(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let slope = trend(points).map_or(0.0, |trend| trend.slope);
    let mut effects = [(0.0, 0.0); 12];
    for (month, value) in points {
        let effect = &mut effects[*month as usize % 12];
        effect.0 += value - slope * month;
        effect.1 += 1.0;
    }
    let mean = effects.iter().map(|effect| effect.0).sum::<f64>() / points.len() as f64;
    points
        .iter()
        .map(|(month, value)| {
            let (sum, n) = effects[*month as usize % 12];
            (*month, value - (sum / f64::max(n, 1.0) - mean))
        })
        .collect()
}

/// What is left once the volume of work is accounted for.
fn without_volume(points: &[(f64, f64)], volume: &[f64]) -> Vec<(f64, f64)> {
    let mean = volume.iter().sum::<f64>() / volume.len().max(1) as f64;
    let of = |month: f64| volume[month as usize] / mean.max(1e-9) - 1.0;
    let rows: Vec<([f64; 2], f64)> =
        points.iter().map(|(month, value)| ([1.0, of(*month)], *value)).collect();
    match plane(&rows) {
        Some(plane) => {
            points.iter().map(|(month, value)| (*month, value - plane.coefficient[1] * of(*month))).collect()
        }
        None => points.to_vec(),
    }
}

fn figures(context: &Context<'_>, days: usize) -> Vec<Figure> {
    let plant = context.plant;
    let place = |day: f64| {
        let at = (day - plant.first_day).floor();
        (at >= 0.0 && at < days as f64).then_some(at as usize)
    };
    let empty = |id, name, rising_is_worse, follows_volume| Figure {
        id,
        name,
        rising_is_worse,
        follows_volume,
        over: vec![0.0; days],
        under: vec![0.0; days],
    };
    let mut scrap = empty("scrap_ratio", "Scrap", true, false);
    let mut rework = empty("rework_ratio", "Rework", true, false);
    let mut labor = empty("labor_efficiency", "Labor efficiency", false, false);
    let mut setup = empty("setup_efficiency", "Set-up efficiency", false, false);
    let mut energy = empty("energy_per_hour", "Energy per hour", true, false);
    let mut on_time = empty("on_time_delivery", "On-time delivery", false, true);
    let mut lead = empty("lead_time", "Lead time", true, true);
    let frame = &plant.operations;
    let allowed = context.allowed();
    let add = |figure: &mut Figure, at: usize, over: Option<f64>, under: Option<f64>| {
        if let (Some(over), Some(under)) = (over, under)
            && under > 0.0
            && over.is_finite()
        {
            figure.over[at] += over;
            figure.under[at] += under;
        }
    };
    for row in 0..frame.len {
        let Some(at) = place(plant.day(frame, row)) else { continue };
        let number = |field: &str| frame.number(field, row);
        let bad = number("operation_quantity_scrapped");
        let pieces = number("operation_quantity_completed").map(|good| good + bad.unwrap_or(0.0));
        add(&mut scrap, at, bad, pieces);
        add(&mut rework, at, number("operation_quantity_reworked"), pieces);
        add(&mut setup, at, number("planned_setup_hours"), number("actual_setup_hours"));
        if let Some(allowed) = allowed {
            let spent = allowed.spent(frame, row);
            add(&mut labor, at, Some(allowed.at(row)), spent);
            add(&mut energy, at, number("energy_kwh").filter(|_| spent.is_some()), spent);
        }
    }
    let orders = &plant.orders;
    let day_of =
        |field: &str, order: usize| orders.days(field).map(|days| days[order]).filter(|day| day.is_finite());
    for order in 0..orders.len {
        let Some(end) = day_of("actual_end", order) else { continue };
        let Some(at) = place(end) else { continue };
        if let Some(due) = day_of("due_date", order) {
            let kept = if end.floor() <= due.floor() { 1.0 } else { 0.0 };
            add(&mut on_time, at, Some(kept), Some(1.0));
        }
        if let Some(start) = day_of("release_date", order).or_else(|| day_of("actual_start", order)) {
            add(&mut lead, at, Some((end - start).max(0.0)), Some(1.0));
        }
        if frame.len == 0 {
            let number = |field: &str| orders.number(field, order);
            let bad = number("quantity_scrapped");
            let pieces = number("quantity_completed").map(|good| good + bad.unwrap_or(0.0));
            add(&mut scrap, at, bad, pieces);
            add(&mut rework, at, number("quantity_reworked"), pieces);
            add(&mut labor, at, number("planned_labor_hours"), number("actual_labor_hours"));
        }
    }
    let all = vec![scrap, rework, labor, setup, energy, on_time, lead];
    all.into_iter().filter(|figure| figure.over.iter().any(|over| *over > 0.0)).collect()
}

#[expect(clippy::too_many_arguments, reason = "a sentence needs all its parts")]
fn told(
    context: &Context<'_>,
    figure: &Figure,
    points: &[(f64, f64)],
    slope: f64,
    [p, q]: [f64; 2],
    tests: usize,
    season: bool,
    days: usize,
) -> Finding {
    let plant = context.plant;
    let (first, last) = (points[0].1, points[points.len() - 1].1);
    let change = slope * (points.len() as f64 - 1.0);
    let relative = change / first.max(1e-9);
    let share = !matches!(figure.id, "energy_per_hour" | "lead_time");
    let said = |value: f64| if share { words::percent(value) } else { words::figure(value) };
    let year = slope * 12.0;
    let improvement = context.settings.get("continuous_improvement_factor");
    let years = days as f64 / 365.25;
    let expected = if figure.rising_is_worse {
        first * (1.0 - improvement).powf(years)
    } else {
        first * (1.0 + improvement).powf(years)
    };
    let window = context.settings.get("trend_analysis_period") as usize;
    let baseline = context.settings.get("baseline_lookback_days") as usize;
    let recent_from = days.saturating_sub(window);
    let worked = (recent_from..days).filter(|day| figure.under[*day] > 0.0).count();
    let recent = if worked < 8 {
        format!("The last {window} days hold work on {worked} days only; a window needs eight.")
    } else {
        let before = figure.of(recent_from.saturating_sub(baseline), recent_from);
        match (figure.of(recent_from, days), before) {
            (Some(now), Some(before)) => format!(
                "In the last {window} days it stood at {}, in the {baseline} days before at {}.",
                said(now),
                said(before)
            ),
            _ => format!("The {baseline} days before the last {window} hold no work."),
        }
    };
    let grade = finding::grade(q, 1.0);
    let direction = if change > 0.0 { "rose" } else { "fell" };
    let title = format!(
        "{} {direction} from {} to {} over {} months",
        figure.name,
        said(first),
        said(last),
        points.len()
    );
    let mut finding = Finding {
        effect: Effect {
            measure: "relative_change",
            value: relative,
            low: relative,
            high: relative,
            raw: relative,
        },
        quantity: Some(Quantity {
            unit: if share { "points a year" } else { "a year" },
            value: if share { year * 100.0 } else { year },
            low: 0.0,
            high: if share { year * 100.0 } else { year },
        }),
        p,
        q,
        tests_in_family: tests as u64,
        unit_of_analysis: "month",
        n: points.len() as u64,
        method: "Mann-Kendall and Theil-Sen slope of monthly figures, ratios of sums; what follows the volume of work is taken out",
        evidence_grade: grade,
        priority: finding::priority(0.0, relative, 0.5, grade),
        comparison: "its own earlier months".to_owned(),
        observations: vec![
            recent,
            format!(
                "Your settings expect it to improve by {} a year: it should stand at {} by now.",
                words::percent(improvement),
                said(expected)
            ),
        ],
        counter_evidence: vec![
            "A changed mix of products moves figures of a whole plant without anything getting worse."
                .to_owned(),
        ],
        assumptions: vec![
            if season {
                "Effects of the month of the year are taken out.".to_owned()
            } else {
                "Less than two full years, or switched off: the season is not taken out.".to_owned()
            },
            "Money is counted where causes are told; this is the figure of the whole plant.".to_owned(),
        ],
        evidence_rows: rows(plant),
        actions: finding::actions([(
            "Look at the findings that name a machine, product or supplier with a date in these months"
                .to_owned(),
            "hours",
        )]),
        chart: Some(Chart {
            title: figure.name.to_owned(),
            caption: "month by month, ratio of sums".to_owned(),
            alternative: format!("From {} to {}.", said(first), said(last)),
            body: ChartBody::Control {
                points: points
                    .iter()
                    .map(|(month, value)| Point {
                        at: ((plant.first_day + 7.0 + (month + 0.5) * MONTH) * 86_400e6) as i64,
                        value: *value,
                        highlighted: false,
                    })
                    .collect(),
                expected: None,
                before: Some(first),
                after: Some(last),
                shift_at: None,
                unit: if share { "%".to_owned() } else { String::new() },
            },
        }),
        ..finding::stated("trend", ANALYZER.id, Vec::new(), title)
    };
    finding.id = format!("{}-{}", finding.id, figure.id);
    finding
}

/// The last rows of work stand for all of them.
fn rows(plant: &Plant) -> Vec<RowRef> {
    let frame = if plant.operations.len > 0 { &plant.operations } else { &plant.orders };
    (frame.len.saturating_sub(10)..frame.len).map(|row| plant.row_ref(frame, row)).collect()
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run};
    use domain::Settings;

    fn work(growth: f64) -> crate::engine::plant::Plant {
        let orders = frame(1_600, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
        let operations = frame(1_600, |row| row as u32)
            .with_days("operation_actual_start", |row| 20_094.0 + row as f64 / 4.0)
            .with_numbers("operation_quantity_completed", |_| 400.0)
            .with_numbers("operation_quantity_scrapped", move |row| {
                (20.0 * (1.0 + growth * row as f64 / 1_600.0) * (0.5 + chance(row))).round()
            });
        plant(orders, operations, loose(0), 400.0)
    }

    fn told(growth: f64, change: Option<(&str, &str)>) -> Vec<domain::Finding> {
        let mut settings = Settings::default();
        if let Some((name, value)) = change {
            settings.set(name, value).unwrap();
        }
        run("trend", &work(growth), &settings).findings
    }

    #[test]
    fn a_figure_that_gets_worse_is_told_and_a_steady_one_is_not() {
        let found = told(0.8, None);
        assert_eq!(found.len(), 1);
        assert!(found[0].title.starts_with("Scrap rose from"), "{}", found[0].title);
        assert!(told(0.0, None).is_empty());
        assert!(told(-0.5, None).is_empty(), "what improves is no problem");
    }

    #[test]
    fn windows_and_the_expected_improvement_are_those_of_the_settings() {
        let usual = told(0.8, None).remove(0);
        for (name, value, sentence) in [
            ("trend_analysis_period", "20", 0),
            ("baseline_lookback_days", "100", 0),
            ("continuous_improvement_factor", "0.2", 1),
        ] {
            let moved = told(0.8, Some((name, value))).remove(0);
            assert_ne!(usual.observations[sentence], moved.observations[sentence], "{name}");
            assert_eq!(usual.observations[1 - sentence], moved.observations[1 - sentence], "{name}");
            assert_eq!(
                (&usual.effect, usual.q, usual.priority),
                (&moved.effect, moved.q, moved.priority),
                "{name}"
            );
        }
        let refused = told(0.8, Some(("trend_analysis_period", "5"))).remove(0);
        assert!(refused.observations[0].contains("a window needs eight"), "{}", refused.observations[0]);
    }

    #[test]
    fn a_season_is_no_trend() {
        // Three years whose summers scrap more; the data end in a summer.
        let season: Vec<(f64, f64)> =
            (0..30).map(|month| (f64::from(month), if month % 12 >= 6 { 2.0 } else { 1.0 })).collect();
        let flat = super::without_season(&season);
        let spread = flat.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max)
            - flat.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
        assert!(spread < 0.2, "{flat:?}");
    }
}
