//! Kinds of defects by pieces, the share that names none, and kinds whose share rose.

use domain::{
    Finding,
    analysis::{Effect, Quantity, RowRef},
    chart::{Chart, ChartBody, Step},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{
        context::Context,
        finding,
        observations::NONE,
        shares::{Records, Shift},
        words,
    },
    stats::distribution::t_reach,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "defect_pareto",
    needs: &[&["defect_code", "defect_description"]],
    settings: &["confidence_level", "min_sample_size"],
    run,
};

/// A list of reasons in which more than this names nothing helps nobody.
const MOST_UNCLASSIFIED: f64 = 0.25;

/// Words for a defect without a name.
const UNCLASSIFIED: [&str; 12] = [
    "other",
    "misc",
    "unknown",
    "n/a",
    "none",
    "sonstige",
    "unbekannt",
    "andere",
    "autre",
    "otro",
    "altro",
    "tbd",
];

fn unclassified(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    lower.is_empty()
        || UNCLASSIFIED
            .iter()
            .any(|word| lower == *word || lower.split(|c: char| !c.is_alphanumeric()).next() == Some(word))
}

fn run(context: &Context<'_>) -> Outcome {
    let defects = &context.plant.defects;
    let records = Records::counted(defects.iter());
    let total = records.total();
    if total <= 0.0 {
        return Outcome::default();
    }
    let fewest = context.settings.get("min_sample_size") as usize;
    let place = |at: usize| RowRef {
        file: context.plant.files.get(usize::from(defects[at].file)).cloned().unwrap_or_default(),
        row: u64::from(records.row[at]),
    };
    let mut findings: Vec<Finding> = records
        .shifts(fewest)
        .into_iter()
        .filter(|shift| shift.q <= context.strict())
        .map(|shift| risen(&records, &shift, &place))
        .collect();
    findings.extend(nameless(context, &records, total, &place));
    Outcome { findings, charts: vec![pareto(&records, total)], ..Outcome::default() }
}

fn risen(records: &Records, shift: &Shift, place: &dyn Fn(usize) -> RowRef) -> Finding {
    let name = &records.names[shift.kind];
    let own: Vec<usize> = (0..records.kind.len())
        .filter(|at| records.kind[*at] == shift.kind as u32 && records.day[*at] >= shift.day)
        .collect();
    let pieces: f64 = own.iter().map(|at| records.amount[*at]).sum();
    let extra = pieces * (1.0 - shift.before / shift.after).max(0.0);
    let grade = finding::grade(shift.q, shift.after - shift.before);
    let entities: Vec<_> = finding::entity("defect_code", name).into_iter().collect();
    let title = format!(
        "Defect {name} is {} of all defects since {}, up from {}",
        words::percent(shift.after),
        words::long_date(shift.day),
        words::percent(shift.before)
    );
    Finding {
        start: words::iso(shift.day),
        start_low: words::iso(shift.day_low),
        start_high: words::iso(shift.day_high),
        effect: Effect {
            measure: "share_of_defects",
            value: shift.after,
            low: shift.before,
            high: shift.after,
            raw: shift.after,
        },
        quantity: Some(Quantity { unit: "pieces", value: extra, low: 0.0, high: pieces }),
        p: shift.p,
        q: shift.q,
        tests_in_family: shift.tests as u64,
        unit_of_analysis: "record",
        n: shift.own as u64,
        method: "change of a kind's share of all defect records by BIC, week by week, scatter of weeks allowed for",
        evidence_grade: grade,
        priority: finding::priority(0.0, shift.after / shift.before.max(1e-3) - 1.0, 0.7, grade),
        comparison: format!("its share of all defects before {}", words::long_date(shift.day)),
        observations: vec![format!(
            "{} records of {} pieces name this defect since; {} pieces are more than its share before.",
            words::thousands(shift.own),
            words::figure(pieces),
            words::figure(extra)
        )],
        counter_evidence: vec![
            "A new code, or a new habit of those who write rejects down, would look alike.".to_owned(),
        ],
        assumptions: vec![
            "Money of scrapped pieces is counted where scrap is told; this names the kind.".to_owned(),
        ],
        evidence_rows: own.iter().take(30).map(|at| place(*at)).collect(),
        actions: finding::actions([(
            format!("Collect the next ten pieces with {name}: which operation, machine and lot?"),
            "days",
        )]),
        ..finding::stated("defect_pareto", ANALYZER.id, entities, title)
    }
}

