//! Machines whose stops take longer to end than those of the others, by ranks.

use domain::{
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome, mtbf};
use crate::{
    engine::{context::Context, evidence, finding, observations::NONE, words},
    stats::{
        multiplicity::benjamini_hochberg,
        ranks::{mann_whitney, median_interval},
    },
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "mttr",
    needs: &[&["machine_id"], &["downtime_hours", "downtime_end"]],
    settings: &[
        "confidence_level",
        "min_sample_size",
        "mttr_threshold",
        "risk_tolerance",
        "savings_opportunity_multiplier",
    ],
    run,
};

/// How much longer than the others a repair must take to be worth a finding.
const SMALLEST_RATIO: f64 = 1.25;

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let Some(machines) = plant.events.words("machine_id") else { return Outcome::default() };
    let stops: Vec<(usize, f64)> = (0..plant.events.len)
        .filter(|row| machines.code(*row) != NONE)
        .filter_map(|row| mtbf::failure_hours(plant, row).map(|hours| (row, hours)))
        .collect();
    let hours: Vec<f64> = stops.iter().map(|stop| stop.1).collect();
    let group: Vec<u32> = stops.iter().map(|stop| machines.code(stop.0)).collect();
    let ranked = mann_whitney(&hours, &group, machines.names.len());
    let fewest = context.settings.get("min_sample_size") as usize;
    let tested: Vec<usize> =
        (0..ranked.len()).filter(|code| ranked[*code].is_some_and(|one| one.n >= fewest)).collect();
    let p: Vec<f64> = tested.iter().filter_map(|code| ranked[*code].map(|one| one.p)).collect();
    let q = benjamini_hochberg(&p, p.len());
    let threshold = context.settings.get("mttr_threshold");
    let medians: Vec<Option<[f64; 3]>> = (0..machines.names.len())
        .map(|code| {
            let mut own: Vec<f64> = hours
                .iter()
                .zip(&group)
                .filter(|(_, of)| **of == code as u32)
                .map(|(hours, _)| *hours)
                .collect();
            median_interval(&mut own, context.confidence())
        })
        .collect();
    let rate = mtbf::machine_rates(plant);
    let mut findings = Vec::new();
    for ((code, p), q) in tested.iter().zip(&p).zip(&q) {
        let Some([median, low, high]) = medians[*code] else { continue };
        let mut others: Vec<f64> = hours
            .iter()
            .zip(&group)
            .filter(|(_, of)| **of != *code as u32)
            .map(|(hours, _)| *hours)
            .collect();
        let Some([usual, ..]) = median_interval(&mut others, context.confidence()) else { continue };
        let ratio = median / usual.max(1e-9);
        if *q > context.strict() || low <= threshold.max(usual) || ratio < SMALLEST_RATIO {
            continue;
        }
        let name = &machines.names[*code];
        let mut own: Vec<(usize, f64)> =
            stops.iter().zip(&group).filter(|(_, of)| **of == *code as u32).map(|(stop, _)| *stop).collect();
        own.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mean = |hours: &mut dyn Iterator<Item = f64>| {
            let (n, sum) = hours.fold((0.0, 0.0), |(n, sum), hours| (n + 1.0, sum + hours));
            sum / f64::max(n, 1.0)
        };
        let excess = mean(&mut own.iter().map(|stop| stop.1)) - mean(&mut others.iter().copied());
        // More stops than usual are told by `mtbf`, at what each of them took; here only the usual number counts.
        let n = own.len() as f64;
        let usual_stops = mtbf::usual_stops(context, name).map_or(n, |usual| usual.min(n));
        let lost = |per_stop: f64| (per_stop * usual_stops).max(0.0);
        let lost_hours = [
            lost(excess),
            lost(excess * (low - usual) / (median - usual).max(1e-9)),
            lost(excess * (high - usual) / (median - usual).max(1e-9)),
        ];
        let entities: Vec<_> = finding::entity("machine_id", name).into_iter().collect();
        let worth = rate.get(name).copied().filter(|rate| *rate > 0.0);
        let impact = worth.map(|rate| {
            let loss = lost_hours.map(|hours| hours * rate);
            finding::impact(context, loss, &finding::spread(loss), plant.first_day)
        });
        let listed = &own[..own.len().min(30)];
        let reasons = plant.events.words("downtime_reason");
        let (evidence_rows, table) = evidence::listed(
            plant,
            &plant.events,
            &["Stop", "Hours", "Reason"],
            listed.iter().map(|(row, hours)| {
                let day = plant.events.days("downtime_start").map_or(f64::NAN, |days| days[*row]);
                let reason = reasons.and_then(|words| words.name(*row));
                (
                    *row,
                    vec![
                        evidence::date(day),
                        EvidenceCell::Number(*hours),
                        reason.map_or(EvidenceCell::Empty, |reason| EvidenceCell::Text(reason.to_owned())),
                    ],
                )
            }),
            own.len(),
        );
        let grade = finding::grade(*q, low - usual);
        let title = format!(
            "{} takes {} hours to get going again, {} times as long as the others",
            words::thing("machine_id", name),
            words::figure(median),
            words::figure(ratio)
        );
        findings.push(domain::Finding {
            effect: Effect { measure: "repair_hours_ratio", value: ratio, low: low / usual, high: high / usual, raw: ratio },
            impact,
            quantity: Some(Quantity { unit: "h", value: lost_hours[0], low: lost_hours[1], high: lost_hours[2] }),
            p: *p,
            q: *q,
            tests_in_family: tested.len() as u64,
            unit_of_analysis: "stop",
            n: own.len() as u64,
            method: "Mann-Whitney of repair hours against all other machines, median with its order-statistic interval",
            evidence_grade: grade,
            priority: finding::priority(0.0, ratio - 1.0, 0.5, grade),
            comparison: format!("stops of all other machines, at a median of {} hours", words::figure(usual)),
            observations: vec![
                format!(
                    "The middle one of its {} stops took {} hours, likely between {} and {}; your limit is {}.",
                    words::thousands(n), words::figure(median), words::figure(low), words::figure(high), words::figure(threshold)
                ),
                format!("That made {} hours of standstill more than at the others.", words::figure(lost_hours[0])),
            ],
            counter_evidence: vec!["If its stops are closed in the system later than they end, the repair is quicker than the data say.".to_owned()],
            assumptions: vec![
                if worth.is_some() { "An hour of standstill is valued at the machine's own hourly rate." } else { "No machine rate is in your data, so hours are stated and no money." }.to_owned(),
                "More stops than usual are told apart from longer ones; their hours are not counted here.".to_owned(),
            ],
            missing_fields: ["downtime_reason", "machine_rate"].into_iter().filter(|field| !plant.has(field)).filter_map(ontology::FieldId::named).collect(),
            evidence_rows,
            evidence_table: Some(table),
            actions: finding::actions([
                (format!("Follow the next three stops of {name} from call to restart: waiting, parts, repair, restart"), "days"),
                ("Keep the parts of the longest repairs in stock beside it".to_owned(), "days"),
            ]),
            chart: Some(chart(&machines.names, &medians, *code, usual, &group)),
            ..finding::stated("mttr", ANALYZER.id, entities, title)
        });
    }
    findings.into()
}

