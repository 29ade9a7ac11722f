//! Where the hours of machines go: stoppages, set-ups, slow running, scrap; and machines that lose more than their sisters.

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Stack, Step},
};

use super::{Analyzer, Outcome, mtbf};
use crate::{
    engine::{context::Context, evidence, finding, observations::NONE, words},
    stats::{multiplicity::benjamini_hochberg, serial::SerialMean},
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "oee_loss",
    needs: &[
        &["machine_id"],
        &["actual_run_hours", "actual_machine_hours", "actual_labor_hours"],
        &["planned_run_hours", "standard_cycle_time", "standard_rate"],
    ],
    settings: &["confidence_level", "cycle_time_threshold", "min_sample_size", "oee_target"],
    run,
};

/// Hours of one machine: the loss tree is `base` - down - setup - slow - scrap = effective.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tree {
    pub base: f64,
    pub down: f64,
    pub setup: f64,
    pub slow: f64,
    pub scrap: f64,
    /// Hours nothing was booked in planned time.
    pub idle: f64,
}

impl Tree {
    pub(super) fn effective(&self) -> f64 {
        self.base - self.idle - self.down - self.setup - self.slow - self.scrap
    }

    fn add(&mut self, other: &Self) {
        self.base += other.base;
        self.down += other.down;
        self.setup += other.setup;
        self.slow += other.slow;
        self.scrap += other.scrap;
        self.idle += other.idle;
    }
}

/// Trees of all machines, by week.
struct Trees {
    names: Vec<String>,
    group: Vec<u32>,
    weeks: usize,
    cells: Vec<Tree>,
    /// Whether the base is planned production time; else it is the time in which any work was booked.
    planned: bool,
}

fn trees(context: &Context<'_>) -> Option<Trees> {
    let plant = context.plant;
    let operations = &plant.operations;
    let machines = operations.words("machine_id")?;
    let allowed_hours = context.allowed()?;
    let weeks = (plant.span_days() / 7.0).floor() as usize;
    if !(8..=1_000).contains(&weeks) || machines.names.len() > 5_000 {
        return None;
    }
    let mut cells = vec![Tree::default(); machines.names.len() * weeks];
    let mut group = vec![NONE; machines.names.len()];
    let centers = operations.words("work_center_id");
    let week = |day: f64| {
        let week = ((day - plant.first_day) / 7.0).floor();
        (week >= 0.0 && week < weeks as f64).then_some(week as usize)
    };
    for row in 0..operations.len {
        let code = machines.code(row);
        let Some(week) = week(plant.day(operations, row)).filter(|_| code != NONE) else { continue };
        if let Some(centers) = centers {
            group[code as usize] = centers.code(row);
        }
        let run = operations.number(allowed_hours.actual, row).unwrap_or(0.0);
        let setup = operations.number("actual_setup_hours", row).unwrap_or(0.0);
        // Ten times the allowed hours is a slip of the pen.
        let allowed = allowed_hours.at(row);
        if !(run > 0.0 && allowed > 0.0) || run > 5.0 * allowed {
            continue;
        }
        let bad = operations.number("operation_quantity_scrapped", row).unwrap_or(0.0);
        let good = operations.number("operation_quantity_completed", row);
        let share = good.map_or(0.0, |good| if good + bad > 0.0 { bad / (good + bad) } else { 0.0 });
        let tree = &mut cells[code as usize * weeks + week];
        tree.base += run + setup;
        tree.setup += setup;
        tree.slow += run - allowed;
        tree.scrap += allowed * share;
    }
    let events = &plant.events;
    let by_name: std::collections::BTreeMap<&str, usize> =
        machines.names.iter().enumerate().map(|(code, name)| (name.as_str(), code)).collect();
    let mut planned_hours = vec![0.0; cells.len()];
    if let Some(words) = events.words("machine_id") {
        for row in 0..events.len {
            let Some(code) = words.name(row).and_then(|name| by_name.get(name)) else { continue };
            let Some(week) = week(plant.day(events, row)) else { continue };
            let cell = code * weeks + week;
            if let Some(hours) = mtbf::failure_hours(plant, row) {
                cells[cell].down += hours;
                cells[cell].base += hours;
            }
            planned_hours[cell] += events.number("planned_production_hours", row).unwrap_or(0.0);
        }
    }
    let planned = planned_hours.iter().any(|hours| *hours > 0.0);
    if planned {
        for (cell, planned) in cells.iter_mut().zip(&planned_hours) {
            cell.idle = (planned - cell.base).max(0.0);
            cell.base = planned.max(cell.base);
        }
    }
    Some(Trees { names: machines.names.clone(), group, weeks, cells, planned })
}

