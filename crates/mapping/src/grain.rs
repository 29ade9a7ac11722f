//! What one row of a table is, decided before the columns: an order, an operation, a booking, a component, an event.

use domain::{Granularity, ValueKind};

use crate::{
    candidate::Candidate,
    knowledge::Theme,
    matchers::Beliefs,
    names::read_headers,
    view::{Grain, View},
};

/// What speaks for a grain, kept for the sentence that says why.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) grain: Grain,
    /// The column that most likely holds the order number.
    pub(crate) order_column: Option<usize>,
    /// Whether every row has its own order.
    pub(crate) one_row_per_order: bool,
    /// Columns that point to the chosen grain, most telling first.
    pub(crate) telling: Vec<usize>,
}

const ORDER: [&str; 2] = ["work_order_id", "assembly_sequence"];
const STEP: &[&str] = &["operation_sequence", "operation_code", "operation_name"];
const PERSON: &[&str] = &["employee_id", "employee_name"];
const BOOKING: &[&str] = &[
    "booking_id",
    "booking_date",
    "booking_type",
    "booking_hours",
    "is_reversal",
    "is_final",
    "shift",
    "labor_rate",
];
const COMPONENT: &[&str] = &[
    "material_id",
    "material_name",
    "planned_material_quantity",
    "actual_material_quantity",
    "material_unit_of_measure",
    "material_unit_cost",
    "material_standard_cost",
    "material_lot_id",
];
const ITEM: [&str; 4] = ["product_id", "product_name", "material_id", "material_name"];
const EVENT: &[&str] = &[
    "downtime_hours",
    "downtime_reason",
    "downtime_start",
    "downtime_end",
    "downtime_type",
    "maintenance_date",
    "maintenance_type",
    "maintenance_cost",
    "inspection_result",
    "defect_count",
    "defect_description",
    "quality_issue",
];
/// Time that was worked: stoppages and inspections state what was lost and found.
const WORKED: &[&str] = &["actual_setup_hours", "actual_run_hours", "actual_labor_hours"];
/// What events are about. A table that names it in column after column is about it, whichever fields those columns are.
const MATTER: [&str; 7] =
    ["inspection", "downtime", "maintenance", "breakdown", "preventive", "corrective", "problem"];
/// What numbers an event: a column of such numbers, each once, says what every row is.
const NUMBERED: [&str; 6] = ["inspection", "downtime", "maintenance", "breakdown", "defect", "problem"];
/// Pieces that a row reports or loses: where there are none, a reason is no reason for them.
const PIECES: &[&str] = &[
    "operation_quantity_completed",
    "quantity_completed",
    "operation_quantity_scrapped",
    "quantity_scrapped",
    "defect_count",
];
const MADE: &[&str] = &["operation_quantity_completed", "quantity_completed"];
const OF_ORDER: &[&str] = &[
    "customer_id",
    "customer_name",
    "due_date",
    "sales_order_id",
    "planned_start",
    "planned_end",
    "actual_start",
    "actual_end",
    "work_order_status",
    "work_order_type",
    "quantity_ordered",
    "quantity_completed",
    "order_date",
    "release_date",
    "priority",
    "planned_total_cost",
    "actual_total_cost",
];
const OF_OPERATION: &[&str] = &[
    "operation_planned_start",
    "operation_planned_end",
    "operation_status",
    "planned_run_hours",
    "planned_setup_hours",
    "actual_run_hours",
    "actual_setup_hours",
    "queue_hours",
    "standard_cycle_time",
    "standard_rate",
    "standard_basis",
    "operation_quantity_in",
    "move_hours",
    "is_outside",
];

/// Facts that a grain is judged by, besides how usual the fields are at it and what known systems say.
pub(crate) const FACTS: [&str; 25] = [
    "constant",
    "step",
    "person",
    "booking",
    "component",
    "event",
    "of_order",
    "of_operation",
    "unique",
    "repeated",
    "no_order",
    "exact_span",
    "step_repeats",
    "people",
    "made",
    "breakdown",
    "stoppage",
    "standing",
    "items",
    "matter",
    "event_key",
    "worked",
    "settled",
    "unnumbered",
    "stops",
];

