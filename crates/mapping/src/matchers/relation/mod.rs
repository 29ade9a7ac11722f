//! Relations between columns as evidence: what adds up, multiplies, determines, or repeats within an order.

mod breakdown;
mod cost_groups;
mod horizon;
mod products;
mod scaling;

use std::{collections::BTreeSet, sync::LazyLock};

use domain::{Granularity, ValueKind};
use ontology::{Entity, FieldType, RollUp};

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, grain, knowledge::ConceptId, names::read_headers, plant, view::View};

/// Fields that may stand in one place of an equation.
type Role = Vec<Candidate>;

fn role(names: &[&str]) -> Role {
    names
        .iter()
        .map(|name| Candidate::named(name))
        .filter(|candidate| *candidate != Candidate::LEFT_OUT)
        .collect()
}

/// `first` × `second` = `product`, up to the scale that units of time put between them.
struct ProductRule {
    first: Role,
    second: Role,
    product: Role,
}

/// `first` + `second` = `whole`.
struct SumRule {
    first: Role,
    second: Role,
    whole: Role,
}

/// The time from `start` to `end` is `duration`.
struct SpanRule {
    start: Role,
    end: Role,
    duration: Role,
}

struct Rules {
    products: Vec<ProductRule>,
    sums: Vec<SumRule>,
    spans: Vec<SpanRule>,
    /// An id and the name of the same thing.
    named: Vec<(Role, Role)>,
    /// A reason and what was lost for it.
    reasons: Vec<(Role, Role)>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    products: [
        (
            &["planned_labor_hours", "planned_run_hours", "planned_setup_hours"][..],
            &["labor_rate", "standard_labor_rate", "machine_rate", "standard_machine_rate"][..],
            &["planned_labor_cost", "planned_conversion_cost"][..],
        ),
        (
            &["planned_machine_hours", "planned_run_hours", "planned_labor_hours"],
            &["machine_rate", "standard_machine_rate"],
            &["planned_overhead_cost", "planned_conversion_cost"],
        ),
        (
            &["actual_labor_hours", "booking_hours", "actual_run_hours", "actual_setup_hours"],
            &["labor_rate"],
            &["actual_labor_cost", "actual_conversion_cost"],
        ),
        (
            &["actual_machine_hours", "booking_hours", "actual_run_hours", "actual_labor_hours"],
            &["machine_rate"],
            &["actual_overhead_cost", "actual_conversion_cost"],
        ),
        (
            &["planned_material_quantity"],
            &["material_unit_cost", "material_standard_cost"],
            &["planned_material_cost"],
        ),
        (
            &["actual_material_quantity"],
            &["material_unit_cost", "material_standard_cost"],
            &["actual_material_cost"],
        ),
        (&["quantity_ordered", "quantity_shipped"], &["unit_price"], &["revenue"]),
        (&["quantity_ordered"], &["product_unit_cost"], &["planned_total_cost"]),
        (&["quantity_ordered", "operation_quantity_in"], &["standard_cycle_time"], &["planned_run_hours"]),
        (&["planned_run_hours"], &["standard_rate"], &["quantity_ordered", "operation_quantity_in"]),
        (&["operation_quantity_completed"], &["actual_cycle_time"], &["actual_run_hours"]),
    ]
    .into_iter()
    .map(|(first, second, product)| ProductRule {
        first: role(first),
        second: role(second),
        product: role(product),
    })
    .collect(),
    sums: [
        (
            &["quantity_completed", "operation_quantity_completed"][..],
            &["quantity_scrapped", "operation_quantity_scrapped"][..],
            &["quantity_ordered", "operation_quantity_in"][..],
        ),
        (
            &["quantity_completed", "operation_quantity_completed"],
            &["quantity_remaining"],
            &["quantity_ordered", "operation_quantity_in"],
        ),
        (&["planned_setup_hours"], &["planned_run_hours"], &["planned_labor_hours", "planned_machine_hours"]),
        (&["actual_setup_hours"], &["actual_run_hours"], &["actual_labor_hours", "actual_machine_hours"]),
        (
            &["planned_labor_cost"],
            &["planned_overhead_cost"],
            &["planned_conversion_cost", "planned_total_cost"],
        ),
        (&["actual_labor_cost"], &["actual_overhead_cost"], &["actual_conversion_cost", "actual_total_cost"]),
        (
            &["planned_material_cost"],
            &["planned_conversion_cost", "planned_labor_cost"],
            &["planned_total_cost"],
        ),
        (&["actual_material_cost"], &["actual_conversion_cost", "actual_labor_cost"], &["actual_total_cost"]),
    ]
    .into_iter()
    .map(|(first, second, whole)| SumRule { first: role(first), second: role(second), whole: role(whole) })
    .collect(),
    spans: [
        (
            "operation_actual_start",
            "operation_actual_end",
            &[
                "booking_hours",
                "actual_run_hours",
                "actual_labor_hours",
                "actual_machine_hours",
                "actual_setup_hours",
            ][..],
        ),
        ("operation_planned_start", "operation_planned_end", &["planned_run_hours", "planned_labor_hours"]),
        ("downtime_start", "downtime_end", &["downtime_hours"]),
        ("actual_start", "actual_end", &["actual_machine_hours", "actual_labor_hours"]),
        ("planned_start", "planned_end", &["planned_machine_hours", "planned_labor_hours"]),
    ]
    .into_iter()
    .map(|(start, end, duration)| SpanRule {
        start: role(&[start]),
        end: role(&[end]),
        duration: role(duration),
    })
    .collect(),
    named: [
        ("product_id", "product_name"),
        ("customer_id", "customer_name"),
        ("work_center_id", "work_center_name"),
        ("machine_id", "machine_name"),
        ("employee_id", "employee_name"),
        ("material_id", "material_name"),
        ("supplier_id", "supplier_name"),
        ("operation_code", "operation_name"),
        ("defect_code", "defect_description"),
        // A reason by its code and in words.
        ("downtime_reason", "downtime_reason"),
    ]
    .into_iter()
    .map(|(id, name)| (role(&[id]), role(&[name])))
    .collect(),
    reasons: [
        (
            &["defect_code", "defect_description"][..],
            &[
                "quantity_scrapped",
                "operation_quantity_scrapped",
                "quantity_reworked",
                "operation_quantity_reworked",
                "defect_count",
            ][..],
        ),
        (&["downtime_reason", "downtime_type"], &["downtime_hours"]),
    ]
    .into_iter()
    .map(|(why, lost)| (role(why), role(lost)))
    .collect(),
});

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    let mut votes = vec![vec![0.0_f64; Candidate::count()]; view.len()];
    for (votes, hints) in votes.iter_mut().zip(&view.hints) {
        for (candidate, strength) in hints {
            if beliefs.items_hinted || !plant::is_item(*candidate) {
                votes[candidate.idx()] = *strength;
            }
        }
    }
    if beliefs.columns.is_empty() {
        write(&votes, signals);
        return;
    }
    arithmetic(view, beliefs, &mut votes);
    breakdown::vote_for_parts(view, beliefs, &mut votes);
    cost_groups::vote_for_costs(view, beliefs, &mut votes);
    reasons(view, beliefs, &mut votes);
    horizon::vote_for_plans(view, &mut votes);
    scaling::vote_by_size(view, beliefs, &mut votes);
    spans(view, beliefs, &mut votes);
    stoppages(view, beliefs, &mut votes);
    names_of_ids(view, beliefs, &mut votes);
    within_orders(view, beliefs, &mut votes);
    products::vote_for_products(view, beliefs, &mut votes);
    times_of_days(view, beliefs, &mut votes);
    steps_in_tens(view, beliefs, &mut votes);
    key_of_blocks(view, beliefs, &mut votes);
    judgements(view, beliefs, &mut votes);
    currencies(view, &mut votes);
    write(&votes, signals);
}