fn run(context: &Context<'_>) -> Outcome {
    let Some(trees) = trees(context) else { return Outcome::default() };
    let index = |tree: &Tree| (tree.base > 0.0).then(|| tree.effective() / tree.base);
    let sum_of = |machine: usize| {
        let mut sum = Tree::default();
        trees.cells[machine * trees.weeks..(machine + 1) * trees.weeks].iter().for_each(|cell| sum.add(cell));
        sum
    };
    let mut plant_tree = Tree::default();
    (0..trees.names.len()).for_each(|machine| plant_tree.add(&sum_of(machine)));
    let mut tested = Vec::new();
    for machine in 0..trees.names.len() {
        // A machine against its sisters in the same weeks: their work and their troubles are alike.
        let mut gaps = Vec::new();
        for week in 0..trees.weeks {
            let own = trees.cells[machine * trees.weeks + week];
            let mut sisters = Tree::default();
            for sister in (0..trees.names.len())
                .filter(|sister| *sister != machine && trees.group[*sister] == trees.group[machine])
            {
                sisters.add(&trees.cells[sister * trees.weeks + week]);
            }
            if let (Some(own), Some(sisters)) = (index(&own), index(&sisters)) {
                gaps.push(own - sisters);
            }
        }
        if let Some(gap) = SerialMean::of(&gaps) {
            tested.push((machine, gap, gaps.len()));
        }
    }
    let p: Vec<f64> = tested.iter().map(|(_, gap, _)| gap.p()).collect();
    let q = benjamini_hochberg(&p, p.len());
    let (target, threshold) =
        (context.settings.get("oee_target"), context.settings.get("cycle_time_threshold"));
    let mut findings = Vec::new();
    for (at, (machine, gap, weeks)) in tested.iter().enumerate() {
        let own = sum_of(*machine);
        let Some(value) = index(&own) else { continue };
        let (low, high) = gap.interval(context.confidence());
        let usual = value - gap.mean;
        // Sisters of a bad machine look good next to it; only what lies below is a loss.
        if gap.mean >= 0.0
            || q[at] > context.strict()
            || high >= 0.0
            || -gap.mean / usual.max(1e-9) < threshold
            || usual + high >= target
        {
            continue;
        }
        findings.push(told(
            context,
            &trees,
            *machine,
            &own,
            [value, usual, low, high],
            [p[at], q[at]],
            (p.len(), *weeks),
        ));
    }
    let machines = (0..trees.names.len()).map(|machine| (trees.names[machine].as_str(), sum_of(machine)));
    let charts = stacks(machines, &plant_tree, trees.planned)
        .into_iter()
        .chain(
            (plant_tree.base > 0.0)
                .then(|| picture("All machines", &plant_tree, trees.planned, Some(target))),
        )
        .collect();
    Outcome { findings, charts, ..Outcome::default() }
}

fn base_words(planned: bool) -> &'static str {
    if planned { "of planned production time" } else { "of the time any work was booked" }
}