/// What is known of a table before its grain is decided.
#[derive(Debug, Clone)]
pub(crate) struct Clues {
    pub(crate) facts: [f64; FACTS.len()],
    /// Per grain how well the fields that the columns may mean suit it.
    pub(crate) suits: [f64; Granularity::ALL.len()],
    /// Per grain the share of known columns that come from such tables, times how far the system is recognised.
    pub(crate) known: [f64; Granularity::ALL.len()],
    order_column: Option<usize>,
}

pub(crate) fn decide(view: &View<'_>, beliefs: &Beliefs) -> Decision {
    let clues = clues(view, beliefs);
    let mut logits = view.knowledge.weights.grain.logits(&clues);
    for (logit, granularity) in logits.iter_mut().zip(Granularity::ALL) {
        if view.recall.granularity == Some(granularity) {
            *logit += 8.0 * view.recall.likeness;
        }
    }
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.iter().map(|logit| (logit - most).exp()).sum();
    let grain = Grain(logits.map(|logit| (logit - most).exp() / sum));
    let telling = telling(view, beliefs, grain.best());
    Decision { grain, order_column: clues.order_column, one_row_per_order: clues.facts[8] > 0.5, telling }
}

pub(crate) fn clues(view: &View<'_>, beliefs: &Beliefs) -> Clues {
    let group =
        |names: &[&str]| -> Vec<Candidate> { names.iter().map(|name| Candidate::named(name)).collect() };
    // Probability that some column means one of the group.
    let has = |names: &[&str]| -> f64 {
        let group = group(names);
        1.0 - (0..view.len()).map(|column| 1.0 - beliefs.of(column, &group).min(1.0)).product::<f64>()
    };
    // The same of the likeliest column alone: many that may mean it a little are no such column.
    let most = |names: &[&str]| -> f64 {
        let group = group(names);
        (0..view.len()).map(|column| beliefs.of(column, &group).min(1.0)).fold(0.0, f64::max)
    };
    // How many columns mean one of the group, to be expected.
    let count_where = |names: &[&str], most: f64, wanted: &dyn Fn(usize) -> bool| -> f64 {
        let group = group(names);
        let columns = (0..view.len()).filter(|column| wanted(*column));
        columns.map(|column| beliefs.of(column, &group)).sum::<f64>().min(most)
    };
    let count = |names: &[&str], most: f64| count_where(names, most, &|_| true);
    let order_column = order_column(view, beliefs);
    let stoppage = group(&["downtime_reason", "downtime_type", "downtime_start"]);
    let repeats = key_repeats(view, beliefs, order_column);
    let production: Vec<bool> = (0..view.len()).map(|column| tells_production(view, column)).collect();
    let facts = [
        1.0,
        has(STEP),
        has(PERSON),
        count(BOOKING, 4.0),
        count(COMPONENT, 5.0),
        // Defects that only spread what was lost over columns make no row an inspection, and a reason that may be production none a
        // stoppage.
        count_where(EVENT, 4.0, &|column| !view.relations.is_part(column) && !production[column]),
        count(OF_ORDER, 7.0),
        count(OF_OPERATION, 7.0),
        repeats.unique,
        repeats.repeated,
        f64::from(u8::from(order_column.is_none())),
        // A booking lasts from its start to its end; an operation seldom does.
        f64::from(u8::from(!view.relations.spans.is_empty())),
        step_repeats(view, beliefs, order_column),
        f64::from(u8::from(view.facts.iter().any(|facts| facts.person > 0.7 && facts.distinct > 3))),
        has(MADE),
        // Reports spread what was lost over its kinds.
        f64::from(u8::from(view.relations.breakdowns.iter().any(|found| found.rest.is_some()))),
        // A reason to stand still in every row: each row is a stoppage.
        (0..view.len())
            .filter(|column| !production[*column])
            .map(|column| {
                beliefs.of(column, &stoppage) * ((view.facts[column].fill - 0.8) * 5.0).clamp(0.0, 1.0)
            })
            .fold(0.0, f64::max),
        if reasons_of_spans(view) { 1.0 - has(PIECES) } else { 0.0 },
        order_column.map_or(0.0, |order| items_differ(view, beliefs, order)),
        (0..view.len()).filter(|column| names_any(view, *column, &MATTER)).count().min(4) as f64,
        f64::from(u8::from((0..view.len()).any(|column| numbers_events(view, column)))),
        most(WORKED),
        // What comes back with its moments is what rows belong to: no row is the whole of it.
        view.blocks.moments,
        1.0 - view.blocks.numbered,
        (0..view.len())
            .filter(|column| view.facts[*column].fill > 0.95 && !production[*column])
            .map(|column| view.facts[column].theme(Theme::Stop))
            .fold(0.0, f64::max),
    ];
    let usage = view.knowledge.usage();
    let suits = Granularity::ALL.map(|granularity| {
        let of_column = |column: &Vec<f64>| -> f64 {
            Candidate::all()
                .zip(column)
                .filter(|(_, probability)| **probability > 1e-3)
                .map(|(candidate, probability)| probability * usage.lift(candidate, granularity).exp())
                .sum::<f64>()
                .max(1e-2)
                .ln()
        };
        // Columns of one table depend on each other: together they count like fewer.
        let sum: f64 = beliefs.columns.iter().map(of_column).sum();
        sum / (view.len().max(1) as f64).sqrt()
    });
    let shares = view.systems.grains(view.knowledge, &view.names);
    let whole: f64 = shares.values().sum();
    let trust = 0.1 * (whole / view.len().max(1) as f64).min(1.0) + 0.9 * view.systems.trust();
    let known = Granularity::ALL.map(|granularity| {
        if whole > 0.0 { trust * shares.get(&granularity).copied().unwrap_or(0.0) / whole } else { 0.0 }
    });
    Clues { facts, suits, known, order_column }
}

