//! What was found, how a figure comes about, what is missing, what there is.

use super::{
    Answer, Citation, Query, Sheet, cite, dimension,
    figures::{capital, query, translated},
    phrases::{field_name, metric_name, narrowed, value},
};
use crate::{
    Intent, Language,
    intent::Filter,
    number,
    tool::{Explained, Findings, Missing, Outcome, Totals, Values},
};

pub(super) fn word(intent: &Intent, outcomes: &[Outcome], answer: &mut Answer) {
    let language = answer.language;
    for outcome in outcomes {
        match outcome {
            Outcome::Findings(findings) => {
                let filters: &[Filter] = match intent {
                    Intent::Findings { filters, .. } => filters,
                    _ => &[],
                };
                found(findings, filters, answer);
            }
            Outcome::Explained(explained) => {
                let filters: &[Filter] = match intent {
                    Intent::Explain { filters, .. } => filters,
                    _ => &[],
                };
                explain(explained, filters, answer);
            }
            Outcome::Missing(missing) => self::missing(missing, answer),
            Outcome::Values(values) => self::values(values, answer),
            Outcome::Totals(totals) => self::totals(totals, answer),
            _ => {}
        }
    }
    if matches!(intent, Intent::Help) {
        answer.kind = "help";
        language
            .pick([
                "I answer questions about figures (scrap, efficiency, cost, hours, delivery), lists of the highest and lowest, comparisons, developments over time, what-ifs with your numbers, how a figure comes about, what was found, and what the data lack.",
                "Ich beantworte Fragen zu Kennzahlen (Ausschuss, Effizienz, Kosten, Stunden, Liefertreue), Listen der höchsten und niedrigsten, Vergleiche, zeitliche Verläufe, Was-wäre-wenn mit Ihren Zahlen, wie eine Zahl zustande kommt, was gefunden wurde und was den Daten fehlt.",
                "Respondo preguntas sobre cifras (rechazo, eficiencia, costos, horas, entregas), listas de los más altos y más bajos, comparaciones, evoluciones, qué pasaría si con sus números, cómo se obtiene una cifra, qué se encontró y qué falta en los datos.",
            ])
            .clone_into(&mut answer.text);
    }
}

fn found(findings: &Findings, filters: &[Filter], answer: &mut Answer) {
    let language = answer.language;
    if answer.kind.is_empty() {
        answer.kind = "findings";
    }
    let narrowed = narrowed(filters, None, language);
    let money = |amount: Option<f64>| {
        amount.map_or_else(String::new, |amount| number::money(amount, &findings.currency, language))
    };
    let sentence = if findings.lines.is_empty() {
        language.pick([
            format!("Nothing was found{narrowed} that is larger than chance at these settings."),
            format!("Nichts gefunden{narrowed}, das bei diesen Einstellungen größer als Zufall wäre."),
            format!("No se encontró nada{narrowed} que supere el azar con estos ajustes."),
        ])
    } else {
        let (shown, all) = (findings.lines.len(), findings.total);
        language.pick([
            format!("{shown} of {all} findings{narrowed}, the largest yearly amount first."),
            format!("{shown} von {all} Befunden{narrowed}, der größte Betrag im Jahr zuerst."),
            format!("{shown} de {all} hallazgos{narrowed}, primero el mayor importe anual."),
        ])
    };
    answer.text = [std::mem::take(&mut answer.text), sentence]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    let range = |low: Option<f64>, high: Option<f64>| match (low, high) {
        (Some(_), Some(_)) => format!("{} – {}", money(low), money(high)),
        _ => String::new(),
    };
    if !findings.lines.is_empty() {
        answer.sheet = Some(Sheet {
            heads: language
                .pick([
                    ["Finding", "In this period", "Likely range", "A year", "Evidence"],
                    ["Befund", "Im Zeitraum", "Wahrscheinliche Spanne", "Im Jahr", "Beleg"],
                    ["Hallazgo", "En el periodo", "Rango probable", "Al año", "Evidencia"],
                ])
                .map(str::to_owned)
                .to_vec(),
            rows: findings
                .lines
                .iter()
                .map(|line| {
                    vec![
                        line.title.clone(),
                        money(line.impact),
                        range(line.low, line.high),
                        money(line.annualized),
                        line.grade.clone(),
                    ]
                })
                .collect(),
        });
    }
    for line in &findings.lines {
        answer.citations.push(Citation::Finding {
            id: line.id.clone(),
            title: line.title.clone(),
            analysis: None,
        });
    }
    answer.queries.push(Query { name: "findings".to_owned(), detail: narrowed, rows: Some(findings.total) });
}

