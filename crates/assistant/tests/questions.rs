//! Questions as people ask them, and what they are understood as.
#![expect(clippy::unwrap_used, clippy::format_collect, reason = "a test may fail loudly and read simply")]

use assistant::{
    Catalog, Intent, Language,
    catalog::Ability,
    intent::{Lever, Period, Side, Unclear},
    suggest, understand,
};
use ontology::FieldId;

fn field(name: &str) -> FieldId {
    FieldId::named(name).unwrap()
}

fn catalog() -> Catalog {
    let mut catalog = Catalog {
        period: Some(Period { first: "2024-11-04".parse().unwrap(), last: "2025-10-31".parse().unwrap() }),
        findings: 7,
        ..Catalog::default()
    };
    let fields: Vec<FieldId> = [
        "machine_id",
        "work_center_id",
        "product_id",
        "product_family",
        "customer_id",
        "shift",
        "work_order_id",
    ]
    .map(field)
    .to_vec();
    for metric in assistant::metrics() {
        if matches!(metric.id, "oee_index" | "energy_kwh" | "nee_index") {
            continue;
        }
        let mut own = Ability { fields: fields.clone(), dated: true };
        if metric.id.starts_with("material_") {
            own.fields = ["material_id", "supplier_id", "product_id"].map(field).to_vec();
        }
        if matches!(metric.id, "downtime_hours" | "stoppages") {
            own.fields = ["machine_id", "downtime_reason"].map(field).to_vec();
        }
        if metric.id == "actual_total_cost" || metric.id == "cost_variance" {
            own.fields = ["product_id", "product_family", "customer_id", "work_order_id"].map(field).to_vec();
        }
        catalog.metrics.insert(metric.id.to_owned(), own);
    }
    for (name, values) in [
        ("machine_id", &["M-01", "M-02", "M-07"][..]),
        ("work_center_id", &["TURN", "MILL", "100"]),
        ("product_id", &["P-100", "P-200"]),
        ("product_family", &["Shafts", "Gears"]),
        ("customer_id", &["Acme GmbH", "C-2"]),
        ("shift", &["1", "2", "Night"]),
        ("material_id", &["MAT-07", "MAT-08"]),
        ("supplier_id", &["S03", "Müller Stahl"]),
        ("downtime_reason", &["tool breakage", "setup"]),
    ] {
        catalog.values.insert(field(name), values.iter().map(|value| (*value).to_owned()).collect());
    }
    catalog.long.push(field("work_order_id"));
    catalog
}

/// A short form of an intent, so that a table of questions can be read.
fn short(intent: &Intent) -> String {
    let figure = |figure: &assistant::intent::Figure| {
        let filters: Vec<String> =
            figure.filters.iter().map(|f| format!("{}={}", f.field, f.value)).collect();
        let period = figure.period.map_or(String::new(), |p| format!(" {}..{}", p.first, p.last));
        let filters = if filters.is_empty() { String::new() } else { format!(" [{}]", filters.join(",")) };
        let without: String =
            figure.without.iter().map(|f| format!(" without [{}={}]", f.field, f.value)).collect();
        let beyond = figure.beyond.map_or(String::new(), |bound| {
            format!(" {} {}", if bound.above { "above" } else { "below" }, bound.value)
        });
        format!("{}{filters}{without}{period}{beyond}", figure.metric)
    };
    match intent {
        Intent::Metric { figures, group } => {
            let figures: Vec<String> = figures.iter().map(figure).collect();
            format!("metric {}{}", figures.join(" & "), group.map_or(String::new(), |g| format!(" by {g}")))
        }
        Intent::Top { figure: f, group, n, most } => {
            format!("{} {n} {group} {}", if *most { "top" } else { "bottom" }, figure(f))
        }
        Intent::Trend { figure: f, step } => format!("trend {} {}", step.as_str(), figure(f)),
        Intent::Compare { figure: f, sides } => {
            let sides: Vec<String> = sides
                .iter()
                .map(|side| match side {
                    Side::Entity(filter) => format!("{}={}", filter.field, filter.value),
                    Side::Period(p) => format!("{}..{}", p.first, p.last),
                    Side::Whole => "whole".to_owned(),
                })
                .collect();
            format!("compare {} {}", figure(f), sides.join(" | "))
        }
        Intent::WhatIf { lever, scope } => format!(
            "if {lever:?}{}",
            scope.iter().map(|f| format!(" [{}={}]", f.field, f.value)).collect::<String>()
        ),
        Intent::Explain { metric, .. } => format!("explain {metric}"),
        Intent::Missing { metric } => format!("missing {}", metric.unwrap_or("")).trim().to_owned(),
        Intent::Findings { n, filters } => format!(
            "findings {n}{}",
            filters.iter().map(|f| format!(" [{}={}]", f.field, f.value)).collect::<String>()
        ),
        Intent::Values { field } => format!("values {field}"),
        Intent::Overview => "overview".to_owned(),
        Intent::Help => "help".to_owned(),
        Intent::Unclear(why) => match why {
            Unclear::NotUnderstood => "unclear".to_owned(),
            Unclear::NotHeld { said } => format!("nothing on {said}"),
            Unclear::WhichFigure { dimension, .. } => format!("which figure of {dimension}"),
            Unclear::Which { metrics } => format!("which {}", metrics.join("/")),
            Unclear::WhichField { value, .. } => format!("which field {value}"),
            Unclear::NoSuchValue { said, .. } => format!("no such {said}"),
            Unclear::NotBy { metric, field, .. } => format!("not {metric} by {field}"),
            Unclear::NotThere { metric } => format!("not there {metric}"),
            Unclear::NoSuchField { dimension } => format!("no field {dimension}"),
            Unclear::HowMuch => "how much".to_owned(),
            Unclear::Condition { .. } => "condition".to_owned(),
            Unclear::People => "people".to_owned(),
            Unclear::Time { .. } => "time".to_owned(),
        },
    }
}