fn chart(names: &[String], medians: &[Option<[f64; 3]>], own: usize, usual: f64, group: &[u32]) -> Chart {
    let mut dots: Vec<Dot> = names
        .iter()
        .zip(medians)
        .enumerate()
        .filter_map(|(code, (name, median))| {
            let [value, low, high] = (*median)?;
            let n = group.iter().filter(|of| **of == code as u32).count() as u64;
            Some(Dot { label: name.clone(), value, low, high, n, highlighted: code == own })
        })
        .collect();
    dots.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    dots.retain({
        let mut kept = 0;
        move |dot| {
            kept += 1;
            kept <= 24 || dot.highlighted
        }
    });
    Chart {
        title: "Hours until a machine runs again, median".to_owned(),
        caption: "each machine with its interval".to_owned(),
        alternative: format!("{} stands out; the others are at {} hours.", names[own], words::figure(usual)),
        body: ChartBody::Dots { dots, mean: Some(usual), unit: "h".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::Settings;

    fn stops(slow: f64) -> crate::engine::plant::Plant {
        let events = loose(160)
            .with_words("machine_id", |row| format!("M{}", row % 4))
            .with_days("downtime_start", |row| 20_100.0 + row as f64)
            .with_numbers("downtime_hours", move |row| {
                (0.5 + 3.0 * chance(row)) * if row % 4 == 2 { slow } else { 1.0 }
            });
        plant(frame(0, |_| 0), loose(0), events, 170.0)
    }

    #[test]
    fn the_slow_one_is_named_and_nothing_else() {
        assert_eq!(said("mttr", &stops(3.0)), ["mttr M2"]);
        assert_eq!(said("mttr", &stops(1.0)), [""; 0]);
    }

    #[test]
    fn the_limit_of_the_settings_decides() {
        let mut settings = Settings::default();
        settings.set("mttr_threshold", "9").unwrap();
        assert!(run("mttr", &stops(3.0), &settings).findings.is_empty());
    }
}
