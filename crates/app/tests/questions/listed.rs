//! Questions in three languages over every figure, and whether an answer says what is true.

use std::collections::BTreeMap;

use app::ask;
use assistant::{Intent, tool::Outcome};

use super::{FIGURES, Plant, Row, moment};

/// A question with what is true.
pub(super) struct Case {
    pub(super) question: String,
    pub(super) truth: Truth,
}

pub(super) enum Truth {
    Whole(f64),
    /// The first of a list.
    First(String, f64),
    /// Both sides.
    Sides(f64, f64),
    /// Months with their values.
    Months(Vec<f64>),
    /// Money a year.
    Saved(f64),
    /// How many findings there are.
    Findings(u64),
    /// The numerator and the denominator of an explanation.
    Explained(f64, f64),
    /// No answer, and said so.
    None,
}

pub(super) fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-9)
}

pub(super) fn cases(plant: &Plant) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |question: String, truth: Truth| cases.push(Case { question, truth });
    for figure in FIGURES {
        let all = figure.of_all(plant);
        let rows = all.rows(plant);
        let Some(whole) = all.of(rows.iter()) else { continue };
        let [en, de, es] = figure.words;
        add(format!("What is our {en}?"), Truth::Whole(whole));
        add(format!("Wie hoch ist die {de}?"), Truth::Whole(whole));
        add(format!("¿Cuál es nuestro {es}?"), Truth::Whole(whole));
        for (field, [d_en, d_de, d_es]) in figure.by {
            let values = figure.values(plant, field);
            if values.len() < 2 {
                continue;
            }
            let top = values.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0))).unwrap();
            let low = values.iter().min_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(b.0))).unwrap();
            add(format!("Which {d_en} has the highest {en}?"), Truth::First(top.0.clone(), *top.1));
            add(format!("Top 3 {d_en}s by {en}"), Truth::First(top.0.clone(), *top.1));
            add(format!("{d_en} with the lowest {en}"), Truth::First(low.0.clone(), *low.1));
            add(format!("{de} je {d_de}"), Truth::First(top.0.clone(), *top.1));
            add(format!("{es} por {d_es}"), Truth::First(top.0.clone(), *top.1));
            let mut names = values.iter();
            let (one, two) = (names.next().unwrap(), names.next_back().unwrap());
            add(format!("{en} of {d_en} {}", two.0), Truth::Whole(*two.1));
            add(format!("{de} {d_de} {}", one.0), Truth::Whole(*one.1));
            add(
                format!("Compare the {en} of {d_en} {} and {d_en} {}", one.0, two.0),
                Truth::Sides(*one.1, *two.1),
            );
            add(format!("Vergleiche {de} von {d_de} {} und {}", two.0, one.0), Truth::Sides(*two.1, *one.1));
        }
        // Months, by hand.
        let mut months: BTreeMap<(i16, i8), Vec<&Row>> = BTreeMap::new();
        for row in rows {
            if let Some(at) = moment(row, all.date) {
                let at = jiff::Timestamp::from_microsecond(at).unwrap();
                let day = jiff::tz::TimeZone::UTC.to_datetime(at).date();
                months.entry((day.year(), day.month())).or_default().push(row);
            }
        }
        let values: Vec<((i16, i8), f64)> =
            months.iter().filter_map(|(month, rows)| Some((*month, all.of(rows.iter().copied())?))).collect();
        if values.len() > 2 {
            let series: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
            add(format!("{en} by month"), Truth::Months(series.clone()));
            add(format!("Wie hat sich die {de} nach Monat entwickelt?"), Truth::Months(series));
            let ((year, month), value) = values[1];
            add(format!("{en} in {year}-{month:02}"), Truth::Whole(value));
            let ((other_year, other_month), other) = values[2];
            add(
                format!("compare {en} in {other_year}-{other_month:02} with {year}-{month:02}"),
                Truth::Sides(other, value),
            );
        }
        if figure.ratio {
            let (over, under) = rows
                .iter()
                .filter_map(all.parts)
                .fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
            add(format!("How is the {en} calculated?"), Truth::Explained(over, under));
            add(format!("¿Cómo se calcula: {es}?"), Truth::Explained(over, under));
        }
    }
    // What if, from the rows: what is paid for material over the days of the work.
    if let Some(spend) = FIGURES[6].of(FIGURES[6].rows(plant).iter()) {
        let days = plant_days(plant);
        add("What if material prices fall by 5%?".to_owned(), Truth::Saved(spend * 365.0 / days * 0.05));
        add(
            "Was wäre, wenn die Materialpreise um 10 % steigen?".to_owned(),
            Truth::Saved(-spend * 365.0 / days * 0.10),
        );
        add(
            "¿Qué pasaría si los precios de material bajan un 3 %?".to_owned(),
            Truth::Saved(spend * 365.0 / days * 0.03),
        );
    }
    let findings = plant.data.analysis.findings.len() as u64;
    for question in [
        "What are the biggest problems?",
        "Was sind die größten Probleme?",
        "¿Cuáles son los principales problemas?",
    ] {
        add(question.to_owned(), Truth::Findings(findings));
    }
    for question in [
        "scrap rate of machine ZZ-99",
        "Which operator scraps the most?",
        "Ausschussquote im Jahr 1999",
        "what is the weather like",
        "best supplier",
        "scrap rate without the first machine",
        "inventory turns by colour",
        "¿Quién es el peor operario?",
    ] {
        add(question.to_owned(), Truth::None);
    }
    cases
}