/// Three letters that stand for a currency in every row name the currency, whatever the column is called.
fn currencies(view: &View<'_>, votes: &mut [Vec<f64>]) {
    let Some(currency) = view.knowledge.concepts.id("currency") else { return };
    for (column, facts) in view.facts.iter().enumerate() {
        let named = facts.codes.iter().any(|(concept, share)| *concept == currency && *share > 0.95);
        if named && facts.filled >= 8 && (facts.length - 3.0).abs() < 0.01 && facts.distinct <= 8 {
            vote(votes, column, &[Candidate::named("currency")], 0.8);
        }
    }
}

/// Words for good and words for bad among a few values judge what the row is about, whatever the column is called.
fn judgements(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let event = beliefs.grain.of(Granularity::Event);
    if event < 0.3 {
        return;
    }
    for column in (0..view.len()).filter(|column| judges(view, *column)) {
        vote(votes, column, &[Candidate::named("inspection_result")], 0.9 * event);
    }
}

fn judges(view: &View<'_>, column: usize) -> bool {
    let facts = &view.facts[column];
    if facts.kind != ValueKind::Text || !(2..=5).contains(&facts.distinct) {
        return false;
    }
    let values: Vec<&str> = view.columns[column].top.iter().map(|(value, _)| value.as_str()).collect();
    let names = read_headers(view.knowledge, &values);
    let says = |words: &[&str]| {
        let concepts: Vec<ConceptId> =
            words.iter().filter_map(|word| view.knowledge.concepts.id(word)).collect();
        names.iter().any(|name| concepts.iter().any(|concept| name.names(*concept)))
    };
    says(&["good", "approved"]) && says(&["bad", "scrapped", "defect", "breakdown", "rework"])
}

