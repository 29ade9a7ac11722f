//! Figures: one, many, the first of a list, over time, and against each other.

use super::{
    Answer, Query, Sheet, cite,
    phrases::{field_name, metric_name, narrowed_figure, side_words, step_name, value},
};
use crate::{
    Intent, Language, Metric,
    intent::{Bound, Figure, Side, Step},
    tool::{Difference, Figures, Line, Outcome},
};

pub(super) fn word(intent: &Intent, outcomes: &mut Vec<Outcome>, answer: &mut Answer) {
    let found: Vec<Figures> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Figures(figures) => Some(figures.clone()),
            _ => None,
        })
        .collect();
    let Some(first) = found.first() else { return };
    let language = answer.language;
    match intent {
        Intent::Metric { figures, group } => {
            answer.kind = "metric";
            let mut sentences = Vec::new();
            for (asked, figures) in figures.iter().zip(&found) {
                sentences.push(whole(asked, figures, language));
                if group.is_some() {
                    let sheet = sheet(figures, None, language);
                    answer.sheet.get_or_insert(sheet);
                    beyond(figures, answer);
                }
            }
            answer.text = sentences.join("\n");
        }
        Intent::Top { figure, n, most, group } => {
            answer.kind = "list";
            let name = metric_name(figure.metric, language);
            let by = field_name(group.as_str(), language);
            if let Some(bound) = figure.beyond {
                answer.text = beyond_bound(figure, first, bound, language);
                answer.sheet = Some(sheet(first, None, language));
                beyond(first, answer);
                return finish(&found, answer);
            }
            let top = first.lines.first();
            let narrowed = narrowed_figure(figure, language);
            answer.text = match top.and_then(|line| line.value.map(|value| (line, value))) {
                Some((line, one)) => {
                    let one = value(one, &first.unit, &first.currency, language);
                    let end = if *most {
                        language.pick(["highest", "am höchsten", "el valor más alto"])
                    } else {
                        language.pick(["lowest", "am niedrigsten", "el valor más bajo"])
                    };
                    format!("{}{narrowed}, {end}: {by} {} – {one}.", capital(&name), line.name)
                }
                None => none(&name, &narrowed, language),
            };
            let _ = n;
            answer.sheet = Some(sheet(first, None, language));
            beyond(first, answer);
        }
        Intent::Trend { figure, step } => trend(figure, *step, first, outcomes, answer),
        Intent::Compare { figure, sides } => compare(figure, sides, &found, outcomes, answer),
        _ => {}
    }
    finish(&found, answer);
}

/// What every answer of figures says of them.
fn finish(found: &[Figures], answer: &mut Answer) {
    let language = answer.language;
    for figures in found {
        cite(answer, &figures.sources);
        let note = figures.note.as_ref().map(|note| translated(note, language));
        if let Some(note) = note.filter(|note| !answer.notes.contains(note)) {
            answer.notes.push(note);
        }
        answer.queries.push(query(figures));
    }
}

/// "Scrap rate above 5.00%: 3." How many lines lie beyond a bound.
fn beyond_bound(asked: &Figure, figures: &Figures, bound: Bound, language: Language) -> String {
    let name = capital(&metric_name(asked.metric, language));
    let narrowed = narrowed_figure(asked, language);
    let value = value(bound.value, &figures.unit, &figures.currency, language);
    let sign = match (bound.above, bound.included) {
        (true, false) => language.pick(["above", "über", "por encima de"]),
        (true, true) => language.pick(["at least", "mindestens", "al menos"]),
        (false, false) => language.pick(["below", "unter", "por debajo de"]),
        (false, true) => language.pick(["at most", "höchstens", "como máximo"]),
    };
    let n = crate::number::plain(figures.groups as f64, language);
    format!("{name}{narrowed} {sign} {value}: {n}.")
}

/// "Scrap rate (machine M-07): 3.4%, that is 34 of 1,000."
fn whole(asked: &Figure, figures: &Figures, language: Language) -> String {
    let name = capital(&metric_name(asked.metric, language));
    let narrowed = narrowed_figure(asked, language);
    let Some(one) = figures.whole.value else { return none(&name, &narrowed, language) };
    let shown = value(one, &figures.unit, &figures.currency, language);
    format!("{name}{narrowed}: {shown}{}.", parts(&figures.whole, &figures.unit, language))
}

/// What a ratio is made of.
fn parts(line: &Line, unit: &str, language: Language) -> String {
    let (Some(over), Some(under)) = (line.numerator, line.denominator) else { return String::new() };
    if under == 1.0 || unit.is_empty() {
        return String::new();
    }
    let plain = |value| crate::number::plain(value, language);
    language.pick([
        format!(" ({} over {})", plain(over), plain(under)),
        format!(" ({} durch {})", plain(over), plain(under)),
        format!(" ({} entre {})", plain(over), plain(under)),
    ])
}

fn none(name: &str, narrowed: &str, language: Language) -> String {
    language.pick([
        format!("{name}{narrowed}: no rows of the data say anything about it."),
        format!("{name}{narrowed}: keine Zeile der Daten sagt etwas darüber."),
        format!("{name}{narrowed}: ninguna fila de los datos dice nada al respecto."),
    ])
}

