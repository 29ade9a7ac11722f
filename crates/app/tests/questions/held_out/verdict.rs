//! Whether an answer says what is true.

use app::ask;
use app::ask::Data;
use assistant::Intent;
use assistant::Language;
use assistant::tool::Outcome;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::files::Files;
use super::truth::{Truth, names, truths};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Right,
    /// It gave no figure and said why, or gave choices.
    Declined,
    /// It is not what was meant, and the answer names the words that it left out or the figure that it took instead.
    WrongAndSaid,
    Wrong,
}

pub(crate) fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-5 * a.abs().max(b.abs()).max(1e-9)
}

pub(crate) fn holds(truth: &Truth, reply: &ask::Reply) -> bool {
    let figures: Vec<_> = reply
        .outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Figures(figures) => Some(figures),
            _ => None,
        })
        .collect();
    let whole = |at: usize| figures.get(at).and_then(|figures| figures.whole.value);
    let listed = |all: &BTreeMap<String, f64>| {
        figures.first().is_some_and(|figures| {
            !figures.lines.is_empty()
                && figures.lines.iter().all(|line| {
                    line.value.is_some_and(|own| all.get(&line.name).is_some_and(|value| near(own, *value)))
                })
        })
    };
    match truth {
        Truth::Value(value) => {
            matches!(reply.understood.intent, Intent::Metric { group: None, .. })
                && whole(0).is_some_and(|own| near(own, *value))
        }
        Truth::Groups(all, None) => {
            listed(all) && figures.first().is_some_and(|figures| figures.lines.len() == all.len().min(50))
        }
        Truth::Groups(all, Some(most)) => {
            let mut values: Vec<f64> = all.values().copied().collect();
            values.sort_by(|a, b| if *most { b.total_cmp(a) } else { a.total_cmp(b) });
            listed(all)
                && figures[0].lines.iter().zip(&values).all(|(line, value)| near(line.value.unwrap(), *value))
        }
        Truth::Only(names) => figures.first().is_some_and(|figures| {
            let shown: BTreeSet<String> = figures.lines.iter().map(|line| line.name.clone()).collect();
            figures.groups == names.len() as u64 && shown.is_subset(names) && shown.len() == names.len().min(50)
        }),
        Truth::Months(values) => figures.first().is_some_and(|figures| {
            figures.lines.len() == values.len()
                && figures.lines.iter().zip(values).all(|(line, value)| line.value.is_some_and(|own| near(own, *value)))
        }),
        Truth::Sides(a, b) => {
            let is = |first: f64, second: f64| {
                whole(0).is_some_and(|own| near(own, first)) && whole(1).is_some_and(|own| near(own, second))
            };
            is(*a, *b) || is(*b, *a)
        }
        Truth::Saved(value) => reply.outcomes.iter().any(|outcome| {
            matches!(outcome, Outcome::Case(case) if case.saved_per_year.is_some_and(|own| near(own, *value)))
        }),
        Truth::Findings(n) => {
            reply.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Findings(found) if found.total == *n))
        }
        Truth::Count(n) => {
            reply.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Values(found) if found.total == *n))
        }
        Truth::Explained(value) => reply.outcomes.iter().any(|outcome| {
            matches!(outcome, Outcome::Explained(explained)
                if explained.figures.whole.value.is_some_and(|own| near(own, *value)))
        }),
        Truth::Choose => reply.answer.kind == "choices",
        Truth::Nothing => false,
    }
}

pub(crate) fn judge(truths: &[Truth], reply: &ask::Reply) -> Verdict {
    let declined = !ask::answers(&reply.understood.intent)
        || reply.answer.kind == "choices"
        || matches!(reply.understood.intent, Intent::Missing { .. } | Intent::Help);
    let nothing = reply.outcomes.iter().all(|outcome| match outcome {
        Outcome::Figures(figures) => figures.whole.value.is_none(),
        Outcome::Refused { .. } | Outcome::Missing(_) => true,
        // It says what it would take.
        Outcome::Case(case) => case.saved_per_year.is_none() && !case.missing.is_empty(),
        _ => false,
    });
    let right = truths.iter().any(|truth| match truth {
        Truth::Nothing => declined || nothing,
        truth => holds(truth, reply),
    });
    if right {
        Verdict::Right
    } else if declined || nothing {
        Verdict::Declined
    } else if reply.understood.ignored.is_empty() && reply.understood.readings.is_empty() {
        Verdict::Wrong
    } else {
        Verdict::WrongAndSaid
    }
}

/// What a set came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Asked, right: of those that the data can answer, of those that want choices, of those that nobody can answer.
    pub(crate) of: BTreeMap<&'static str, (u32, u32)>,
    pub(crate) verdicts: BTreeMap<Verdict, u32>,
    pub(crate) lines: Vec<String>,
}

impl Tally {
    pub(crate) fn all(&self) -> u32 {
        self.verdicts.values().sum()
    }

    pub(crate) fn count(&self, verdict: Verdict) -> u32 {
        self.verdicts.get(&verdict).copied().unwrap_or_default()
    }
}

pub(crate) fn placeholders(line: &str) -> BTreeSet<String> {
    line.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

pub(crate) fn ask_all(set: &str, files: &Files, data: &Data, name: &str, tally: &mut Tally) {
    for (at, line) in set.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).enumerate()
    {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let [language, question, spec] = parts[..] else { panic!("{line}") };
        let (mut question, mut spec) = (question.to_owned(), spec.to_owned());
        let mut there = true;
        for word in placeholders(line) {
            let Some(value) = names(&word, at, files) else {
                there = false;
                break;
            };
            let placeholder = format!("{{{word}}}");
            spec = spec.replace(&placeholder, &value.replace(' ', "_"));
            question = question.replace(&placeholder, &value);
        }
        if !there {
            continue;
        }
        let truths = truths(&spec, files, data);
        let kind = match truths[0] {
            Truth::Choose => "ambiguous",
            Truth::Nothing => "unanswerable",
            _ => "answerable",
        };
        let usual = Language::named(language).unwrap();
        let reply = ask::ask(data, &question, usual).unwrap();
        let verdict = judge(&truths, &reply);
        let counts = tally.of.entry(kind).or_default();
        counts.0 += 1;
        counts.1 += u32::from(verdict == Verdict::Right);
        *tally.verdicts.entry(verdict).or_default() += 1;
        if verdict != Verdict::Right {
            tally.lines.push(format!(
                "{verdict:?} [{name}] {question} ({spec}: {truths:?}) → {:?}; ignored {:?} → {}",
                reply.understood.intent, reply.understood.ignored, reply.answer.text
            ));
        }
    }
}