fn told(
    context: &Context<'_>,
    trees: &Trees,
    machine: usize,
    own: &Tree,
    [value, usual, low, high]: [f64; 4],
    [p, q]: [f64; 2],
    (tests, weeks): (usize, usize),
) -> Finding {
    let plant = context.plant;
    let name = &trees.names[machine];
    let hours = [(usual - value) * own.base, -high * own.base, -low * own.base];
    let target = context.settings.get("oee_target");
    let entities: Vec<_> = finding::entity("machine_id", name).into_iter().collect();
    let operations = &plant.operations;
    let mut rows: Vec<(f64, usize)> = (0..operations.len)
        .filter(|row| operations.words("machine_id").and_then(|words| words.name(*row)) == Some(name))
        .filter_map(|row| {
            let hours = operations.number("actual_run_hours", row)?;
            Some((hours - operations.number("planned_run_hours", row)?, row))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (evidence_rows, table) = evidence::listed(
        plant,
        operations,
        &["Date", "Run hours over plan"],
        rows.iter().take(30).map(|(over, row)| {
            (*row, vec![evidence::date(plant.day(operations, *row)), EvidenceCell::Number(*over)])
        }),
        rows.len(),
    );
    let largest = [
        ("stoppages", own.down),
        ("set-ups", own.setup),
        ("slow running", own.slow),
        ("scrap", own.scrap),
        ("nothing to do", own.idle),
    ]
    .into_iter()
    .max_by(|a, b| a.1.total_cmp(&b.1));
    let grade = finding::grade(q, -high);
    let title = format!(
        "{} makes use of {} {}, its sisters of {}",
        words::thing("machine_id", name),
        words::percent(value),
        base_words(trees.planned),
        words::percent(usual)
    );
    Finding {
        effect: Effect { measure: "oee_index", value, low: usual + low, high: usual + high, raw: value },
        quantity: Some(Quantity { unit: "h", value: hours[0], low: hours[1], high: hours[2] }),
        p,
        q,
        tests_in_family: tests as u64,
        unit_of_analysis: "machine_week",
        n: weeks as u64,
        method: "effective hours over base hours, week by week against the sisters of the same work center, autocorrelation allowed for",
        evidence_grade: grade,
        priority: finding::priority(0.0, 1.0 - value / usual.max(1e-9), 0.4, grade),
        comparison: "the other machines of its work center in the same weeks".to_owned(),
        observations: vec![
            format!("Of {} hours, {} went into stoppages, {} into set-ups, {} into slow running and {} into scrap.", words::figure(own.base), words::figure(own.down), words::figure(own.setup), words::figure(own.slow), words::figure(own.scrap)),
            largest.map_or_else(String::new, |(what, hours)| format!("The largest loss is {what} with {} hours.", words::figure(hours))),
            format!("To your target of {} it lacks {} hours.", words::percent(target), words::figure(((target - value) * own.base).max(0.0))),
        ],
        counter_evidence: vec!["If its work differs from that of its sisters in ways the plan does not know, the plan is wrong rather than the machine slow.".to_owned()],
        assumptions: vec!["Slow hours, stoppages, set-ups and scrap are already counted in money where each is told; hours are stated here.".to_owned()],
        missing_fields: if trees.planned { vec![] } else { ontology::FieldId::named("planned_production_hours").into_iter().collect() },
        evidence_rows,
        evidence_table: Some(table),
        actions: finding::actions([(format!("Start with the largest loss of {name}; the findings on it say where"), "hours")]),
        chart: Some(picture(name, own, trees.planned, None)),
        ..finding::stated("oee_loss", ANALYZER.id, entities, title)
    }
}

/// What each machine makes of its time, and what availability, performance and quality take of it.
fn stacks<'n>(machines: impl Iterator<Item = (&'n str, Tree)>, all: &Tree, planned: bool) -> Option<Chart> {
    let stack = |label: &str, tree: &Tree| Stack {
        label: label.to_owned(),
        kept: tree.effective(),
        lost: vec![tree.idle + tree.down + tree.setup, tree.slow, tree.scrap],
    };
    let mut stacks: Vec<Stack> =
        machines.filter(|(_, tree)| tree.base > 0.0).map(|(name, tree)| stack(name, &tree)).collect();
    stacks.sort_by(|a, b| a.share(a.kept).total_cmp(&b.share(b.kept)).then_with(|| a.label.cmp(&b.label)));
    let lowest = stacks.first()?;
    let names = ["Availability loss", "Performance loss", "Quality loss"];
    let (most, lost) = names.iter().zip(&lowest.lost).max_by(|a, b| a.1.total_cmp(b.1))?;
    let mut alternative =
        format!("{} is lowest with {}", lowest.label, words::percent(lowest.share(lowest.kept)));
    if *lost > 0.0 {
        let share = words::percent(lowest.share(*lost));
        alternative.push_str(&format!("; {} takes most, {share}", most.to_lowercase()));
    }
    alternative.push('.');
    if stacks.len() > 1 {
        let every = stack("All machines", all);
        alternative.push_str(&format!(" All machines reach {}.", words::percent(every.share(every.kept))));
        stacks.insert(0, every);
    }
    Some(Chart {
        title: if planned {
            "OEE and its losses, by machine"
        } else {
            "Effective hours and losses, by machine"
        }
        .to_owned(),
        caption: format!("share {}, lowest first", base_words(planned)),
        alternative,
        body: ChartBody::Stacked {
            kept: "Effective".to_owned(),
            lost: names.map(str::to_owned).to_vec(),
            stacks,
            unit: "h".to_owned(),
        },
    })
}