/// A claim about the list itself: too many records that say nothing.
fn nameless(
    context: &Context<'_>,
    records: &Records,
    total: f64,
    place: &dyn Fn(usize) -> RowRef,
) -> Option<Finding> {
    let vague = |at: usize| {
        let kind = records.kind[at];
        kind == NONE || unclassified(&records.names[kind as usize])
    };
    let (mut n, mut own) = (0.0, 0.0);
    let mut pieces = 0.0;
    for at in 0..records.kind.len() {
        n += records.count[at];
        if vague(at) {
            own += records.count[at];
            pieces += records.amount[at];
        }
    }
    let share = own / n;
    let reach = t_reach(context.confidence(), f64::INFINITY) * (share * (1.0 - share) / n).sqrt();
    if n < 50.0 || share - reach < MOST_UNCLASSIFIED {
        return None;
    }
    let title = format!("{} of all defects have no name", words::percent(share));
    Some(Finding {
        effect: Effect {
            measure: "unclassified_share",
            value: share,
            low: share - reach,
            high: share + reach,
            raw: share,
        },
        quantity: Some(Quantity { unit: "pieces", value: pieces, low: pieces, high: pieces }),
        unit_of_analysis: "record",
        n: n as u64,
        method: "share of defect records without a kind; nothing was tested",
        priority: 20,
        comparison: format!("at most {} without a name", words::percent(MOST_UNCLASSIFIED)),
        observations: vec![format!(
            "{} of {} pieces are written down without saying what was wrong.",
            words::figure(pieces),
            words::figure(total)
        )],
        counter_evidence: vec![
            "If the reason is kept in a text that was not uploaded, it is known after all.".to_owned(),
        ],
        evidence_rows: (0..records.kind.len()).filter(|at| vague(*at)).take(30).map(place).collect(),
        actions: finding::actions([(
            "Offer ten kinds of defects to choose from where rejects are booked".to_owned(),
            "hours",
        )]),
        ..finding::stated("defect_pareto", ANALYZER.id, Vec::new(), title)
    })
}

fn pareto(records: &Records, total: f64) -> Chart {
    let name =
        |kind: Option<usize>| kind.map_or("no kind given".to_owned(), |kind| records.names[kind].clone());
    let bars: Vec<Step> = records
        .pareto()
        .iter()
        .take(15)
        .map(|(kind, pieces, _)| Step { label: name(*kind), value: *pieces })
        .collect();
    let leader = bars.first().map_or_else(String::new, |bar| {
        format!("{} leads with {} of {} pieces.", bar.label, words::figure(bar.value), words::figure(total))
    });
    Chart {
        title: "Rejected pieces by defect".to_owned(),
        caption: "as written down".to_owned(),
        alternative: leader,
        body: ChartBody::Pareto { bars, unit: "pieces".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::{
        bench::{chance, frame, loose, plant, run, said},
        tallies::Tally,
    };
    use domain::Settings;

    fn rejects(burr_after: f64, nameless: f64) -> crate::engine::plant::Plant {
        let mut plant = plant(frame(0, |_| 0), loose(0), loose(0), 400.0);
        for record in 0..1_200_usize {
            let week = record / 24;
            let burr = if week >= 25 { burr_after } else { 0.15 };
            let kind = if chance(record) < nameless {
                "Other"
            } else if chance(record + 50_000) < burr {
                "Burr"
            } else {
                ["Crack", "Scratch", "Pore"][record % 3]
            };
            plant.defects.push(Tally {
                file: 0,
                kind: Some(kind.to_owned()),
                day: 20_100.0 + week as f64 * 7.0,
                records: 1.0,
                pieces: 2.0,
                row: record as u32 + 2,
            });
        }
        plant
    }

    #[test]
    fn a_defect_that_grew_is_named() {
        assert_eq!(said("defect_pareto", &rejects(0.4, 0.05)), ["defect_pareto Burr"]);
        assert!(said("defect_pareto", &rejects(0.15, 0.05)).is_empty());
    }

    #[test]
    fn a_list_that_says_nothing_is_pointed_out_without_a_claim() {
        let outcome = run("defect_pareto", &rejects(0.15, 0.5), &Settings::default());
        assert_eq!(outcome.findings.len(), 1);
        assert!(outcome.findings[0].title.contains("have no name"), "{}", outcome.findings[0].title);
        assert_eq!(outcome.findings[0].evidence_grade, domain::analysis::EvidenceGrade::Hint);
    }
}