fn explain(explained: &Explained, filters: &[Filter], answer: &mut Answer) {
    answer.kind = "explanation";
    let language = answer.language;
    let figures = &explained.figures;
    let name = capital(&metric_name(&explained.metric, language));
    let narrowed = narrowed(filters, None, language);
    let plain =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| number::plain(value, language));
    let mut text = language.pick([
        format!("{name} = {}.", explained.formula),
        format!("{name} = {}.", explained.formula),
        format!("{name} = {}.", explained.formula),
    ]);
    if let Some(one) = figures.whole.value {
        let shown = value(one, &figures.unit, &figures.currency, language);
        let rows = number::plain(figures.whole.rows as f64, language);
        let arithmetic = match (figures.whole.numerator, figures.whole.denominator) {
            (Some(_), Some(under)) if under != 1.0 => {
                format!("{} / {} = {shown}", plain(figures.whole.numerator), plain(figures.whole.denominator))
            }
            _ => shown,
        };
        text.push_str(&language.pick([
            format!("\nIn these data{narrowed}: {arithmetic}, from {rows} rows of {}.", figures.table),
            format!("\nIn diesen Daten{narrowed}: {arithmetic}, aus {rows} Zeilen von {}.", figures.table),
            format!("\nEn estos datos{narrowed}: {arithmetic}, de {rows} filas de {}.", figures.table),
        ]));
    }
    if !explained.needs.is_empty() {
        let needs = explained.needs.join(", ");
        text.push_str(&language.pick([
            format!("\nFields behind it: {needs}."),
            format!("\nFelder dahinter: {needs}."),
            format!("\nCampos utilizados: {needs}."),
        ]));
    }
    answer.text = text;
    answer.notes.extend(figures.note.as_ref().map(|note| translated(note, language)));
    answer.queries.push(Query { detail: explained.query.clone(), ..query(figures) });
    cite(answer, &figures.sources);
}

fn missing(missing: &Missing, answer: &mut Answer) {
    answer.kind = "missing";
    let language = answer.language;
    let either = language.pick([" or ", " oder ", " o "]);
    let list = |fields: &[String]| {
        fields.iter().map(|field| field.replace('|', either)).collect::<Vec<_>>().join(", ")
    };
    if let Some(metric) = &missing.metric {
        let name = capital(&metric_name(metric, language));
        answer.text = if missing.value.is_some() {
            let needs = list(&missing.needs);
            language.pick([
                format!("Nothing is missing for it: {name} can be computed from these data. It takes {needs}."),
                format!("Dafür fehlt nichts: {name} lässt sich aus diesen Daten berechnen. Gebraucht wird {needs}."),
                format!("No falta nada: {name} se puede calcular con estos datos. Hace falta {needs}."),
            ])
        } else {
            let (lacks, needs) = (list(&missing.lacks), list(&missing.needs));
            language.pick([
                format!("{name} cannot be computed from these data. It takes {needs}; not there: {lacks}."),
                format!("{name} lässt sich aus diesen Daten nicht berechnen. Gebraucht wird {needs}; es fehlt: {lacks}."),
                format!("{name} no se puede calcular con estos datos. Hace falta {needs}; falta: {lacks}."),
            ])
        };
        answer.queries.push(Query { name: "missing".to_owned(), detail: metric.clone(), rows: None });
        return;
    }
    let (skipped, wanted) = (missing.skipped.len(), missing.wanted.len());
    answer.text = if wanted + skipped == 0 {
        language
            .pick([
                "Nothing that the analyses know how to use is missing.",
                "Es fehlt nichts, womit die Auswertungen etwas anfangen könnten.",
                "No falta nada que los análisis sepan aprovechar.",
            ])
            .to_owned()
    } else {
        language.pick([
            format!("{skipped} analyses could not run for want of fields. The fields that would help most are listed."),
            format!("{skipped} Auswertungen konnten mangels Feldern nicht laufen. Die Felder, die am meisten helfen würden, sind aufgeführt."),
            format!("{skipped} análisis no pudieron ejecutarse por falta de campos. Se listan los campos que más ayudarían."),
        ])
    };
    let mut rows: Vec<Vec<String>> = missing
        .wanted
        .iter()
        .map(|wanted| {
            vec![wanted.field.clone(), wanted.meaning.clone(), wanted.unlocks.join(", ").replace('_', " ")]
        })
        .collect();
    if rows.is_empty() {
        rows = missing
            .skipped
            .iter()
            .map(|skipped| {
                vec![
                    skipped.missing.join(", "),
                    skipped.reason.clone().unwrap_or_default(),
                    skipped.analyzer.replace('_', " "),
                ]
            })
            .collect();
    }
    if !rows.is_empty() {
        let heads = language.pick([
            ["Field", "Meaning", "Makes possible"],
            ["Feld", "Bedeutung", "Macht möglich"],
            ["Campo", "Significado", "Permite"],
        ]);
        answer.sheet = Some(Sheet { heads: heads.map(str::to_owned).to_vec(), rows });
    }
    answer.queries.push(Query { name: "missing".to_owned(), detail: String::new(), rows: None });
}