fn picture(name: &str, tree: &Tree, planned: bool, target: Option<f64>) -> Chart {
    let step = |label: &str, value: f64| Step { label: label.to_owned(), value: -value };
    let mut steps = vec![
        step("Nothing booked", tree.idle),
        step("Stoppages", tree.down),
        step("Set-ups", tree.setup),
        step("Slow running", tree.slow),
        step("Scrap", tree.scrap),
    ];
    steps.retain(|step| step.value.abs() > 0.05);
    let share = tree.effective() / tree.base.max(1e-9);
    let aim = target.map_or_else(String::new, |target| {
        format!(
            "; the target of {} lacks {} hours",
            words::percent(target),
            words::figure(((target - share) * tree.base).max(0.0))
        )
    });
    Chart {
        title: "Where machine hours go".to_owned(),
        caption: format!("{name}; {} {}{aim}", words::percent(share), base_words(planned)),
        alternative: format!(
            "Of {} hours {} were effective.",
            words::figure(tree.base),
            words::figure(tree.effective())
        ),
        body: ChartBody::Waterfall {
            start: Step { label: if planned { "Planned" } else { "Booked" }.to_owned(), value: tree.base },
            steps,
            end: Step { label: "Effective".to_owned(), value: tree.effective() },
            unit: "h".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::{
        Settings,
        chart::{Chart, ChartBody, Stack},
    };

    fn work(slow: f64) -> crate::engine::plant::Plant {
        let orders = frame(1_600, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
        let operations = frame(1_600, |row| row as u32)
            .with_words("machine_id", |row| format!("M{}", row % 4))
            .with_words("work_center_id", |_| "WC1")
            .with_days("operation_actual_start", |row| 20_094.0 + row as f64 / 8.0)
            .with_numbers("planned_run_hours", |_| 4.0)
            .with_numbers("planned_setup_hours", |_| 0.5)
            .with_numbers("actual_setup_hours", |row| 0.4 + 0.2 * chance(row))
            .with_numbers("actual_run_hours", move |row| {
                (3.6 + 0.8 * chance(row + 9_000)) * if row % 4 == 1 { slow } else { 1.0 }
            });
        plant(orders, operations, loose(0), 200.0)
    }

    #[test]
    fn the_machine_that_loses_more_than_its_sisters_is_named() {
        assert_eq!(said("oee_loss", &work(1.7)), ["oee_loss M1"]);
        assert!(said("oee_loss", &work(1.0)).is_empty());
        let outcome = run("oee_loss", &work(1.0), &Settings::default());
        assert!(
            outcome.charts[1].caption.contains("of the time any work was booked"),
            "{}",
            outcome.charts[1].caption
        );
    }

    /// Six hours of every operation: one of set-up, four as planned, one over the plan; a tenth of the pieces is scrap. M1 runs two
    /// hours longer still, M2 half an hour faster than planned.
    fn planted(hours_a_day: Option<f64>) -> crate::engine::plant::Plant {
        let orders = frame(1_600, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
        let operations = frame(1_600, |row| row as u32)
            .with_words("machine_id", |row| format!("M{}", row % 4))
            .with_days("operation_actual_start", |row| 20_094.0 + row as f64 / 8.0)
            .with_numbers("planned_run_hours", |_| 4.0)
            .with_numbers("actual_setup_hours", |_| 1.0)
            .with_numbers("operation_quantity_completed", |_| 90.0)
            .with_numbers("operation_quantity_scrapped", |_| 10.0)
            .with_numbers("actual_run_hours", |row| match row % 4 {
                1 => 7.0,
                2 => 3.5,
                _ => 5.0,
            });
        let events = hours_a_day.map_or_else(
            || loose(0),
            |hours| {
                loose(4 * 196)
                    .with_words("machine_id", |row| format!("M{}", row % 4))
                    .with_days("downtime_start", |row| 20_094.0 + (row / 4) as f64)
                    .with_numbers("planned_production_hours", move |_| hours)
            },
        );
        plant(orders, operations, events, 196.0)
    }

    fn stacks(plant: &crate::engine::plant::Plant) -> (Chart, Vec<(String, [f64; 4])>) {
        let chart = run("oee_loss", plant, &Settings::default()).charts.remove(0);
        let ChartBody::Stacked { stacks, lost, .. } = &chart.body else { panic!("{chart:?}") };
        assert_eq!(lost.len(), 3);
        let percent = |stack: &Stack, part: f64| (stack.share(part) * 1_000.0).round() / 10.0;
        let told = stacks
            .iter()
            .map(|stack| {
                let [a, p, q] = [0, 1, 2].map(|at| percent(stack, stack.lost[at]));
                (stack.label.clone(), [percent(stack, stack.kept), a, p, q])
            })
            .collect();
        (chart, told)
    }

    #[test]
    fn what_each_machine_loses_is_told_by_kind() {
        let (chart, told) = stacks(&planted(None));
        let expected = [
            ("All machines", [58.8, 16.3, 18.4, 6.5]),
            ("M1", [45.0, 12.5, 37.5, 5.0]),
            ("M0", [60.0, 16.7, 16.7, 6.7]),
            ("M3", [60.0, 16.7, 16.7, 6.7]),
            // Faster than planned: hours come back.
            ("M2", [80.0, 22.2, -11.1, 8.9]),
        ];
        assert_eq!(told, expected.map(|(label, shares)| (label.to_owned(), shares)));
        assert_eq!(
            chart.alternative,
            "M1 is lowest with 45%; performance loss takes most, 38%. All machines reach 59%."
        );
        assert_eq!(chart.caption, "share of the time any work was booked, lowest first");
        assert_eq!(chart.title, "Effective hours and losses, by machine");
    }

    #[test]
    fn of_planned_time_what_nobody_booked_is_lost_to_availability() {
        // Two operations a day and machine: twelve hours of twenty-four.
        let (chart, told) = stacks(&planted(Some(24.0)));
        let shares = told.iter().find(|(label, _)| label == "M0").unwrap().1;
        assert_eq!(shares, [30.0, 58.3, 8.3, 3.3]);
        assert_eq!(chart.title, "OEE and its losses, by machine");
    }

    #[test]
    fn what_meets_the_target_is_no_finding() {
        let mut settings = Settings::default();
        settings.set("oee_target", "0.3").unwrap();
        assert!(run("oee_loss", &work(1.7), &settings).findings.is_empty());
    }
}