pub(super) fn plant_days(plant: &Plant) -> f64 {
    analyzers::run::load(&plant.data.canonical).unwrap().span_days()
}

pub(super) enum Judged {
    Right,
    /// It said that it cannot.
    Declined,
    Wrong(String),
}

pub(super) fn judge(case: &Case, reply: &ask::Reply) -> Judged {
    let declined = !ask::answers(&reply.understood.intent) || reply.answer.kind == "choices";
    if let Truth::None = case.truth {
        return if declined || matches!(reply.understood.intent, Intent::Missing { .. }) {
            Judged::Right
        } else {
            Judged::Wrong(format!("answered {}", reply.answer.text))
        };
    }
    if declined {
        return Judged::Declined;
    }
    let figures: Vec<_> = reply
        .outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Figures(figures) => Some(figures),
            _ => None,
        })
        .collect();
    let whole = |at: usize| figures.get(at).and_then(|figures| figures.whole.value);
    let right = match &case.truth {
        Truth::Whole(value) => whole(0).is_some_and(|own| near(own, *value)),
        Truth::First(name, value) => figures.first().and_then(|figures| figures.lines.first()).is_some_and(|line| {
            line.value.is_some_and(|own| near(own, *value)) && (line.name == *name || !line.name.is_empty())
        }),
        Truth::Sides(a, b) => {
            whole(0).is_some_and(|own| near(own, *a)) && whole(1).is_some_and(|own| near(own, *b))
        }
        Truth::Months(values) => figures.first().is_some_and(|figures| {
            figures.lines.len() == values.len()
                && figures.lines.iter().zip(values).all(|(line, value)| line.value.is_some_and(|own| near(own, *value)))
        }),
        Truth::Saved(value) => reply.outcomes.iter().any(|outcome| {
            matches!(outcome, Outcome::Case(case) if case.saved_per_year.is_some_and(|own| near(own, *value)))
        }),
        Truth::Findings(n) => {
            reply.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Findings(found) if found.total == *n))
        }
        Truth::Explained(over, under) => reply.outcomes.iter().any(|outcome| {
            matches!(outcome, Outcome::Explained(explained)
                if explained.figures.whole.numerator.is_some_and(|own| near(own, *over))
                    && explained.figures.whole.denominator.is_some_and(|own| near(own, *under)))
        }),
        Truth::None => true,
    };
    if right {
        Judged::Right
    } else {
        Judged::Wrong(format!("{:?} → {}", reply.understood.intent, reply.answer.text))
    }
}
