//! Why a column means what it means, in sentences from the data.

use domain::{Granularity, ValueKind, mapping::MatchKind};
use ontology::FieldType;

use crate::{
    candidate::Candidate,
    grain::Decision,
    knowledge::Meaning,
    matchers::{Signal, Signals, kind},
    names::compact,
    system::entries,
    unit::Stated,
    view::View,
};

/// The sentences for one column, strongest first.
pub(crate) fn of_column(
    view: &View<'_>,
    column: usize,
    chosen: Candidate,
    fields: &[Candidate],
    signals: &Signals,
    unit: Option<&Stated>,
    grain: Granularity,
) -> Vec<String> {
    let mut sentences = Vec::new();
    let values = by_values(view, column, chosen).filter(|_| chosen != Candidate::LEFT_OUT);
    let unread = chosen.definition().is_some_and(|field| {
        !view.facts[column].empty() && kind::cannot_be(chosen, kind::suits(field, &view.facts[column]))
    });
    // What speaks against it is told first.
    if unread {
        sentences.extend(values.clone());
    }
    if signals.get(column, chosen, Signal::Memory) > 0.0 {
        sentences.push("Confirmed before for this header.".to_owned());
    }
    if let Some(because) = unit.and_then(|unit| unit.because.as_deref()) {
        sentences.push(sentence(because));
    }
    if view.hints[column].iter().any(|(candidate, _)| *candidate == chosen) {
        sentences.push(format!("Shares its values with the {} of another file.", plain(chosen)));
    }
    sentences.extend(by_relation(view, column, chosen, fields));
    sentences.extend(by_dictionary(view, column, chosen));
    sentences.extend(by_words(view, column));
    if chosen == Candidate::LEFT_OUT {
        sentences.extend(left_out(view, column, signals));
    } else {
        sentences.extend(values.filter(|_| !unread));
        if signals.get(column, chosen, Signal::Grain).abs() > 0.4 {
            sentences.push(sentence(row_is(grain)));
        }
    }
    sentences.truncate(6);
    sentences
}

/// By what kind of likeness a column was matched; `None` where it is left out.
pub(crate) fn matched_by(
    view: &View<'_>,
    column: usize,
    chosen: Candidate,
    signals: &Signals,
) -> Option<MatchKind> {
    let field = chosen.field()?;
    let signal = |wanted: Signal| signals.get(column, chosen, wanted);
    let name = &view.names[column];
    if signal(Signal::Memory) > 0.0 {
        return Some(MatchKind::Confirmed);
    }
    if name.key == compact(field.as_str()) {
        return Some(MatchKind::Exact);
    }
    if name.key == compact(&field.display_name()) {
        return Some(MatchKind::DisplayName);
    }
    let of_a_system = entries(view.knowledge, name).any(|(entry, literal)| {
        let means = matches!(&entry.meaning, Meaning::Fields(ids) if ids.contains(&field));
        literal >= 0.9 && means
    });
    if of_a_system || signal(Signal::LexiconWhole) > 0.99 {
        return Some(MatchKind::Synonym);
    }
    let shared = view.hints[column].iter().any(|(candidate, _)| *candidate == chosen);
    let values = shared || signal(Signal::CodeList) > 0.0 || signal(Signal::Relation) > 0.0;
    let worded = signal(Signal::Lexicon) > 0.3 || signal(Signal::Dictionary) > 0.0;
    Some(if values && !worded { MatchKind::Pattern } else { MatchKind::Fuzzy })
}

/// Capital first, full stop last.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    out.push_str(chars.as_str());
    if !out.ends_with('.') {
        out.push('.');
    }
    out
}

/// What the words of the header stand for: `Ist = actual, Menge = quantity`.
fn by_words(view: &View<'_>, column: usize) -> Option<String> {
    let known: Vec<String> = view.names[column]
        .phrases
        .iter()
        .filter_map(|phrase| {
            let meaning: Vec<String> = phrase
                .readings
                .first()?
                .iter()
                .map(|concept| view.knowledge.concepts.words(*concept))
                .collect();
            let meaning = meaning.join(" ");
            explains(&phrase.text, &meaning).then(|| format!("{} = {meaning}", phrase.text))
        })
        .collect();
    (!known.is_empty()).then(|| sentence(&known.join(", ")))
}