fn sheet(figures: &Figures, step: Option<Step>, language: Language) -> Sheet {
    let ratio = figures.lines.iter().any(|line| line.denominator.is_some_and(|under| under != 1.0));
    let rows = language.pick(["rows", "Zeilen", "filas"]).to_owned();
    let mut heads = vec![String::new(), metric_name(&figures.metric, language)];
    if ratio {
        heads.push(language.pick(["numerator", "Zähler", "numerador"]).to_owned());
        heads.push(language.pick(["denominator", "Nenner", "denominador"]).to_owned());
    }
    heads.push(rows);
    let plain =
        |value: Option<f64>| value.map_or(String::new(), |value| crate::number::plain(value, language));
    let rows = figures
        .lines
        .iter()
        .map(|line| {
            let name = match step {
                Some(step) => step_name(&line.name, step, language),
                None if line.name.is_empty() => {
                    language.pick(["(not stated)", "(ohne Angabe)", "(sin dato)"]).to_owned()
                }
                None => line.name.clone(),
            };
            let shown = line
                .value
                .map_or_else(|| "–".to_owned(), |one| value(one, &figures.unit, &figures.currency, language));
            let mut row = vec![name, shown];
            if ratio {
                row.extend([plain(line.numerator), plain(line.denominator)]);
            }
            row.push(plain(Some(line.rows as f64)));
            row
        })
        .collect();
    Sheet { heads, rows }
}

fn beyond(figures: &Figures, answer: &mut Answer) {
    if figures.unstated > 0 {
        let rows = crate::number::plain(figures.unstated as f64, answer.language);
        answer.notes.push(answer.language.pick([
            format!("{rows} rows do not state it and are in no line."),
            format!("{rows} Zeilen geben dazu nichts an und stehen in keiner Zeile der Liste."),
            format!("{rows} filas no lo indican y no figuran en la lista."),
        ]));
    }
    let shown = figures.lines.len() as u64;
    if figures.groups > shown {
        let (all, few) = (crate::number::plain(figures.groups as f64, answer.language), shown);
        answer.notes.push(answer.language.pick([
            format!("Shown are {few} of {all}."),
            format!("Gezeigt werden {few} von {all}."),
            format!("Se muestran {few} de {all}."),
        ]));
    }
}

fn trend(asked: &Figure, step: Step, figures: &Figures, outcomes: &mut Vec<Outcome>, answer: &mut Answer) {
    answer.kind = "trend";
    let language = answer.language;
    let name = capital(&metric_name(asked.metric, language));
    let narrowed = narrowed_figure(asked, language);
    let known: Vec<(&Line, f64)> =
        figures.lines.iter().filter_map(|line| line.value.map(|value| (line, value))).collect();
    answer.sheet = Some(sheet(figures, Some(step), language));
    beyond(figures, answer);
    let (Some((first, from)), Some((last, to))) = (known.first(), known.last()) else {
        answer.text = none(&name, &narrowed, language);
        return;
    };
    let difference = Difference::of(*from, *to);
    let shown = |one: f64| value(one, &figures.unit, &figures.currency, language);
    let step_of = |line: &Line| step_name(&line.name, step, language);
    let mut text = format!(
        "{name}{narrowed}: {} {} → {} {}{}.",
        step_of(first),
        shown(*from),
        step_of(last),
        shown(*to),
        change(&difference, language)
    );
    let extreme = |better: fn(f64, f64) -> bool| {
        known.iter().fold(known[0], |best, one| if better(one.1, best.1) { *one } else { best })
    };
    if known.len() > 2 {
        let (high, low) = (extreme(|a, b| a > b), extreme(|a, b| a < b));
        text.push_str(&language.pick([
            format!(
                " Highest in {} with {}, lowest in {} with {}.",
                step_of(high.0),
                shown(high.1),
                step_of(low.0),
                shown(low.1)
            ),
            format!(
                " Am höchsten {} mit {}, am niedrigsten {} mit {}.",
                step_of(high.0),
                shown(high.1),
                step_of(low.0),
                shown(low.1)
            ),
            format!(
                " Máximo en {} con {}, mínimo en {} con {}.",
                step_of(high.0),
                shown(high.1),
                step_of(low.0),
                shown(low.1)
            ),
        ]));
    }
    answer.text = text;
    answer.notes.push(
        language
            .pick([
                "The first and the last step may not be covered whole by the data. Whether a change is more than chance is said by the findings, not by this list.",
                "Der erste und der letzte Schritt sind vielleicht nicht ganz von den Daten gedeckt. Ob eine Änderung mehr als Zufall ist, sagen die Befunde und nicht diese Liste.",
                "El primer y el último paso pueden no estar cubiertos por completo por los datos. Si un cambio es más que azar lo dicen los hallazgos, no esta lista.",
            ])
            .to_owned(),
    );
    outcomes.push(Outcome::Difference(difference));
}

