//! Names of figures, fields, values and periods in a sentence.

use ontology::FieldId;

use crate::{
    Dimension, Intent, Language, Metric,
    intent::{Figure, Filter, Period, Side, Step},
    number, when,
};

pub fn metric_name(id: &str, language: Language) -> String {
    Metric::named(id).map_or_else(|| id.replace('_', " "), |metric| metric.name(language).to_owned())
}

/// The noun of a field, or its id in plain words.
pub fn field_name(field: &str, language: Language) -> String {
    FieldId::named(field)
        .and_then(Dimension::of)
        .map_or_else(|| field.replace('_', " "), |dimension| dimension.name(language, false).to_owned())
}

pub fn dimension(key: &str, language: Language, many: bool) -> String {
    Dimension::keyed(key)
        .map_or_else(|| key.to_owned(), |dimension| dimension.name(language, many).to_owned())
}

/// "June 2025", "Q2 2025", "2025", or first and last day.
pub fn period_words(period: Period, language: Language) -> String {
    let is = |step: Step| {
        when::begin(step, period.first).and_then(|first| when::span(step, first)) == Some(period)
    };
    let year = period.first.year();
    if period.first == period.last {
        return period.first.to_string();
    }
    if period.last == when::OPEN {
        return format!("{} {}", language.pick(["since", "seit", "desde"]), period.first);
    }
    if is(Step::Month) {
        let name = language.months()[usize::try_from(period.first.month() - 1).unwrap_or(0)];
        return match language {
            Language::Spanish => format!("{name} de {year}"),
            _ => format!("{name} {year}"),
        };
    }
    if is(Step::Quarter) {
        return format!("Q{} {year}", (period.first.month() + 2) / 3);
    }
    if is(Step::Year) {
        return year.to_string();
    }
    let to = language.pick(["to", "bis", "a"]);
    format!("{} {to} {}", period.first, period.last)
}

pub(super) fn filter_words(filter: &Filter, language: Language) -> String {
    format!("{} {}", field_name(filter.field.as_str(), language), filter.value)
}

/// ", machine M-07, June 2025": what narrows a figure; empty for all rows.
pub(super) fn narrowed(filters: &[Filter], period: Option<Period>, language: Language) -> String {
    narrowed_but(filters, &[], period, language)
}

/// The same of a figure, with what it leaves out.
pub(super) fn narrowed_figure(figure: &Figure, language: Language) -> String {
    narrowed_but(&figure.filters, &figure.without, figure.period, language)
}

fn narrowed_but(
    filters: &[Filter],
    without: &[Filter],
    period: Option<Period>,
    language: Language,
) -> String {
    let mut parts: Vec<String> = filters.iter().map(|filter| filter_words(filter, language)).collect();
    let but = language.pick(["without", "ohne", "sin"]);
    parts.extend(without.iter().map(|filter| format!("{but} {}", filter_words(filter, language))));
    parts.extend(period.map(|period| period_words(period, language)));
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

pub(super) fn side_words(side: &Side, language: Language) -> String {
    match side {
        Side::Entity(filter) => filter_words(filter, language),
        Side::Period(period) => period_words(*period, language),
        Side::Whole => language.pick(["all rows", "alle Zeilen", "todas las filas"]).to_owned(),
    }
}

/// Periods and values of an intent as they may stand in its answer.
pub(super) fn said(intent: &Intent, language: Language) -> String {
    match intent {
        Intent::Metric { figures, .. } => {
            figures.iter().map(|figure| narrowed_figure(figure, language)).collect()
        }
        Intent::Top { figure, n, .. } => {
            format!("{} {n}", narrowed_figure(figure, language))
        }
        Intent::Trend { figure, .. } => narrowed_figure(figure, language),
        Intent::Compare { figure, sides } => {
            let sides: Vec<String> = sides.iter().map(|side| side_words(side, language)).collect();
            format!("{} {}", narrowed_figure(figure, language), sides.join(" "))
        }
        Intent::WhatIf { scope, .. } => narrowed(scope, None, language),
        Intent::Explain { filters, .. } | Intent::Findings { filters, .. } => {
            narrowed(filters, None, language)
        }
        Intent::Unclear(crate::intent::Unclear::NoSuchValue { near, said, .. }) => {
            format!("{said} {}", near.join(" "))
        }
        Intent::Unclear(crate::intent::Unclear::WhichField { value, .. }) => value.clone(),
        Intent::Unclear(crate::intent::Unclear::Condition { said }) => said.clone(),
        _ => String::new(),
    }
}

/// A value of a figure in its unit.
pub(super) fn value(value: f64, unit: &str, currency: &str, language: Language) -> String {
    number::with_unit(value, unit, currency, language)
}

/// The month, quarter or day that a line of a trend stands for, from its first day.
pub(super) fn step_name(first: &str, step: Step, language: Language) -> String {
    let Some(period) = first.parse().ok().and_then(|first| when::span(step, first)) else {
        return first.to_owned();
    };
    match step {
        Step::Week => first.to_owned(),
        _ => period_words(period, language),
    }
}

/// Names of months are folded in the lexicon; this keeps both lists in step.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_found_as_they_are_written() {
        for language in Language::ALL {
            for (at, name) in language.months().iter().enumerate() {
                assert_eq!(crate::lexicon::get().months[language as usize][at], crate::text::fold(name));
            }
        }
    }
}