/// Whether a meaning says more than its words do: a unit that was written out, `(h)` as `in hours`, explains nothing by itself.
fn explains(text: &str, meaning: &str) -> bool {
    let unit = text.to_lowercase();
    let is_unit =
        unit.starts_with("in ") && meaning.split(' ').all(|word| unit.split(' ').any(|known| known == word));
    !meaning.is_empty() && meaning != "filler" && !is_unit
}

fn by_dictionary(view: &View<'_>, column: usize, chosen: Candidate) -> Option<String> {
    let mut best: Option<(f64, String)> = None;
    for (entry, literal) in entries(view.knowledge, &view.names[column]) {
        let means = match &entry.meaning {
            Meaning::Unmapped => chosen == Candidate::LEFT_OUT,
            Meaning::Fields(ids) => chosen.field().is_some_and(|field| ids.contains(&field)),
        };
        let weight = literal * (0.1 + view.systems.table_share(entry) + view.systems.share(entry.system));
        if means && best.as_ref().is_none_or(|(known, _)| weight > *known) {
            let system = view.knowledge.dictionary.systems().get(usize::from(entry.system));
            let (system, table) =
                (system.map_or("", String::as_str), view.knowledge.dictionary.table(entry.table));
            let what = if chosen == Candidate::LEFT_OUT {
                "has no use in the analysis".to_owned()
            } else {
                format!("is {}", plain(chosen))
            };
            best = Some((weight, format!("{} of {system} {table} {what}.", entry.column)));
        }
    }
    best.map(|(_, text)| text)
}

/// A field in plain words.
fn plain(candidate: Candidate) -> String {
    candidate.name().replace('_', " ")
}

fn by_values(view: &View<'_>, column: usize, chosen: Candidate) -> Option<String> {
    let facts = &view.facts[column];
    if facts.empty() {
        return Some("The column holds no value.".to_owned());
    }
    let field = chosen.definition()?;
    if kind::cannot_be(chosen, kind::suits(field, facts)) {
        let wanted = match field.type_ {
            FieldType::Timestamp => "a date",
            FieldType::Flag => "yes or no",
            _ => "a number",
        };
        return Some(format!("The values cannot be read as {wanted}; look at them before you use it."));
    }
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    Some(match (field.type_, facts.kind) {
        (FieldType::Number, ValueKind::Integer) => format!("All {} values are whole numbers.", facts.filled),
        (FieldType::Number, ValueKind::Decimal) if facts.whole > 0.5 => {
            format!("{} of the values are whole numbers.", percent(facts.whole))
        }
        (FieldType::Number, ValueKind::Decimal) => {
            format!("All {} values are numbers with decimals.", facts.filled)
        }
        (FieldType::Timestamp, ValueKind::Date) => format!("All {} values are dates.", facts.filled),
        (FieldType::Timestamp, ValueKind::DateTime) => {
            format!("All {} values are dates with a time of day.", facts.filled)
        }
        (FieldType::Identifier | FieldType::Category, _) if facts.distinct == 1 && facts.filled > 1 => {
            format!("The same value in each of {} rows.", facts.filled)
        }
        (FieldType::Identifier | FieldType::Category, _) => {
            format!("{} distinct values in {} rows.", facts.distinct, facts.filled)
        }
        (FieldType::Text, ValueKind::Text) if facts.person > 0.6 => {
            "The values look like names of people.".to_owned()
        }
        (FieldType::Flag, _) if facts.distinct <= 2 => "Two values only.".to_owned(),
        _ => return None,
    })
}

fn left_out(view: &View<'_>, column: usize, signals: &Signals) -> Option<String> {
    let facts = &view.facts[column];
    if facts.empty() {
        Some("The column holds no value.".to_owned())
    } else if facts.machine_made > 0.5 {
        Some("The values are keys made by a machine.".to_owned())
    } else if facts.constant() {
        Some("The same value in every row.".to_owned())
    } else if signals.get(column, Candidate::LEFT_OUT, Signal::Unknown) > 0.6 {
        Some("No known word in the header says what it is.".to_owned())
    } else {
        None
    }
}

