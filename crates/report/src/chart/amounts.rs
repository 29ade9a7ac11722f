//! Amounts that stand over bars side by side: as much of them as fits, the same for all.

use translation::Tongue;

use crate::number;

/// What stands over the bars, and how large.
#[derive(Debug, PartialEq)]
pub(super) struct Amounts {
    pub texts: Vec<String>,
    pub size: f64,
    /// Whether the amounts carry their unit.
    pub with_unit: bool,
}

/// Part of its size that a letter of an amount is wide.
const LETTER: f64 = 0.56;

/// Between two amounts, in pixels.
const GAP: f64 = 4.0;

/// The amounts over bars that have this much room each, as readers of this language see them.
pub(super) fn over_bars(values: &[f64], unit: &str, each: f64, tongue: Tongue) -> Amounts {
    let full = |value: &f64| number::short(if value.abs() >= 100.0 { value.round() } else { *value }, "");
    let compact = |value: &f64| number::compact(*value, "").trim().to_owned();
    let texts = |text: &dyn Fn(&f64) -> String| values.iter().map(text).collect::<Vec<String>>();
    let ways = [
        (texts(&|value| number::compact(*value, unit).trim().to_owned()), true),
        (texts(&compact), unit.is_empty()),
        (texts(&full), unit.is_empty()),
    ];
    let fits = |texts: &[String], size: f64| texts.iter().all(|text| width(text, size, tongue) + GAP <= each);
    let sizes = [12.0, 11.0, 10.0];
    for (texts, with_unit) in &ways {
        let size = sizes.iter().take(2).find(|size| fits(texts, **size));
        if let Some(size) = size {
            return Amounts { texts: texts.clone(), size: *size, with_unit: *with_unit };
        }
    }
    let [_, (compact, _), (full, with_unit)] = ways;
    let longest = |texts: &[String]| texts.iter().map(|text| width(text, 10.0, tongue)).fold(0.0, f64::max);
    // Millions are shorter with their word, thousands without.
    let texts = if longest(&compact) < longest(&full) { compact } else { full };
    Amounts { texts, size: 10.0, with_unit }
}

/// Pixels that a text takes once it is in this language.
pub(super) fn width(text: &str, size: f64, tongue: Tongue) -> f64 {
    translation::label(text, tongue).chars().count() as f64 * size * LETTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_that_would_run_into_each_other_are_written_shorter() {
        for (value, unit, each, tongue, expected, with_unit) in [
            (8_950.0, "", 56.0, Tongue::English, "8.95k", true),
            (8_950.0, "", 56.0, Tongue::German, "8,950", true),
            (1_200.0, "h", 90.0, Tongue::German, "1.2k h", true),
            (1_200.0, "h", 45.0, Tongue::German, "1,200", false),
            (1_200.0, "h", 45.0, Tongue::English, "1.2k h", true),
            (86_400.0, "USD", 60.0, Tongue::English, "$86.4k", true),
            (86_400.0, "USD", 60.0, Tongue::German, "86.4k", false),
            (86_400.0, "USD", 54.0, Tongue::German, "86,400", false),
        ] {
            let amounts = over_bars(&[value], unit, each, tongue);
            assert_eq!(
                (amounts.texts[0].as_str(), amounts.with_unit),
                (expected, with_unit),
                "{value} {unit} {each} {tongue:?}"
            );
            assert!(width(&amounts.texts[0], amounts.size, tongue) <= each);
        }
    }

    #[test]
    fn all_amounts_of_a_ranking_are_written_alike() {
        let amounts = over_bars(&[12_400.0, 967.0], "h", 48.0, Tongue::German);
        assert_eq!(amounts.texts, ["12,400", "967"]);
    }
}