/// Numbers that go up in tens from ten on and differ within an order count its steps; codes of steps have no such order.
/// Components are counted so too, which is why a list of them tells nothing.
fn steps_in_tens(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let order = Candidate::named("work_order_id");
    let most = (0..view.len()).max_by(|a, b| beliefs.of(*a, &[order]).total_cmp(&beliefs.of(*b, &[order])));
    let Some(key) = most.filter(|key| beliefs.of(*key, &[order]) > 0.5) else { return };
    let of_steps = beliefs.grain.of(Granularity::Operation) + beliefs.grain.of(Granularity::Labor);
    for column in (0..view.len()).filter(|column| *column != key) {
        if !counts_in_tens(view, column) || view.relations.differs_within(key, column) < 0.5 {
            continue;
        }
        vote(votes, column, &[Candidate::named("operation_sequence")], 0.8 * of_steps);
        if let Some(vote) = votes[column].get_mut(Candidate::named("operation_code").idx()) {
            *vote -= 0.5 * of_steps;
        }
    }
}

/// What comes back with the dates of its rows is the order that they belong to, where no other column is named so.
fn key_of_blocks(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let order = [Candidate::named("work_order_id")];
    let Some(key) = view.blocks.key.filter(|_| view.blocks.moments > 0.0) else { return };
    let named = (0..view.len())
        .filter(|column| *column != key && view.relations.determines(*column, key))
        .map(|column| beliefs.of(column, &order))
        .fold(0.0, f64::max);
    let below = 1.0 - beliefs.grain.of(Granularity::Header);
    vote(votes, key, &order, 0.9 * below * (1.0 - named).max(0.0));
}

/// Whether the values are 10, 20, 30 and so on without a gap, written with leading zeros or not.
fn counts_in_tens(view: &View<'_>, column: usize) -> bool {
    let values: BTreeSet<u32> = view.columns[column]
        .sample_raw
        .iter()
        .map(|raw| raw.trim())
        .filter(|raw| !raw.is_empty())
        .map(|raw| raw.parse().unwrap_or(0))
        .collect();
    (3..=30).contains(&values.len()) && values.iter().zip(1..).all(|(value, n)| *value == 10 * n)
}

fn write(votes: &[Vec<f64>], signals: &mut Signals) {
    for (column, votes) in votes.iter().enumerate() {
        for candidate in Candidate::all() {
            let vote = votes.get(candidate.idx()).copied().unwrap_or(0.0);
            if vote != 0.0 {
                signals.set(column, candidate, Signal::Relation, vote.clamp(-1.5, 1.5));
            }
        }
    }
}

fn vote(votes: &mut [Vec<f64>], column: usize, role: &[Candidate], by: f64) {
    let Some(votes) = votes.get_mut(column) else { return };
    for candidate in role {
        if let Some(vote) = votes.get_mut(candidate.idx()) {
            *vote = vote.max(by);
        }
    }
}