fn names_any(view: &View<'_>, column: usize, concepts: &[&str]) -> bool {
    let mut known = concepts.iter().filter_map(|name| view.knowledge.concepts.id(name));
    known.any(|concept| view.names[column].names(concept))
}

/// Whether a column numbers inspections, stoppages or complaints, each row another one.
fn numbers_events(view: &View<'_>, column: usize) -> bool {
    let facts = &view.facts[column];
    facts.filled >= 8
        && facts.fill > 0.99
        && facts.distinctness > 0.99
        && facts.digits > 0.99
        && matches!(facts.kind, ValueKind::Integer | ValueKind::Text)
        && names_any(view, column, &NUMBERED)
        && names_any(view, column, &["id", "code", "reference"])
}

/// How surely the rows of an order name different items: an order makes one and takes many.
fn items_differ(view: &View<'_>, beliefs: &Beliefs, order: usize) -> f64 {
    let items = ITEM.map(Candidate::named);
    (0..view.len())
        .filter(|column| *column != order)
        .map(|column| beliefs.of(column, &items).min(1.0) * view.relations.differs_within(order, column))
        .fold(0.0, f64::max)
}

/// Whether each row is a span of time with a reason for it: reasons of scrap stand only where there is scrap, those of
/// standing still in every row.
fn reasons_of_spans(view: &View<'_>) -> bool {
    let Some(reason) = view.knowledge.concepts.id("reason") else { return false };
    !view.relations.spans.is_empty()
        && (0..view.len()).any(|column| {
            let facts = &view.facts[column];
            view.names[column].names(reason)
                && facts.fill > 0.95
                && facts.distinct >= 2
                && facts.distinctness < 0.8
                && matches!(facts.kind, ValueKind::Text | ValueKind::Integer)
                && !tells_production(view, column)
        })
}

/// Whether production is among the values: such a column tells bookings apart, not stoppages.
pub(crate) fn tells_production(view: &View<'_>, column: usize) -> bool {
    let values: Vec<&str> =
        view.columns[column].top.iter().take(20).map(|(value, _)| value.as_str()).collect();
    let made: Vec<_> =
        ["production", "run"].into_iter().filter_map(|concept| view.knowledge.concepts.id(concept)).collect();
    view.facts[column].kind == ValueKind::Text
        && read_headers(view.knowledge, &values)
            .iter()
            .any(|name| made.iter().any(|concept| name.names(*concept)))
}

/// How clues become log-odds of the grains.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GrainWeights {
    /// Per grain a weight for every fact.
    pub(crate) facts: [[f64; FACTS.len()]; Granularity::ALL.len()],
    pub(crate) suits: f64,
    pub(crate) known: f64,
}

