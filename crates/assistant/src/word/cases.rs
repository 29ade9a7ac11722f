//! What if: figures today and then, with the arithmetic and what it takes for granted.

use super::{Answer, Query, Sheet};
use crate::{
    Language,
    intent::Lever,
    number,
    tool::{Case, Outcome},
};

pub(super) fn word(lever: Lever, outcomes: &[Outcome], answer: &mut Answer) {
    let Some(case) = outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Case(case) => Some(case),
        _ => None,
    }) else {
        return;
    };
    answer.kind = "what_if";
    let language = answer.language;
    let lack = missing(case, language);
    answer.text = match case.saved_per_year {
        Some(amount) => {
            let money = number::money(amount.abs(), &case.currency, language);
            if amount >= 0.0 {
                language.pick([
                    format!("It would save {money} a year."),
                    format!("Es würde {money} im Jahr sparen."),
                    format!("Ahorraría {money} al año."),
                ])
            } else {
                language.pick([
                    format!("It would cost {money} a year."),
                    format!("Es würde {money} im Jahr kosten."),
                    format!("Costaría {money} al año."),
                ])
            }
        }
        None if case.figures.is_empty() => language.pick([
            format!("The data do not answer that. It takes {lack}."),
            format!("Das beantworten die Daten nicht. Es braucht {lack}."),
            format!("Los datos no responden a eso. Hace falta {lack}."),
        ]),
        None => language.pick([
            format!("It can be stated in hours and pieces, not in money: the data lack {lack}."),
            format!("Es lässt sich in Stunden und Stück sagen, nicht in Geld: den Daten fehlt {lack}."),
            format!("Se puede expresar en horas y piezas, no en dinero: falta en los datos {lack}."),
        ]),
    };
    if !case.figures.is_empty() {
        let heads = language.pick([["", "today", "then"], ["", "heute", "dann"], ["", "hoy", "entonces"]]);
        answer.sheet = Some(Sheet {
            heads: heads.map(str::to_owned).to_vec(),
            rows: case
                .figures
                .iter()
                .map(|figure| {
                    let shown = |value: f64| {
                        if value.is_finite() {
                            number::with_unit(value, &figure.unit, &case.currency, language)
                        } else {
                            "∞".to_owned()
                        }
                    };
                    vec![figure_name(&figure.name, language), shown(figure.today), shown(figure.then)]
                })
                .collect(),
        });
    }
    answer.notes.extend(assumptions(lever, language));
    if !case.missing.is_empty() && case.saved_per_year.is_some() {
        answer.notes.push(language.pick([
            format!("Not in the data: {lack}."),
            format!("Nicht in den Daten: {lack}."),
            format!("No está en los datos: {lack}."),
        ]));
    }
    answer.queries.push(Query { name: "what if".to_owned(), detail: case.formula.clone(), rows: None });
}