/// ", 12 more, 3.4% up".
fn change(difference: &Difference, language: Language) -> String {
    let Some(share) = difference.share else { return String::new() };
    let percent = crate::number::with_unit(share.abs(), "1", "", language);
    let up = language.pick(["up", "mehr", "más"]);
    let down = language.pick(["down", "weniger", "menos"]);
    match difference.difference {
        change if change > 0.0 => format!(" ({percent} {up})"),
        change if change < 0.0 => format!(" ({percent} {down})"),
        _ => language.pick([" (no change)", " (unverändert)", " (sin cambio)"]).to_owned(),
    }
}

fn compare(
    asked: &Figure,
    sides: &[Side],
    found: &[Figures],
    outcomes: &mut Vec<Outcome>,
    answer: &mut Answer,
) {
    answer.kind = "comparison";
    let language = answer.language;
    let name = capital(&metric_name(asked.metric, language));
    let narrowed = narrowed_figure(asked, language);
    let shown = |figures: &Figures| {
        figures
            .whole
            .value
            .map_or_else(|| "–".to_owned(), |one| value(one, &figures.unit, &figures.currency, language))
    };
    let all: Vec<String> = sides
        .iter()
        .zip(found)
        .map(|(side, figures)| {
            format!(
                "{} {}{}",
                side_words(side, language),
                shown(figures),
                parts(&figures.whole, &figures.unit, language)
            )
        })
        .collect();
    let mut text = format!("{name}{narrowed}: {}.", all.join("; "));
    if let [one, two] = found
        && let (Some(a), Some(b)) = (one.whole.value, two.whole.value)
    {
        let difference = Difference::of(b, a);
        let more = if one.unit == "1" {
            let points = crate::number::fixed(difference.difference.abs() * 100.0, 2, language);
            format!(
                "{points} {}",
                language.pick(["percentage points", "Prozentpunkte", "puntos porcentuales"])
            )
        } else {
            value(difference.difference.abs(), &one.unit, &one.currency, language)
        };
        let percent = difference.share.map_or(String::new(), |share| {
            format!(" ({})", crate::number::with_unit(share.abs(), "1", "", language))
        });
        let (first, second) = (side_words(&sides[0], language), side_words(&sides[1], language));
        text.push(' ');
        text.push_str(&if difference.difference == 0.0 {
            language.pick(["Both are equal.", "Beide sind gleich.", "Ambos son iguales."]).to_owned()
        } else if difference.difference > 0.0 {
            language.pick([
                format!("{first} is {more} above {second}{percent}."),
                format!("{first} liegt {more} über {second}{percent}."),
                format!("{first} está {more} por encima de {second}{percent}."),
            ])
        } else {
            language.pick([
                format!("{first} is {more} below {second}{percent}."),
                format!("{first} liegt {more} unter {second}{percent}."),
                format!("{first} está {more} por debajo de {second}{percent}."),
            ])
        });
        if let Some(metric) = Metric::named(asked.metric).filter(|_| difference.difference != 0.0) {
            let better = (difference.difference > 0.0) == metric.higher_is_better;
            let which = if better { &first } else { &second };
            if metric.unit == "1" {
                text.push_str(&language.pick([
                    format!(" {which} does better."),
                    format!(" {which} steht besser da."),
                    format!(" {which} está mejor."),
                ]));
            }
        }
        outcomes.push(Outcome::Difference(difference));
    }
    answer.text = text;
    answer.notes.push(
        language
            .pick([
                "A plain difference: it may come from another mix of products or from chance. The findings test that.",
                "Ein bloßer Unterschied: er kann von einem anderen Produktmix oder vom Zufall kommen. Die Befunde prüfen das.",
                "Una simple diferencia: puede deberse a otra mezcla de productos o al azar. Los hallazgos lo contrastan.",
            ])
            .to_owned(),
    );
}

pub(super) fn query(figures: &Figures) -> Query {
    Query {
        name: format!("figures: {}", figures.metric),
        detail: format!("{} from {}", figures.formula, figures.table),
        rows: Some(figures.whole.rows),
    }
}

/// Notes of the figures are written in English; those that the catalogue knows are said in the other languages, the rest is quoted.
pub(super) fn translated(note: &str, language: Language) -> String {
    if translation::knows(note, language)
        && let Some(said) = translation::known(note, language)
    {
        return format!("{}.", capital(said.trim_end_matches('.')));
    }
    if language == Language::English {
        let mut letters = note.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        return format!("{first}{}.", letters.as_str().trim_end_matches('.'));
    }
    let quoted =
        language.pick(["", "Anmerkung der Auswertung (englisch): ", "Nota del análisis (en inglés): "]);
    format!("{quoted}{}.", note.trim_end_matches('.'))
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_said_in_the_language_of_the_answer_where_the_catalogue_knows_them() {
        let note = "produced = good + scrapped; reworked pieces count once";
        for (note, language, starts) in [
            (note, Language::English, "Produced = good + scrapped"),
            (note, Language::German, "Produziert = gut + Ausschuss"),
            (note, Language::Spanish, "Producido = bueno + rechazado"),
            ("nobody wrote this down", Language::German, "Anmerkung der Auswertung (englisch): nobody"),
        ] {
            let said = translated(note, language);
            assert!(said.starts_with(starts) && said.ends_with('.'), "{said}");
        }
    }
}