impl GrainWeights {
    /// What one would guess before anything was measured.
    pub(crate) fn untrained() -> Self {
        Self {
            facts: [
                [
                    0.0, -1.6, -1.2, -0.5, -0.5, -0.2, 0.4, -0.25, 2.6, -5.0, -1.0, -0.5, -1.0, 0.0, 0.2,
                    -1.5, -0.5, -1.0, -1.0, -0.3, -1.0, 0.0, -6.0, -2.0, -1.0,
                ],
                [
                    0.3, 2.2, -1.4, -0.4, -0.7, -0.5, 0.0, 0.4, -1.2, 1.0, 0.0, -0.6, -2.5, -0.3, 0.2, -0.5,
                    -0.5, -1.0, -1.0, -0.3, -1.0, 0.2, 0.5, 0.0, -0.5,
                ],
                [
                    0.0, 0.3, 1.9, 0.75, -0.8, -0.2, -0.15, -0.2, -0.8, 0.8, 0.0, 1.4, 1.2, 0.8, 0.3, 3.5,
                    -1.0, -2.0, -1.0, -0.15, -1.0, 0.4, 0.0, 0.0, 0.0,
                ],
                [
                    -1.0, 0.0, -1.0, -0.3, 1.25, -0.2, -0.1, -0.2, -0.8, 0.8, 0.0, -0.5, 0.6, -0.3, -1.5,
                    -3.0, -0.5, -1.0, 2.5, -0.3, -1.0, -0.2, 0.5, 0.0, -0.5,
                ],
                [
                    -1.2, 0.0, 0.0, 0.0, -0.4, 1.15, -0.4, -0.3, 0.0, 0.0, 0.8, 0.5, 0.3, 0.0, -0.3, -0.5,
                    1.5, 4.0, -0.5, 0.35, 2.5, -1.2, 0.0, 0.0, 2.0,
                ],
            ],
            suits: 0.8,
            known: 7.0,
        }
    }

    pub(crate) fn logits(&self, clues: &Clues) -> [f64; Granularity::ALL.len()] {
        let mut logits = [0.0; Granularity::ALL.len()];
        for (grain, logit) in logits.iter_mut().enumerate() {
            *logit =
                self.facts[grain].iter().zip(&clues.facts).map(|(weight, fact)| weight * fact).sum::<f64>()
                    + self.suits * clues.suits[grain]
                    + self.known * clues.known[grain];
        }
        logits
    }
}

/// The column of the order's number: by its name, or where no column is named so but one that comes back settles the moments of its
/// rows, that one.
fn order_column(view: &View<'_>, beliefs: &Beliefs) -> Option<usize> {
    let named = best_column(view, beliefs, &[Candidate::named(ORDER[0])]);
    let once = |column: usize| view.facts[column].distinctness > 0.97;
    match view.blocks.key {
        Some(key) if view.blocks.moments > 0.0 && named.is_none_or(once) => Some(key),
        _ => named,
    }
}

fn best_column(view: &View<'_>, beliefs: &Beliefs, group: &[Candidate]) -> Option<usize> {
    // What half of the rows do not have is no key of theirs.
    let filled = |column: usize| {
        let facts = &view.facts[column];
        match view.columns[column].rows() {
            0 => 1.0,
            _ if facts.empty() => 0.05,
            _ if facts.fill < 0.5 => 0.3,
            _ => 1.0,
        }
    };
    let belief = |column: usize| filled(column) * beliefs.of(column, group);
    let mut best = None;
    for column in 0..view.len() {
        if belief(column) > best.map_or(0.2, belief) {
            best = Some(column);
        }
    }
    best
}

/// Whether rows share the key of an order: 1 and 0 where it is plain, less where no key is known.
struct KeyRepeats {
    unique: f64,
    repeated: f64,
}

fn key_repeats(view: &View<'_>, beliefs: &Beliefs, order_column: Option<usize>) -> KeyRepeats {
    let Some(order) = order_column else { return KeyRepeats { unique: 0.0, repeated: 0.0 } };
    if view.columns[order].sample.len() < 5 {
        return KeyRepeats { unique: 0.0, repeated: 0.0 };
    }
    // The number may come in parts: a suffix counts with it, another order number beside it does not.
    let suffix = [Candidate::named(ORDER[1])];
    let parts: Vec<usize> =
        (0..view.len()).filter(|column| *column == order || beliefs.of(*column, &suffix) > 0.4).collect();
    let rows = view.columns[order].sample.len();
    let mut keys: Vec<Vec<&str>> = (0..rows)
        .map(|row| {
            parts
                .iter()
                .filter_map(|part| view.columns[*part].sample_raw.get(row))
                .map(|raw| raw.trim())
                .collect()
        })
        .collect();
    keys.sort();
    let all = keys.len();
    keys.dedup();
    let share = 1.0 - keys.len() as f64 / all as f64;
    KeyRepeats {
        unique: if share < 0.03 { 1.0 } else { 0.0 },
        repeated: if share > 0.25 { 1.0 } else { share.max(0.0) * 2.0 },
    }
}