fn values(values: &Values, answer: &mut Answer) {
    answer.kind = "values";
    let language = answer.language;
    let many = ontology::FieldId::named(&values.field)
        .and_then(crate::Dimension::of)
        .map_or_else(|| field_name(&values.field, language), |found| dimension(found.key, language, true));
    let all = number::plain(values.total as f64, language);
    answer.text = language.pick([
        format!("There are {all} {many} in these data."),
        format!("In diesen Daten gibt es {all} {many}."),
        format!("En estos datos hay {all} {many}."),
    ]);
    let rows = language.pick(["rows", "Zeilen", "filas"]).to_owned();
    answer.sheet = Some(Sheet {
        heads: vec![capital(&many), rows],
        rows: values
            .lines
            .iter()
            .map(|line| vec![line.name.clone(), number::plain(line.rows as f64, language)])
            .collect(),
    });
    answer.queries.push(Query {
        name: "values".to_owned(),
        detail: values.field.clone(),
        rows: Some(values.total),
    });
}

fn totals(totals: &Totals, answer: &mut Answer) {
    answer.kind = "overview";
    let language = answer.language;
    let money = |amount| number::money(amount, &totals.currency, language);
    let count = |count: u64| number::plain(count as f64, language);
    let span = match (&totals.first, &totals.last) {
        (Some(first), Some(last)) => format!("{first} – {last}: "),
        _ => String::new(),
    };
    let rows = (count(totals.rows_used), count(totals.rows_read));
    let mut text = if totals.actual_cost == 0.0 {
        String::new()
    } else {
        let [planned, actual, variance, explained] =
            [totals.planned_cost, totals.actual_cost, totals.variance, totals.explained].map(money);
        sentence(language, &span, [&planned, &actual, &variance, &explained])
    };
    text.push_str(&language.pick([
        format!(" {} findings; {} of {} rows used.", count(totals.findings), rows.0, rows.1),
        format!(" {} Befunde; {} von {} Zeilen verwendet.", count(totals.findings), rows.0, rows.1),
        format!(" {} hallazgos; {} de {} filas utilizadas.", count(totals.findings), rows.0, rows.1),
    ]));
    text.trim().clone_into(&mut answer.text);
    answer.queries.push(Query {
        name: "totals".to_owned(),
        detail: String::new(),
        rows: Some(totals.rows_used),
    });
}

fn sentence(language: Language, span: &str, [planned, actual, variance, explained]: [&String; 4]) -> String {
    language.pick([
        format!("{span}actual cost {actual} against {planned} planned for the quantity made, a variance of {variance}, of which the findings explain {explained}."),
        format!("{span}Istkosten {actual} gegen {planned} geplant für die gefertigte Menge, eine Abweichung von {variance}, von der die Befunde {explained} erklären."),
        format!("{span}costo real {actual} frente a {planned} planificado para la cantidad fabricada, una variación de {variance}, de la que los hallazgos explican {explained}."),
    ])
}
