//! Why machines stand still: reasons by hours, those whose share of all stops rose, and what goes with them.

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot, Step},
};

use super::{Analyzer, Outcome, mtbf};
use crate::{
    engine::{
        context::Context,
        evidence, finding,
        frame::Frame,
        observations::NONE,
        shares::{Records, Shift},
        words,
    },
    stats::association::cramers_v,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "downtime_reason",
    needs: &[&["downtime_reason"], &["downtime_hours", "downtime_end"]],
    settings: &["confidence_level", "downtime_correlation_threshold", "min_sample_size"],
    run,
};

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let events = &plant.events;
    let records =
        Records::of(events, "downtime_reason", "downtime_start", |row| mtbf::failure_hours(plant, row));
    let total = records.total();
    if total <= 0.0 {
        return Outcome::default();
    }
    let fewest = context.settings.get("min_sample_size") as usize;
    let findings = records
        .shifts(fewest)
        .into_iter()
        .filter(|shift| shift.q <= context.strict())
        .map(|shift| told(context, &records, &shift))
        .collect();
    let charts = std::iter::once(pareto(&records, total)).chain(drivers(context, events, &records)).collect();
    Outcome { findings, charts, ..Outcome::default() }
}

fn told(context: &Context<'_>, records: &Records, shift: &Shift) -> Finding {
    let plant = context.plant;
    let name = &records.names[shift.kind];
    let mut own: Vec<usize> = (0..records.kind.len())
        .filter(|at| records.kind[*at] == shift.kind as u32 && records.day[*at] >= shift.day)
        .collect();
    own.sort_by(|a, b| records.amount[*b].total_cmp(&records.amount[*a]).then(a.cmp(b)));
    let hours: f64 = own.iter().map(|at| records.amount[*at]).sum();
    // Of the stops since, those that the old share does not account for.
    let more = |before: f64| hours * (1.0 - before / shift.after).max(0.0);
    let error = (shift.before * (1.0 - shift.before) / (shift.all - shift.own).max(1.0)).sqrt() * 1.645;
    let extra = [more(shift.before), more(shift.before + error), more((shift.before - error).max(0.0))];
    let (evidence_rows, table) = evidence::listed(
        plant,
        &plant.events,
        &["Stop", "Machine", "Hours"],
        own.iter().take(30).map(|at| {
            let row = records.row[*at] as usize;
            let machine = plant.events.words("machine_id").and_then(|words| words.name(row));
            (
                row,
                vec![
                    evidence::date(records.day[*at]),
                    machine.map_or(EvidenceCell::Empty, |name| EvidenceCell::Text(name.to_owned())),
                    EvidenceCell::Number(records.amount[*at]),
                ],
            )
        }),
        own.len(),
    );
    let grade = finding::grade(shift.q, shift.after - shift.before);
    let entities: Vec<_> = finding::entity("downtime_reason", name).into_iter().collect();
    let title = format!(
        "{} is {} of all stops since {}, up from {}",
        words::thing("downtime_reason", name),
        words::percent(shift.after),
        words::long_date(shift.day),
        words::percent(shift.before)
    );
    Finding {
        start: words::iso(shift.day),
        start_low: words::iso(shift.day_low),
        start_high: words::iso(shift.day_high),
        effect: Effect { measure: "share_of_stops", value: shift.after, low: shift.before, high: shift.after, raw: shift.after },
        quantity: Some(Quantity { unit: "h", value: extra[0], low: extra[1], high: extra[2] }),
        p: shift.p,
        q: shift.q,
        tests_in_family: shift.tests as u64,
        unit_of_analysis: "stop",
        n: own.len() as u64,
        method: "change of a reason's share of all stops by BIC, week by week, scatter of weeks allowed for",
        evidence_grade: grade,
        priority: finding::priority(0.0, shift.after / shift.before.max(1e-3) - 1.0, 0.7, grade),
        comparison: format!("its share of all stops before {}", words::long_date(shift.day)),
        observations: vec![
            format!("{} stops of {} hours have had this reason since.", words::thousands(own.len() as f64), words::figure(hours)),
            format!("{} of these hours are more than its share before.", words::figure(extra[0])),
        ],
        counter_evidence: vec!["A reason that was newly added to the list, or split from another, would rise without more stops.".to_owned()],
        assumptions: vec!["Hours of machines that stop more often or longer are already counted there; this names the reason and adds no money.".to_owned()],
        evidence_rows,
        evidence_table: Some(table),
        actions: finding::actions([
            (format!("List the last ten stops for `{name}` by machine and shift: what changed in that week?"), "hours"),
            ("Repair the cause for good on the machine that leads the list".to_owned(), "days"),
        ]),
        ..finding::stated("downtime_reason", ANALYZER.id, entities, title)
    }
}