fn missing(case: &Case, language: Language) -> String {
    case.missing
        .iter()
        .map(|missing| {
            WORDS
                .iter()
                .find(|row| row[0] == missing)
                .map_or_else(|| missing.clone(), |row| row[language as usize].to_owned())
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn figure_name(name: &str, language: Language) -> String {
    WORDS
        .iter()
        .find(|row| row[0] == name)
        .map_or_else(|| name.to_owned(), |row| row[language as usize].to_owned())
}

/// Names of the arithmetic, in the order of the languages.
const WORDS: &[[&str; 3]] = &[
    ["set-up hours a year", "Rüststunden im Jahr", "horas de preparación al año"],
    ["hours per set-up", "Stunden je Rüstvorgang", "horas por preparación"],
    ["set-up share of hours", "Rüstanteil der Stunden", "parte de preparación en las horas"],
    ["scrap rate", "Ausschussquote", "tasa de rechazo"],
    ["pieces scrapped a year", "Ausschuss im Jahr", "piezas rechazadas al año"],
    ["paid for material a year", "bezahlt für Material im Jahr", "pagado por material al año"],
    ["load", "Auslastung", "carga"],
    ["machines", "Maschinen", "máquinas"],
    ["mean wait, open hours", "mittlere Wartezeit, offene Stunden", "espera media, horas abiertas"],
    ["open hours a week", "offene Stunden je Woche", "horas abiertas por semana"],
    ["batch", "Los", "lote"],
    ["mean stock of a batch", "mittlerer Bestand eines Loses", "existencias medias de un lote"],
    [
        "cheapest batch, Q* = sqrt(2 D S / H)",
        "günstigstes Los, Q* = sqrt(2 D S / H)",
        "lote más barato, Q* = sqrt(2 D S / H)",
    ],
    [
        "yearly cost of stock, as a share of its value",
        "jährliche Kosten des Bestands als Anteil seines Werts",
        "costo anual de las existencias como parte de su valor",
    ],
    ["yearly cost of a machine", "jährliche Kosten einer Maschine", "costo anual de una máquina"],
    ["at least one machine", "mindestens eine Maschine", "al menos una máquina"],
    [
        "between 0 and 168 open hours a week",
        "zwischen 0 und 168 offene Stunden je Woche",
        "entre 0 y 168 horas abiertas por semana",
    ],
];

fn assumptions(lever: Lever, language: Language) -> Vec<String> {
    let rows: &[[&str; 3]] = match lever {
        Lever::Setup { .. } => &[[
            "Assumed: the number of set-ups stays, and freed hours are paid no longer or used for other work.",
            "Angenommen: die Zahl der Rüstvorgänge bleibt, und freie Stunden werden nicht mehr bezahlt oder anders genutzt.",
            "Se supone: el número de preparaciones no cambia y las horas liberadas dejan de pagarse o se usan en otra cosa.",
        ]],
        Lever::ScrapTo { .. } | Lever::ScrapBy { .. } => &[[
            "Assumed: a scrapped piece is worth the planned cost that it had reached, never its price.",
            "Angenommen: ein Ausschussteil ist die Plankosten wert, die es erreicht hatte, nie seinen Preis.",
            "Se supone: una pieza rechazada vale el costo planificado que había alcanzado, nunca su precio.",
        ]],
        Lever::Price { .. } => &[[
            "Assumed: the same quantities are bought from the same suppliers.",
            "Angenommen: dieselben Mengen werden bei denselben Lieferanten gekauft.",
            "Se supone: se compran las mismas cantidades a los mismos proveedores.",
        ]],
        Lever::Hours { .. } => &[
            [
                "Assumed: every machine is manned in the added hours at today's rate, arrivals and times vary as they do today.",
                "Angenommen: jede Maschine ist in den zusätzlichen Stunden zum heutigen Satz besetzt, Zugänge und Zeiten schwanken wie heute.",
                "Se supone: cada máquina está atendida en las horas añadidas a la tarifa actual; llegadas y tiempos varían como hoy.",
            ],
            [
                "What shorter waiting is worth is not in this figure.",
                "Was kürzeres Warten wert ist, steckt nicht in dieser Zahl.",
                "El valor de esperar menos no está en esta cifra.",
            ],
        ],
        Lever::Machines { .. } => &[[
            "Assumed: the same work comes, and any machine can do it; arrivals and times vary as they do today.",
            "Angenommen: es kommt dieselbe Arbeit, und jede Maschine kann sie tun; Zugänge und Zeiten schwanken wie heute.",
            "Se supone: llega el mismo trabajo y cualquier máquina puede hacerlo; llegadas y tiempos varían como hoy.",
        ]],
        Lever::Batch { .. } => &[[
            "Assumed: demand stays, each set-up takes as long as today, a batch comes to stock at once and is used up evenly.",
            "Angenommen: der Bedarf bleibt, jedes Rüsten dauert wie heute, ein Los kommt auf einmal ins Lager und wird gleichmäßig verbraucht.",
            "Se supone: la demanda no cambia, cada preparación dura como hoy, un lote llega de una vez y se consume de forma uniforme.",
        ]],
    };
    let arithmetic = [
        "Arithmetic on the sums of these data, brought to a year; no forecast.",
        "Rechnung mit den Summen dieser Daten, auf ein Jahr gebracht; keine Vorhersage.",
        "Cálculo con las sumas de estos datos, llevado a un año; no es un pronóstico.",
    ];
    rows.iter().chain([&arithmetic]).map(|row| row[language as usize].to_owned()).collect()
}
