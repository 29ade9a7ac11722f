//! What the words of a header stand for: `Down = downtime, type = type.` The header is the customer's and stays, the concepts
//! behind it are ours.

use std::{collections::HashMap, sync::LazyLock};

use crate::{Tongue, catalogue};

const WORDS: &str = include_str!("../words/concepts.txt");

static SAID: LazyLock<HashMap<&str, [&str; 2]>> = LazyLock::new(|| {
    catalogue::entries(WORDS).map(|(english, german, spanish)| (english, [german, spanish])).collect()
});

/// Words that the longest concept has.
const WORDS_MAX: usize = 3;

/// The sentence in this language, where every word behind its signs is a concept.
pub(crate) fn of_header(text: &str, tongue: Tongue) -> Option<String> {
    let body = text.strip_suffix('.')?;
    let parts: Option<Vec<String>> = body
        .split(", ")
        .map(|part| {
            let (word, concepts) = part.split_once(" = ")?;
            Some(format!("{word} = {}", said(concepts, tongue)?))
        })
        .collect();
    parts.map(|parts| format!("{}.", parts.join(", ")))
}

/// Concepts one behind the other, such as `downtime reason`.
fn said(concepts: &str, tongue: Tongue) -> Option<String> {
    let words: Vec<&str> = concepts.split(' ').collect();
    let mut said = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (size, [german, spanish]) = (1..=WORDS_MAX.min(words.len() - at))
            .rev()
            .find_map(|size| Some((size, SAID.get(words[at..at + size].join(" ").as_str())?)))?;
        said.push(if tongue == Tongue::Spanish { *spanish } else { *german });
        at += size;
    }
    Some(said.join(" + "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concepts_are_translated_and_words_of_the_header_stay() {
        for (text, german, spanish) in [
            (
                "Down = downtime, type = type.",
                "Down = Stillstand, type = Art.",
                "Down = parada, type = tipo.",
            ),
            (
                "Down reason = downtime reason.",
                "Down reason = Stillstand + Grund.",
                "Down reason = parada + motivo.",
            ),
            ("Plant = facility.", "Plant = Werk.", "Plant = planta."),
            (
                "Std hrs = standard in hours.",
                "Std hrs = Vorgabe + in Stunden.",
                "Std hrs = estándar + en horas.",
            ),
        ] {
            assert_eq!(crate::text(text, Tongue::German), german);
            assert_eq!(crate::text(text, Tongue::Spanish), spanish);
        }
        assert_eq!(of_header("Down = something.", Tongue::German), None);
        assert_eq!(of_header("Down.", Tongue::German), None);
    }

    #[test]
    fn every_concept_of_the_knowledge_is_said() {
        let knowledge = include_str!("../../mapping/knowledge/concepts.csv");
        let missing: Vec<String> = knowledge
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(','))
            .map(|(id, _)| id.replace('_', " "))
            .filter(|id| !SAID.contains_key(id.as_str()))
            .collect();
        assert_eq!(missing, Vec::<String>::new());
    }
}