fn arithmetic(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    for product in &view.relations.products {
        for rule in &RULES.products {
            for [one, other] in [product.factors, [product.factors[1], product.factors[0]]] {
                let belief = [
                    beliefs.of(one, &rule.first),
                    beliefs.of(other, &rule.second),
                    beliefs.of(product.result, &rule.product),
                ];
                // Each place is supported by what is believed of the other two.
                vote(votes, one, &rule.first, belief[1] * belief[2]);
                vote(votes, other, &rule.second, belief[0] * belief[2]);
                vote(votes, product.result, &rule.product, belief[0] * belief[1]);
            }
        }
    }
    for sum in &view.relations.sums {
        for rule in &RULES.sums {
            for [one, other] in [sum.parts, [sum.parts[1], sum.parts[0]]] {
                let belief = [
                    beliefs.of(one, &rule.first),
                    beliefs.of(other, &rule.second),
                    beliefs.of(sum.whole, &rule.whole),
                ];
                vote(votes, one, &rule.first, belief[1] * belief[2]);
                vote(votes, other, &rule.second, belief[0] * belief[2]);
                vote(votes, sum.whole, &rule.whole, belief[0] * belief[1]);
            }
        }
    }
}

/// A duration that is the time from one moment to another: each of the three supports the other two.
fn spans(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    for span in &view.relations.spans {
        for rule in &RULES.spans {
            let belief = [
                beliefs.of(span.start, &rule.start),
                beliefs.of(span.end, &rule.end),
                beliefs.of(span.duration, &rule.duration),
            ];
            let moments = (belief[0] * belief[1]).max(0.3 * belief[0].max(belief[1]));
            vote(votes, span.duration, &rule.duration, moments);
            vote(votes, span.start, &rule.start, belief[2].max(belief[1]));
            vote(votes, span.end, &rule.end, belief[2].max(belief[0]));
        }
    }
}

/// Where every row has a reason to stand still, the span of the row is that of the stoppage and of no work.
fn stoppages(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let reason = RULES.reasons.iter().filter(|(_, lost)| lost.contains(&Candidate::named("downtime_hours")));
    let told = reason
        .flat_map(|(why, _)| (0..view.len()).map(move |column| (column, why)))
        .filter(|(column, _)| view.facts[*column].fill > 0.9 && !grain::tells_production(view, *column))
        .map(|(column, why)| beliefs.of(column, why))
        .fold(0.0, f64::max);
    let by = told * beliefs.grain.of(Granularity::Event);
    if by < 0.3 {
        return;
    }
    for span in &view.relations.spans {
        for (column, stopped, worked) in [
            (span.start, "downtime_start", &["operation_actual_start", "actual_start"][..]),
            (span.end, "downtime_end", &["operation_actual_end", "actual_end"]),
            (span.duration, "downtime_hours", &["booking_hours", "actual_labor_hours", "actual_run_hours"]),
        ] {
            vote(votes, column, &[Candidate::named(stopped)], by);
            for worked in worked {
                if let Some(vote) = votes[column].get_mut(Candidate::named(worked).idx()) {
                    *vote = -by;
                }
            }
        }
    }
}

/// What is filled just where pieces or time were lost says why; what is above zero just where a reason stands was lost.
fn reasons(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    for (text, number) in &view.relations.reasons {
        for (why, lost) in &RULES.reasons {
            vote(votes, *text, why, 0.8 * beliefs.of(*number, lost));
            vote(votes, *number, lost, 0.8 * beliefs.of(*text, why));
        }
    }
}

fn names_of_ids(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    for id in 0..view.len() {
        for name in 0..view.len() {
            if id == name || !view.relations.determines(id, name) || !view.relations.determines(name, id) {
                continue;
            }
            for (ids, names) in &RULES.named {
                vote(votes, name, names, 0.7 * beliefs.of(id, ids));
                vote(votes, id, ids, 0.7 * beliefs.of(name, names));
            }
        }
    }
}

/// What an order takes, and what it makes.
const ITEMS: [(&str, &str); 2] = [("material_id", "product_id"), ("material_name", "product_name")];