fn by_relation(view: &View<'_>, column: usize, chosen: Candidate, fields: &[Candidate]) -> Vec<String> {
    if chosen == Candidate::LEFT_OUT {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    let header = |column: usize| view.columns[column].header.as_str();
    let mapped = |column: usize| fields[column] != Candidate::LEFT_OUT;
    for found in view.relations.breakdowns.iter().filter(|found| found.parts.contains(&column)) {
        if let Some(rest) = found.rest {
            sentences.push(format!(
                "With {} other columns it is what {} lacks of {} in {} of {} rows.",
                found.parts.len() - 1,
                header(rest),
                header(found.whole),
                found.rows,
                found.of
            ));
        }
    }
    for sum in &view.relations.sums {
        let parts = sum.parts;
        if (sum.whole == column || parts.contains(&column))
            && [sum.whole, parts[0], parts[1]].into_iter().all(mapped)
        {
            sentences.push(format!(
                "{} + {} = {} in {} of {} rows.",
                header(parts[0]),
                header(parts[1]),
                header(sum.whole),
                sum.rows,
                sum.of
            ));
        }
    }
    for product in &view.relations.products {
        let factors = product.factors;
        if product.result == column && mapped(factors[0]) && mapped(factors[1]) {
            sentences.push(format!(
                "{} × {} gives {} in {} of {} rows.",
                header(factors[0]),
                header(factors[1]),
                header(column),
                product.rows,
                product.of
            ));
        }
    }
    let name = chosen.name();
    if let Some(thing) = name.strip_suffix("_name") {
        let id = format!("{thing}_id");
        if let Some(id) = fields.iter().position(|field| field.name() == id)
            && view.relations.determines(id, column)
        {
            sentences.push(format!("Every {} has one {}.", header(id), header(column)));
        }
    }
    if name.ends_with("_end") {
        let start = name.replace("_end", "_start");
        if let Some(start) = fields.iter().position(|field| field.name() == start) {
            let order = view.relations.order(start, column);
            if order.rows >= 8 && order.not_above > 0.9 {
                sentences.push(format!(
                    "Never before {} in {:.0} % of {} rows.",
                    header(start),
                    100.0 * order.not_above,
                    order.rows
                ));
            }
        }
    }
    sentences.truncate(2);
    sentences
}

fn row_is(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Header => "one row is one order",
        Granularity::Operation => "one row is one operation",
        Granularity::Labor => "one row is one booking",
        Granularity::Material => "one row is one component of an order",
        Granularity::Event => "one row is one event",
    }
}

/// Why one row is what it is.
pub(crate) fn of_grain(view: &View<'_>, decision: &Decision) -> Vec<String> {
    let granularity = decision.grain.best();
    let header = |column: usize| view.columns[column].header.as_str();
    let mut sentences = Vec::new();
    let telling: Vec<&str> = decision.telling.iter().map(|column| header(*column)).collect();
    let by =
        if telling.is_empty() { String::new() } else { format!(", by its columns {}", telling.join(", ")) };
    sentences.push(sentence(&format!("{}{by}", row_is(granularity))));
    if let Some(order) = decision.order_column {
        let facts = &view.facts[order];
        sentences.push(if decision.one_row_per_order {
            format!("No two rows share their {}.", header(order))
        } else {
            format!("{} rows belong to {} values of {}.", facts.filled, facts.distinct, header(order))
        });
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_was_written_out_is_not_explained_by_itself() {
        for (text, meaning, expected) in [
            ("in hours", "hours in hours", false),
            ("In Hours", "hours in hours", false),
            ("Std", "in hours", true),
            ("type", "type", true),
            ("of", "filler", false),
            ("x", "", false),
        ] {
            assert_eq!(explains(text, meaning), expected, "{text}");
        }
    }
}