fn pareto(records: &Records, total: f64) -> Chart {
    let kinds = records.pareto();
    let name =
        |kind: Option<usize>| kind.map_or("no reason given".to_owned(), |kind| records.names[kind].clone());
    let bars: Vec<Step> =
        kinds.iter().take(15).map(|(kind, hours, _)| Step { label: name(*kind), value: *hours }).collect();
    let leader = bars.first().map_or_else(String::new, |bar| {
        format!("{} leads with {} of {} hours.", bar.label, words::figure(bar.value), words::figure(total))
    });
    Chart {
        title: "Hours of standstill by reason".to_owned(),
        caption: "stops that were not planned".to_owned(),
        alternative: leader,
        body: ChartBody::Pareto { bars, unit: "h".to_owned() },
    }
}

/// What stops of a reason go with: machine, work center, hour of the day. Only what is as strong as the setting asks is
/// marked.
fn drivers(context: &Context<'_>, events: &Frame, records: &Records) -> Option<Chart> {
    let threshold = context.settings.get("downtime_correlation_threshold");
    let mut dots = Vec::new();
    let mut listed = Vec::new();
    let mut judge = |label: &str, of: &dyn Fn(usize) -> u32| {
        let pairs: Vec<(u32, u32)> = (0..records.kind.len())
            .map(|at| (records.kind[at], of(at)))
            .filter(|(kind, level)| *kind != NONE && *level != NONE)
            .collect();
        if let Some(strength) = cramers_v(&pairs) {
            let listed_now = strength.v >= threshold && strength.p <= context.strict();
            if listed_now {
                listed.push(label.to_owned());
            }
            dots.push(Dot {
                label: label.to_owned(),
                value: strength.v,
                low: strength.v,
                high: strength.v,
                n: pairs.len() as u64,
                highlighted: listed_now,
            });
        }
    };
    for (field, label) in [("machine_id", "machine"), ("work_center_id", "work center")] {
        if let Some(words) = events.words(field) {
            judge(label, &|at| words.code(records.row[at] as usize));
        }
    }
    judge("shift of eight hours", &|at| {
        let day = records.day[at];
        if day.is_finite() && day.fract() != 0.0 { (day.fract() * 3.0) as u32 } else { NONE }
    });
    judge("day of the week", &|at| {
        let day = records.day[at];
        if day.is_finite() { day.rem_euclid(7.0) as u32 } else { NONE }
    });
    (!dots.is_empty()).then(|| Chart {
        title: "What the reason of a stop goes with, Cramér's V".to_owned(),
        caption: format!(
            "0: unrelated, 1: tells it fully; marked from {} on (setting `downtime_correlation_threshold`)",
            words::figure(threshold)
        ),
        alternative: if listed.is_empty() {
            format!("Nothing reaches {}.", words::figure(threshold))
        } else {
            format!("The reason goes with the {}.", listed.join(" and the "))
        },
        // A bare number: beside it, a V would read as volts.
        body: ChartBody::Dots { dots, mean: Some(threshold), unit: "1".to_owned() },
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::{Settings, chart::ChartBody};

    fn stops(jam_after: f64) -> crate::engine::plant::Plant {
        let events = loose(600)
            .with_words("machine_id", |row| format!("M{}", row % 3))
            .with_days("downtime_start", |row| 20_100.0 + row as f64 * 0.5)
            .with_numbers("downtime_hours", |row| 0.5 + 3.0 * chance(row))
            .with_words("downtime_reason", move |row| {
                let limit = if row >= 300 { jam_after } else { 0.2 };
                if chance(row + 9_000) < limit { "Jam" } else { ["Belt", "Sensor", "Power"][row % 3] }
            });
        plant(frame(0, |_| 0), loose(0), events, 320.0)
    }

    #[test]
    fn a_reason_that_grew_is_named_with_its_day() {
        let plant = stops(0.6);
        assert_eq!(said("downtime_reason", &plant), ["downtime_reason Jam"]);
        let finding = &run("downtime_reason", &plant, &Settings::default()).findings[0];
        // The change is on day 20250.
        let day = finding.start.clone().unwrap();
        assert!(("2025-05-25".."2025-06-25").contains(&day.as_str()), "{day}");
        assert!(said("downtime_reason", &stops(0.2)).is_empty());
    }

    #[test]
    fn drivers_are_marked_by_the_setting() {
        let marked = |threshold: &str| {
            let mut settings = Settings::default();
            settings.set("downtime_correlation_threshold", threshold).unwrap();
            let outcome = run("downtime_reason", &stops(0.2), &settings);
            let ChartBody::Dots { dots, .. } = &outcome.charts[1].body else { panic!() };
            dots.iter().filter(|dot| dot.highlighted).map(|dot| dot.label.clone()).collect::<Vec<_>>()
        };
        // Three of four reasons are one machine's each.
        assert_eq!(marked("0.5"), ["machine"]);
        assert!(marked("0.99").is_empty());
    }
}