/// Where rows are parts of orders, what all rows of an order share belongs to the order, and what differs does not.
fn within_orders(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let order = Candidate::named("work_order_id");
    let most = (0..view.len()).max_by(|a, b| beliefs.of(*a, &[order]).total_cmp(&beliefs.of(*b, &[order])));
    let Some(key) = most.filter(|key| beliefs.of(*key, &[order]) > 0.5 && view.relations.repeats[*key] > 0.3)
    else {
        return;
    };
    let detail = 1.0 - beliefs.grain.of(Granularity::Header);
    let items = ITEMS.map(|(taken, made)| (Candidate::named(taken), Candidate::named(made)));
    // How surely rows are what orders take: then nothing of them is the same for all rows of an order.
    let takes = (0..view.len())
        .filter(|column| *column != key)
        .map(|column| {
            let item = items.iter().map(|(taken, made)| beliefs.of(column, &[*taken, *made]));
            beliefs.grain.of(Granularity::Material)
                * view.relations.differs_within(key, column)
                * item.fold(0.0, f64::max).min(1.0)
        })
        .fold(0.0, f64::max);
    for column in (0..view.len()).filter(|column| *column != key) {
        let facts = &view.facts[column];
        if facts.distinct < 3 || facts.fill < 0.3 {
            continue;
        }
        let shared = view.relations.determines(key, column);
        // An order makes one item and takes many.
        let differs = detail * view.relations.differs_within(key, column);
        for (taken, made) in items {
            vote(votes, column, &[taken], differs * beliefs.of(column, &[taken, made]).min(1.0));
            if let Some(vote) = votes[column].get_mut(made.idx()) {
                *vote -= differs;
            }
        }
        for candidate in Candidate::all() {
            let Some(field) = candidate.definition() else { continue };
            let of_order = field.entity == Entity::WorkOrder && field.roll_up == RollUp::Same;
            let by = match (shared, of_order) {
                (true, true) => 0.3,
                (true, false) if field.entity == Entity::Material => -0.3 - 0.9 * takes,
                (true, false) if field.entity != Entity::WorkOrder => -0.3,
                (false, true) => -0.6,
                _ => continue,
            };
            if let Some(vote) = votes[column].get_mut(candidate.idx()) {
                *vote += by * detail;
            }
        }
    }
}

/// A time of day belongs to the date whose header differs only in the word: `StartDate` and `StartHour`.
fn times_of_days(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    for (time, votes) in votes.iter_mut().enumerate() {
        let facts = &view.facts[time];
        let clock = match facts.kind {
            ValueKind::TimeOfDay | ValueKind::Duration => true,
            ValueKind::Integer | ValueKind::Decimal => {
                facts.min.is_some_and(|min| min >= 0.0) && facts.max.is_some_and(|max| max <= 240_000.0)
            }
            _ => false,
        };
        if !clock {
            continue;
        }
        for date in (0..view.len()).filter(|date| view.facts[*date].kind.is_moment()) {
            if !differ_in_clock_word(view, date, time) {
                continue;
            }
            for candidate in Candidate::all() {
                if candidate.definition().is_some_and(|field| field.type_ == FieldType::Timestamp) {
                    let belief = beliefs.of(date, &[candidate]);
                    if let Some(vote) = votes.get_mut(candidate.idx())
                        && belief > 0.05
                    {
                        *vote = vote.max(1.5 * belief);
                    }
                }
            }
        }
    }
}

/// Whether two headers say the same but for words for date and time.
fn differ_in_clock_word(view: &View<'_>, date: usize, time: usize) -> bool {
    let concepts = view.knowledge.concepts;
    let clock: Vec<ConceptId> =
        ["date", "time", "time_of_day", "hours", "in_hours", "in_minutes", "in_seconds"]
            .iter()
            .filter_map(|name| concepts.id(name))
            .collect();
    let (Some(date_concept), dates, times) = (concepts.id("date"), &view.names[date], &view.names[time])
    else {
        return false;
    };
    let rest = |set: &Vec<ConceptId>| -> Vec<ConceptId> {
        set.iter().filter(|concept| !clock.contains(concept)).copied().collect()
    };
    if dates.unknown != times.unknown {
        return false;
    }
    dates.concepts.iter().any(|one| {
        times.concepts.iter().any(|other| {
            rest(one) == rest(other)
                && !rest(one).is_empty()
                && other.iter().any(|concept| clock[1..].contains(concept))
                && !other.contains(&date_concept)
        })
    })
}
