//! How the name of a figure stands in a German or Spanish question: its gender, and whether it is one or many.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::{Language, lexicon};

/// Of a name, in its own language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gender {
    Masculine,
    Feminine,
    Neuter,
    /// Many that are weighed: `die höchsten Kosten`, `los mayores gastos`.
    Many,
    /// Many of a feminine name.
    ManyFeminine,
    /// Many that are counted: `die meisten Stunden`.
    Counted,
}

static GENDERS: LazyLock<BTreeMap<&str, [Option<Gender>; 2]>> = LazyLock::new(|| {
    let gender = |cell: &str| {
        Some(match cell {
            "m" => Gender::Masculine,
            "f" => Gender::Feminine,
            "n" => Gender::Neuter,
            "p" | "mp" => Gender::Many,
            "fp" => Gender::ManyFeminine,
            "c" => Gender::Counted,
            _ => return None,
        })
    };
    lexicon::rows(include_str!("../data/genders.csv"))
        .map(|row| (row[0], [gender(row[1]), gender(row[2])]))
        .collect()
});

/// The gender of a figure's name; none where the name does not stand behind an article as it is, and in English.
fn gender(metric: &str, language: Language) -> Option<Gender> {
    let [german, spanish] = *GENDERS.get(metric)?;
    language.pick([None, german, spanish])
}

/// `Welche Produkte haben die höchste Kostenabweichung?`
pub(crate) fn top(metric: &str, name: &str, many: &str, most: bool, language: Language) -> Option<String> {
    let gender = gender(metric, language)?;
    if language == Language::Spanish {
        let which = match (gender, most) {
            (Gender::Masculine, true) => "el mayor",
            (Gender::Masculine, false) => "el menor",
            (Gender::Feminine, true) => "la mayor",
            (Gender::Feminine, false) => "la menor",
            (_, true) => "más",
            (_, false) => "menos",
        };
        return Some(format!("¿Qué {many} tienen {which} {name}?"));
    }
    let which = match (gender, most) {
        (Gender::Masculine, true) => "den höchsten",
        (Gender::Masculine, false) => "den niedrigsten",
        (Gender::Feminine, true) => "die höchste",
        (Gender::Feminine, false) => "die niedrigste",
        (Gender::Neuter, true) => "das höchste",
        (Gender::Neuter, false) => "das niedrigste",
        (Gender::Counted, true) => "die meisten",
        (Gender::Counted, false) => "die wenigsten",
        (_, true) => "die höchsten",
        (_, false) => "die niedrigsten",
    };
    Some(format!("Welche {many} haben {which} {name}?"))
}

/// `Wie hoch ist die Ausschussquote?`
pub(crate) fn value(metric: &str, name: &str, language: Language) -> Option<String> {
    let gender = gender(metric, language)?;
    let article = article(gender, language);
    Some(match (language, gender) {
        (Language::Spanish, Gender::Masculine | Gender::Feminine) => format!("¿Cuál es {article} {name}?"),
        (Language::Spanish, _) => format!("¿Cuáles son {article} {name}?"),
        (_, Gender::Counted) => format!("Wie viele {name} gibt es?"),
        (_, Gender::Many | Gender::ManyFeminine) => format!("Wie hoch sind {article} {name}?"),
        _ => format!("Wie hoch ist {article} {name}?"),
    })
}

/// `Wie wird die Ausschussquote berechnet?`
pub(crate) fn explanation(metric: &str, name: &str, language: Language) -> Option<String> {
    let gender = gender(metric, language)?;
    let article = article(gender, language);
    let one = matches!(gender, Gender::Masculine | Gender::Feminine | Gender::Neuter);
    Some(match (language, one) {
        (Language::Spanish, true) => format!("¿Cómo se calcula {article} {name}?"),
        (Language::Spanish, false) => format!("¿Cómo se calculan {article} {name}?"),
        (_, true) => format!("Wie wird {article} {name} berechnet?"),
        (_, false) => format!("Wie werden {article} {name} berechnet?"),
    })
}

/// `Welche Daten fehlen für den Rüstanteil?`
pub(crate) fn gap(metric: &str, name: &str, language: Language) -> Option<String> {
    let gender = gender(metric, language)?;
    Some(if language == Language::Spanish {
        format!("¿Qué datos faltan para {} {name}?", article(gender, language))
    } else {
        let article = if gender == Gender::Masculine { "den" } else { article(gender, language) };
        format!("Welche Daten fehlen für {article} {name}?")
    })
}

fn article(gender: Gender, language: Language) -> &'static str {
    match (language, gender) {
        (Language::Spanish, Gender::Feminine) => "la",
        (Language::Spanish, Gender::ManyFeminine) => "las",
        (Language::Spanish, Gender::Many | Gender::Counted) => "los",
        (Language::Spanish, _) => "el",
        (_, Gender::Masculine) => "der",
        (_, Gender::Neuter) => "das",
        _ => "die",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_its_line() {
        let figures: Vec<&str> = lexicon::metrics().iter().map(|metric| metric.id).collect();
        for figure in &figures {
            assert!(GENDERS.contains_key(figure), "{figure}");
        }
        for figure in GENDERS.keys() {
            assert!(figures.contains(figure), "{figure}");
        }
    }

    #[test]
    fn questions_agree_with_the_name_that_they_ask_for() {
        let name = |metric: &str, language| crate::word::metric_name(metric, language);
        for (metric, most, expected) in [
            ("cost_variance", true, "Welche Produkte haben die höchste Kostenabweichung?"),
            ("on_time_delivery", false, "Welche Produkte haben die niedrigste Liefertreue?"),
            ("setup_ratio", true, "Welche Produkte haben den höchsten Rüstanteil?"),
            ("actual_total_cost", true, "Welche Produkte haben die höchsten Istkosten?"),
            ("stoppages", true, "Welche Produkte haben die meisten Stillstände?"),
        ] {
            let german = Language::German;
            assert_eq!(top(metric, &name(metric, german), "Produkte", most, german).unwrap(), expected);
        }
        for (metric, most, expected) in [
            ("cost_variance", true, "¿Qué productos tienen la mayor variación de costos?"),
            ("on_time_delivery", false, "¿Qué productos tienen menos entregas a tiempo?"),
            ("actual_total_cost", true, "¿Qué productos tienen el mayor costo real?"),
        ] {
            let spanish = Language::Spanish;
            assert_eq!(top(metric, &name(metric, spanish), "productos", most, spanish).unwrap(), expected);
        }
        assert_eq!(
            value("scrap_ratio", "Ausschussquote", Language::German).unwrap(),
            "Wie hoch ist die Ausschussquote?"
        );
        assert_eq!(
            gap("setup_ratio", "Rüstanteil", Language::German).unwrap(),
            "Welche Daten fehlen für den Rüstanteil?"
        );
        assert_eq!(
            explanation("actual_total_cost", "Istkosten", Language::German).unwrap(),
            "Wie werden die Istkosten berechnet?"
        );
        assert_eq!(top("scrap_ratio", "scrap rate", "machines", true, Language::English), None);
    }
}
