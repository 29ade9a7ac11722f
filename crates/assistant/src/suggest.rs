//! Questions that can be asked: every one is understood and can be answered from the data at hold.

use crate::{
    Catalog, Dimension, Intent, Language, Metric, grammar,
    intent::Unclear,
    understand,
    word::{dimension, metric_name},
};

/// Questions that are shown at once.
const AT_ONCE: usize = 4;

/// Figures worth asking for, the most telling first.
const TELLING: &[&str] = &[
    "cost_variance",
    "scrap_ratio",
    "labor_efficiency",
    "on_time_delivery",
    "actual_total_cost",
    "setup_ratio",
    "downtime_hours",
    "material_spend",
    "labor_rate",
    "rework_ratio",
    "actual_run_hours",
    "quantity_completed",
    "lead_time",
    "oee_index",
    "margin",
    "energy_kwh",
];

/// To begin with.
pub fn starters(catalog: &Catalog, language: Language) -> Vec<String> {
    let mut questions = Vec::new();
    if catalog.findings > 0 {
        questions.push(
            language
                .pick([
                    "What are the biggest problems?",
                    "Was sind die größten Probleme?",
                    "¿Cuáles son los principales problemas?",
                ])
                .to_owned(),
        );
    }
    let telling: Vec<&str> = TELLING.iter().copied().filter(|metric| catalog.has(metric)).collect();
    for (at, metric) in telling.iter().take(4).enumerate() {
        let by = best_dimension(metric, catalog);
        questions.push(match (at % 3, by) {
            (0, Some(dimension)) => top(metric, dimension, worst(metric), language),
            (1, _) if catalog.dated(metric) => trend(metric, language),
            (2, Some(dimension)) => by_question(metric, dimension, language),
            _ => self::metric(metric, language),
        });
    }
    questions.extend(cases(catalog, language).into_iter().take(1));
    questions.push(
        language.pick(["What data are missing?", "Welche Daten fehlen?", "¿Qué datos faltan?"]).to_owned(),
    );
    keep(questions, catalog, language, 6)
}

/// What to ask after an answer.
pub fn follow_ups(intent: &Intent, catalog: &Catalog, language: Language) -> Vec<String> {
    let of = |metric: &'static str| {
        let mut questions = Vec::new();
        let by = best_dimension(metric, catalog);
        if !matches!(intent, Intent::Top { .. }) {
            questions.extend(by.map(|dimension| top(metric, dimension, worst(metric), language)));
        }
        if !matches!(intent, Intent::Trend { .. }) && catalog.dated(metric) {
            questions.push(trend(metric, language));
        }
        if !matches!(intent, Intent::Explain { .. }) {
            questions.push(explain(metric, language));
        }
        if matches!(intent, Intent::Top { .. } | Intent::Trend { .. } | Intent::Explain { .. }) {
            questions.extend(
                second_dimension(metric, catalog).map(|dimension| by_question(metric, dimension, language)),
            );
            questions.push(self::metric(metric, language));
        }
        questions
    };
    let questions = match intent {
        Intent::Metric { figures, .. } => figures.first().map(|figure| of(figure.metric)).unwrap_or_default(),
        Intent::Top { figure, .. } | Intent::Trend { figure, .. } | Intent::Compare { figure, .. } => {
            of(figure.metric)
        }
        Intent::Explain { metric, .. } => of(metric),
        Intent::WhatIf { .. } => cases(catalog, language),
        Intent::Unclear(Unclear::NotUnderstood | Unclear::NotHeld { .. } | Unclear::People) => Vec::new(),
        _ => starters(catalog, language),
    };
    keep(questions, catalog, language, AT_ONCE)
}

/// Only what is understood as something that can be answered: a promise that is kept by checking it.
fn keep(questions: Vec<String>, catalog: &Catalog, language: Language, n: usize) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for question in questions {
        if kept.len() == n {
            break;
        }
        let understood = understand(&question, catalog, language);
        let works = !matches!(understood.intent, Intent::Unclear(_)) && understood.ignored.is_empty();
        if works && !kept.contains(&question) {
            kept.push(question);
        }
    }
    kept
}

pub(crate) fn rankings(key: &str, most: bool, catalog: &Catalog, language: Language) -> Vec<String> {
    let Some(dimension) = Dimension::keyed(key) else { return Vec::new() };
    let able = |metric: &&&str| dimension.fields.iter().any(|field| catalog.can(metric, *field));
    let questions =
        TELLING.iter().filter(able).map(|metric| top(metric, dimension, most, language)).collect();
    keep(questions, catalog, language, AT_ONCE)
}