/// Share of rows that repeat both the order and the step of an earlier row: what no list of operations does.
fn step_repeats(view: &View<'_>, beliefs: &Beliefs, order_column: Option<usize>) -> f64 {
    let group: Vec<Candidate> = STEP.iter().map(|name| Candidate::named(name)).collect();
    let (Some(order), Some(step)) = (order_column, best_column(view, beliefs, &group)) else { return 0.0 };
    let rows = view.columns[order].sample.len();
    if order == step || rows < 10 {
        return 0.0;
    }
    let suffix = [Candidate::named(ORDER[1])];
    let mut key: Vec<usize> = (0..view.len()).filter(|column| beliefs.of(*column, &suffix) > 0.4).collect();
    key.extend([order, step]);
    let share = 1.0 - distinct_keys(view, &key, rows) as f64 / rows as f64;
    if share > 0.2 { 1.0 } else { share * 3.0 }
}

/// Columns that point to the grain, most telling first.
fn telling(view: &View<'_>, beliefs: &Beliefs, granularity: Granularity) -> Vec<usize> {
    let names: &[&[&str]] = match granularity {
        Granularity::Header => &[OF_ORDER],
        Granularity::Operation => &[STEP, OF_OPERATION],
        Granularity::Labor => &[PERSON, BOOKING],
        Granularity::Material => &[COMPONENT],
        Granularity::Event => &[EVENT],
    };
    let group: Vec<Candidate> = names.iter().copied().flatten().map(|name| Candidate::named(name)).collect();
    let mut columns: Vec<usize> =
        (0..view.len()).filter(|column| beliefs.of(*column, &group) > 0.5).collect();
    columns.sort_by(|a, b| beliefs.of(*b, &group).total_cmp(&beliefs.of(*a, &group)).then(a.cmp(b)));
    columns.truncate(3);
    columns
}

/// Columns whose values together name a row: the order, then what tells its rows apart at the grain.
pub(crate) fn key_columns(view: &View<'_>, fields: &[Candidate], granularity: Granularity) -> Vec<usize> {
    let wanted: &[&[&str]] = match granularity {
        Granularity::Header => &[&["work_order_id"], &["assembly_sequence"], &["work_order_type"]],
        Granularity::Operation => &[
            &["work_order_id"],
            &["assembly_sequence"],
            &["operation_sequence"],
            &["operation_code"],
            &["operation_name"],
        ],
        Granularity::Labor => &[
            &["booking_id"],
            &["work_order_id"],
            &["assembly_sequence"],
            &["operation_sequence"],
            &["employee_id", "employee_name"],
            &["operation_actual_start", "booking_date"],
        ],
        Granularity::Material => &[
            &["work_order_id"],
            &["assembly_sequence"],
            &["operation_sequence"],
            &["material_id", "material_name"],
            &["material_lot_id"],
        ],
        Granularity::Event => {
            &[&["machine_id", "work_center_id"], &["downtime_start", "maintenance_date"], &["work_order_id"]]
        }
    };
    let rows = view.columns.first().map_or(0, |column| column.sample.len());
    let mut key: Vec<usize> = Vec::new();
    let mut distinct = usize::from(rows > 0);
    for names in wanted {
        if rows > 0 && distinct == rows {
            break;
        }
        let columns =
            (0..view.len()).filter(|column| names.contains(&fields[*column].name()) && !key.contains(column));
        for column in columns.collect::<Vec<_>>() {
            let mut tried = key.clone();
            tried.push(column);
            let found = distinct_keys(view, &tried, rows);
            // A part that tells no rows apart is no part of the key.
            if found > distinct || rows == 0 {
                key = tried;
                distinct = found;
            }
        }
    }
    key
}

fn distinct_keys(view: &View<'_>, columns: &[usize], rows: usize) -> usize {
    let mut keys: Vec<Vec<&str>> = (0..rows)
        .map(|row| {
            columns
                .iter()
                .filter_map(|column| view.columns[*column].sample_raw.get(row))
                .map(|raw| raw.trim())
                .collect()
        })
        .collect();
    keys.sort();
    keys.dedup();
    keys.len()
}
