//! Choices in place of a guess.

use super::{Answer, dimension, metric_name, period_words, phrases::field_name};
use crate::{Catalog, Dimension, intent::Unclear, suggest};

pub(super) fn word(why: &Unclear, catalog: &Catalog, answer: &mut Answer) {
    answer.kind = "choices";
    let language = answer.language;
    let pick = |texts: [String; 3]| language.pick(texts);
    answer.text = match why {
        Unclear::NotUnderstood => pick([
            "I did not understand that. These questions can be answered from the data:".to_owned(),
            "Das habe ich nicht verstanden. Diese Fragen lassen sich aus den Daten beantworten:".to_owned(),
            "No lo he entendido. Estas preguntas se pueden responder con los datos:".to_owned(),
        ]),
        Unclear::NotHeld { said } => pick([
            format!(
                "Nothing here tells of \"{said}\": the data are work orders, operations, bookings, materials, quality and stoppages. These questions can be answered from them:"
            ),
            format!(
                "Von „{said}“ steht hier nichts: Die Daten sind Aufträge, Arbeitsgänge, Rückmeldungen, Material, Qualität und Stillstände. Diese Fragen lassen sich daraus beantworten:"
            ),
            format!(
                "Aquí no consta nada de «{said}»: los datos son órdenes, operaciones, registros, materiales, calidad y paros. Estas preguntas se pueden responder con ellos:"
            ),
        ]),
        Unclear::WhichFigure { dimension: key, .. } => {
            let name = dimension(key, language, true);
            pick([
                format!("By which figure should the {name} be ranked?"),
                format!("Nach welcher Kennzahl sollen die {name} geordnet werden?"),
                format!("¿Según qué cifra se ordenan: {name}?"),
            ])
        }
        Unclear::Which { metrics } => {
            let names: Vec<String> = metrics.iter().map(|metric| metric_name(metric, language)).collect();
            let names = names.join(" / ");
            pick([
                format!("Which of these do you mean: {names}? I do not know a figure that is both."),
                format!("Was ist gemeint: {names}? Eine Kennzahl, die beides ist, kenne ich nicht."),
                format!("¿Cuál quiere decir: {names}? No conozco una cifra que sea ambas."),
            ])
        }
        Unclear::WhichField { value, .. } => pick([
            format!("\"{value}\" stands in several fields. Which one?"),
            format!("„{value}“ steht in mehreren Feldern. In welchem?"),
            format!("«{value}» figura en varios campos. ¿En cuál?"),
        ]),
        Unclear::NoSuchValue { said, near, .. } => {
            let near = near.join(", ");
            let known = if near.is_empty() {
                String::new()
            } else {
                pick([format!(" There are: {near}."), format!(" Es gibt: {near}."), format!(" Hay: {near}.")])
            };
            pick([
                format!("The data hold no \"{said}\".{known}"),
                format!("Die Daten enthalten kein „{said}“.{known}"),
                format!("Los datos no contienen «{said}».{known}"),
            ])
        }
        Unclear::NotBy { metric, field, instead, .. } => {
            let (name, by) = (metric_name(metric, language), field_name(field.as_str(), language));
            let others: Vec<String> = instead.iter().map(|field| field_name(field.as_str(), language)).collect();
            let others = others.join(", ");
            let possible = if others.is_empty() {
                String::new()
            } else {
                pick([format!(" It can be told apart by {others}."), format!(" Möglich ist es nach {others}."), format!(" Es posible por {others}.")])
            };
            pick([
                format!("In these data, {name} cannot be told apart by {by}.{possible}"),
                format!("In diesen Daten lässt sich {name} nicht nach {by} unterscheiden.{possible}"),
                format!("En estos datos, {name} no se puede distinguir por {by}.{possible}"),
            ])
        }
        Unclear::NotThere { metric } => {
            let name = metric_name(metric, language);
            pick([
                format!("The data do not hold what {name} is computed from."),
                format!("Die Daten enthalten nicht, woraus {name} berechnet wird."),
                format!("Los datos no contienen aquello con lo que se calcula {name}."),
            ])
        }
        Unclear::NoSuchField { dimension: key } => {
            let name = dimension(key, language, true);
            pick([
                format!("The data do not say anything about {name}."),
                format!("Die Daten sagen nichts über {name}."),
                format!("Los datos no dicen nada sobre {name}."),
            ])
        }
        Unclear::HowMuch => pick([
            "What changes, and by how much? For example:".to_owned(),
            "Was ändert sich, und um wie viel? Zum Beispiel:".to_owned(),
            "¿Qué cambia y en cuánto? Por ejemplo:".to_owned(),
        ]),
        Unclear::Condition { said } => pick([
            format!("Exclusions and thresholds (\"{said}\") are not understood without a language model. Without the condition:"),
            format!("Ausschlüsse und Schwellen („{said}“) werden ohne Sprachmodell nicht verstanden. Ohne die Bedingung:"),
            format!("Las exclusiones y los umbrales («{said}») no se entienden sin un modelo de lenguaje. Sin la condición:"),
        ]),
        Unclear::People => pick([
            "People are never compared here: no analysis goes below machines, shifts and departments. Possible instead:".to_owned(),
            "Menschen werden hier nie verglichen: keine Auswertung geht unter Maschinen, Schichten und Abteilungen. Stattdessen möglich:".to_owned(),
            "Aquí nunca se compara a personas: ningún análisis baja de máquinas, turnos y departamentos. En su lugar:".to_owned(),
        ]),
        Unclear::Time { metric: Some(metric), .. } => {
            let name = metric_name(metric, language);
            pick([
                format!("The rows behind {name} have no dates in these data, so it cannot be told apart by time."),
                format!("Die Zeilen hinter {name} haben in diesen Daten kein Datum; zeitlich lässt es sich nicht unterscheiden."),
                format!("Las filas detrás de {name} no tienen fecha en estos datos; no se puede distinguir por tiempo."),
            ])
        }
        Unclear::Time { known, .. } => {
            let known = known.map_or_else(|| "–".to_owned(), |known| period_words(known, language));
            pick([
                format!("The data say nothing of that time; they cover {known}."),
                format!("Über diese Zeit sagen die Daten nichts; sie reichen von {known}."),
                format!("Los datos no dicen nada de ese tiempo; abarcan {known}."),
            ])
        }
    };
    answer.choices = match why {
        Unclear::WhichFigure { dimension, most } => suggest::rankings(dimension, *most, catalog, language),
        Unclear::Which { metrics } => metrics
            .iter()
            .filter(|metric| catalog.has(metric))
            .map(|metric| suggest::metric(metric, language))
            .collect(),
        Unclear::HowMuch => suggest::cases(catalog, language),
        Unclear::NotBy { metric, instead, .. } => instead
            .iter()
            .filter_map(|field| Dimension::of(*field))
            .map(|dimension| suggest::by(metric, dimension, language))
            .collect(),
        Unclear::NotThere { metric } => vec![suggest::missing(metric, language)],
        Unclear::Time { metric: Some(metric), .. } => vec![suggest::metric(metric, language)],
        _ => suggest::starters(catalog, language),
    };
}