/// Cases with numbers that the data can work out.
pub(crate) fn cases(catalog: &Catalog, language: Language) -> Vec<String> {
    let mut questions = Vec::new();
    if catalog.has("actual_setup_hours") {
        questions.push(language.pick([
            "What if setup time is reduced by 20%?",
            "Was wäre, wenn die Rüstzeit um 20 % sinkt?",
            "¿Qué pasaría si el tiempo de preparación baja un 20 %?",
        ]));
    }
    if catalog.has("scrap_ratio") {
        questions.push(language.pick([
            "What if scrap falls to 1%?",
            "Was wäre, wenn der Ausschuss auf 1 % sinkt?",
            "¿Qué pasaría si el rechazo baja al 1 %?",
        ]));
    }
    if catalog.has("material_spend") {
        questions.push(language.pick([
            "What if material prices fall by 5%?",
            "Was wäre, wenn die Materialpreise um 5 % sinken?",
            "¿Qué pasaría si los precios de material bajan un 5 %?",
        ]));
    }
    if catalog.has("queue_time_share") {
        questions.push(language.pick([
            "What if we add a shift?",
            "Was wäre, wenn wir eine Schicht hinzufügen?",
            "¿Qué pasaría si añadimos un turno?",
        ]));
    }
    keep(questions.into_iter().map(str::to_owned).collect(), catalog, language, AT_ONCE)
}

pub(crate) fn metric(metric: &str, language: Language) -> String {
    let name = metric_name(metric, language);
    grammar::value(metric, &name, language).unwrap_or_else(|| {
        language.pick([
            format!("What is our {name}?"),
            format!("Wie hoch ist: {name}?"),
            format!("¿Cuál es el valor de: {name}?"),
        ])
    })
}

pub(crate) fn by(metric: &str, dimension: &Dimension, language: Language) -> String {
    by_question(metric, dimension, language)
}

fn by_question(metric: &str, by: &Dimension, language: Language) -> String {
    let (name, by) = (raised(metric, language), dimension(by.key, language, false));
    language.pick([format!("{name} by {by}"), format!("{name} je {by}"), format!("{name} por {by}")])
}

/// The name of a figure at the start of a line.
fn raised(metric: &str, language: Language) -> String {
    let name = metric_name(metric, language);
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn top(metric: &str, by: &Dimension, most: bool, language: Language) -> String {
    let (name, many) = (metric_name(metric, language), dimension(by.key, language, true));
    if let Some(question) = grammar::top(metric, &name, &many, most, language) {
        return question;
    }
    if most {
        language.pick([
            format!("Which {many} have the highest {name}?"),
            format!("Welche {many} haben am meisten: {name}?"),
            format!("¿Qué {many} tienen el mayor valor de: {name}?"),
        ])
    } else {
        language.pick([
            format!("Which {many} have the lowest {name}?"),
            format!("Welche {many} haben am wenigsten: {name}?"),
            format!("¿Qué {many} tienen el menor valor de: {name}?"),
        ])
    }
}

fn trend(metric: &str, language: Language) -> String {
    let name = raised(metric, language);
    language.pick([format!("{name} by month"), format!("{name} nach Monat"), format!("{name} por mes")])
}

fn explain(metric: &str, language: Language) -> String {
    let name = metric_name(metric, language);
    grammar::explanation(metric, &name, language).unwrap_or_else(|| {
        language.pick([
            format!("How is {name} calculated?"),
            format!("Wie wird {name} berechnet?"),
            format!("¿Cómo se calcula {name}?"),
        ])
    })
}

pub(crate) fn missing(metric: &str, language: Language) -> String {
    let name = metric_name(metric, language);
    grammar::gap(metric, &name, language).unwrap_or_else(|| {
        language.pick([
            format!("What data are missing for {name}?"),
            format!("Welche Daten fehlen für {name}?"),
            format!("¿Qué datos faltan para {name}?"),
        ])
    })
}

fn worst(metric: &str) -> bool {
    Metric::named(metric).is_none_or(|metric| !metric.higher_is_better)
}

/// The dimension that a figure is usually broken down by first, of those that the data hold.
fn best_dimension(metric: &str, catalog: &Catalog) -> Option<&'static Dimension> {
    able(metric, catalog).next()
}

fn second_dimension(metric: &str, catalog: &Catalog) -> Option<&'static Dimension> {
    able(metric, catalog).nth(1)
}

fn able<'a>(metric: &'a str, catalog: &'a Catalog) -> impl Iterator<Item = &'static Dimension> + 'a {
    [
        "supplier",
        "machine",
        "work_center",
        "product",
        "product_family",
        "material",
        "customer",
        "shift",
        "downtime_reason",
        "department",
    ]
    .into_iter()
    .filter_map(Dimension::keyed)
    .filter(move |dimension| {
        dimension
            .fields
            .iter()
            .find(|field| catalog.holds(**field))
            .is_some_and(|field| catalog.can(metric, *field))
    })
}