#[test]
fn questions_are_understood() {
    let catalog = catalog();
    let table = include_str!("questions.txt");
    let mut wrong = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (question, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
        let understood = understand(question.trim(), &catalog, Language::English);
        let short = short(&understood.intent);
        if short != expected.trim() {
            wrong.push(format!(
                "{question}\n  expected {expected}\n  found    {short} (corrections {:?}, ignored {:?})",
                understood.corrections, understood.ignored
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn corrections_are_told() {
    let catalog = catalog();
    for (question, from, to) in [
        ("what is our scarp rate", "scarp", "scrap"),
        ("top 3 suplliers by spend", "suplliers", "suppliers"),
        ("Wie hoch ist die Ausschusqote?", "Ausschusqote", "ausschussquote"),
        ("¿Cuál es el marjen por cliente?", "marjen", "margen"),
    ] {
        let understood = understand(question, &catalog, Language::English);
        assert_eq!(understood.corrections, [(from.to_owned(), to.to_owned())], "{question}");
        assert!(!matches!(understood.intent, Intent::Unclear(_)), "{question}: {:?}", understood.intent);
    }
}

#[test]
fn suggestions_are_questions_that_work() {
    let catalog = catalog();
    for language in Language::ALL {
        let starters = suggest::starters(&catalog, language);
        assert!(starters.len() > 4, "{starters:?}");
        let mut all = starters;
        for question in all.clone() {
            let understood = understand(&question, &catalog, language);
            assert_eq!(understood.language, language, "{question}");
            all.extend(suggest::follow_ups(&understood.intent, &catalog, language));
        }
        for question in all {
            let understood = understand(&question, &catalog, language);
            assert!(!matches!(understood.intent, Intent::Unclear(_)), "{question}: {:?}", understood.intent);
            assert!(
                understood.corrections.is_empty() && understood.ignored.is_empty(),
                "{question}: {understood:?}"
            );
        }
    }
}

#[test]
fn suggestions_are_sentences_that_people_would_say() {
    let catalog = catalog();
    let listed = |language| {
        let mut all = suggest::starters(&catalog, language);
        for question in all.clone() {
            let understood = understand(&question, &catalog, language);
            all.extend(suggest::follow_ups(&understood.intent, &catalog, language));
        }
        all
    };
    let (english, german, spanish) =
        (listed(Language::English), listed(Language::German), listed(Language::Spanish));
    // As many in each: none was dropped because the wording of a language is not understood.
    assert_eq!((german.len(), spanish.len()), (english.len(), english.len()));
    for question in [english, german, spanish].concat() {
        assert!(!question.contains(':'), "{question}");
        let first = question.trim_start_matches('¿').chars().next().unwrap();
        assert!(first.is_uppercase(), "{question}");
    }
}

#[test]
fn nothing_is_suggested_that_the_data_do_not_hold() {
    let empty = Catalog::default();
    for language in Language::ALL {
        for question in suggest::starters(&empty, language) {
            assert!(
                matches!(understand(&question, &empty, language).intent, Intent::Missing { .. }),
                "{question}"
            );
        }
    }
}

#[test]
fn a_case_keeps_its_number() {
    let catalog = catalog();
    let understood = understand("What if scrap falls from 4% to 1.5%?", &catalog, Language::English);
    // Two numbers: the one after "to" counts.
    assert_eq!(
        understood.intent,
        Intent::WhatIf { lever: Lever::ScrapTo { rate: 0.015 }, scope: Vec::new() }
    );
}

proptest::proptest! {
    #[test]
    fn nothing_that_is_typed_breaks_it(question in "\\PC{0,200}") {
        let _ = understand(&question, &catalog(), Language::German);
    }

    #[test]
    fn words_in_any_order_break_nothing(words in proptest::collection::vec(proptest::sample::select(vec![
        "scrap", "rate", "M-07", "last", "3", "months", "by", "what", "if", "20%", "to", "compare", "June", "2025", "von", "bis", "seit", "entre", "machine", "?",
    ]), 0..12)) {
        let _ = understand(&words.join(" "), &catalog(), Language::English);
    }
}
