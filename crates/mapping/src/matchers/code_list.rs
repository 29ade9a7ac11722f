//! Values that stand in a code list (statuses, kinds of booking, units, shifts), and numbers whose letters in front
//! say what they number.

use ontology::FieldType;

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, grain::tells_production, knowledge::Theme, view::View};

pub(super) fn match_columns(view: &View<'_>, _beliefs: &Beliefs, signals: &mut Signals) {
    for (column, facts) in view.facts.iter().enumerate() {
        if !facts.prefix.is_empty() {
            by_prefix(view, column, signals);
        }
        by_theme(view, column, signals);
        if facts.codes.is_empty() {
            continue;
        }
        for formula in &view.knowledge.formulas.fields {
            let candidate = Candidate::of_option(formula.field);
            let holds_codes = candidate.definition().is_some_and(|field| {
                matches!(field.type_, FieldType::Category | FieldType::Flag)
                    || field.id.as_str().contains("reason")
            });
            if !holds_codes {
                continue;
            }
            let share = facts
                .codes
                .iter()
                .filter(|(concept, _)| formula.required.iter().any(|one| one.contains(concept)))
                .map(|(_, share)| *share)
                .fold(0.0, f64::max);
            if share > signals.get(column, candidate, Signal::CodeList) {
                signals.set(column, candidate, Signal::CodeList, share);
            }
        }
    }
}

/// Fields whose values are about a theme, and how far such values speak for them.
const THEMED: [(Theme, &str, f64); 11] = [
    (Theme::Stop, "downtime_reason", 0.6),
    (Theme::Stop, "downtime_type", 0.2),
    (Theme::Defect, "defect_description", 0.6),
    (Theme::Defect, "defect_code", 0.5),
    (Theme::Step, "operation_name", 0.6),
    (Theme::Step, "operation_code", 0.3),
    (Theme::Machine, "machine_name", 0.6),
    (Theme::Machine, "machine_id", 0.2),
    (Theme::Machine, "work_center_name", 0.4),
    (Theme::Company, "customer_name", 0.5),
    (Theme::Company, "supplier_name", 0.5),
];

/// Values that need not stand in any list: their words say what they are about.
fn by_theme(view: &View<'_>, column: usize, signals: &mut Signals) {
    for (theme, field, worth) in THEMED {
        let share = view.facts[column].theme(theme);
        if share >= 0.4 && !(theme == Theme::Stop && tells_production(view, column)) {
            signals.set(column, Candidate::named(field), Signal::CodeList, worth * share);
        }
    }
}

fn by_prefix(view: &View<'_>, column: usize, signals: &mut Signals) {
    let prefix = &view.facts[column].prefix;
    let says = |name: &str| view.knowledge.concepts.id(name).is_some_and(|concept| prefix.contains(&concept));
    // Numbers of another thing's kind are none of the order: `SO20803` beside `FA4100`.
    if says("sales_order") && !says("order") {
        signals.set(column, Candidate::named("work_order_id"), Signal::CodeList, -0.6);
    }
    for formula in &view.knowledge.formulas.fields {
        let candidate = Candidate::of_option(formula.field);
        let identifies = candidate.definition().is_some_and(|field| field.type_ == FieldType::Identifier);
        if identifies
            && formula
                .required
                .iter()
                .any(|one| one.len() <= 2 && one.iter().any(|concept| prefix.contains(concept)))
        {
            signals.set(column, candidate, Signal::CodeList, 0.6);
        }
    }
}
