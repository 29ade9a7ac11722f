//! What is true of a question, from the short word beside it.

use app::ask::Data;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::figure::{Rows, Where, field};
use super::files::Files;

/// What a question must come to.
#[derive(Debug)]
pub(crate) enum Truth {
    Value(f64),
    /// All groups; whether the largest or the smallest come first; `None` where order is free.
    Groups(BTreeMap<String, f64>, Option<bool>),
    /// Exactly these groups.
    Only(BTreeSet<String>),
    Months(Vec<f64>),
    Sides(f64, f64),
    Saved(f64),
    Findings(u64),
    Count(u64),
    Explained(f64),
    /// Choices, since it can be meant in several ways.
    Choose,
    /// No figure, and said so.
    Nothing,
}

pub(crate) fn period(word: &str, end: Date) -> Option<Vec<(Date, Date)>> {
    let day = |year: i16, month: i8, day: i8| Date::new(year, month, day).unwrap();
    let month = |year: i16, of: i8| (day(year, of, 1), day(year, of, 1).last_of_month());
    let quarter = |year: i16, of: i8| (day(year, of * 3 - 2, 1), day(year, of * 3, 1).last_of_month());
    let parsed = |text: &str| {
        let (year, of) = text.split_once('-')?;
        Some(month(year.parse().ok()?, of.parse().ok()?))
    };
    let year = |year: i16| (day(year, 1, 1), day(year, 12, 31));
    let own = (end.month() - 1) / 3 + 1;
    Some(match word {
        "last-year" => vec![year(end.year() - 1)],
        // The last whole one, or the one that the data end in.
        "last-month" => {
            let before = day(end.year(), end.month(), 1).checked_sub(1.day()).unwrap();
            vec![month(before.year(), before.month()), month(end.year(), end.month())]
        }
        "last-quarter" => {
            let before = day(end.year(), own * 3 - 2, 1).checked_sub(1.day()).unwrap();
            vec![quarter(before.year(), (before.month() - 1) / 3 + 1), quarter(end.year(), own)]
        }
        _ if word.starts_with('q') => {
            let (of, year) = word.get(1..)?.split_once('-')?;
            vec![quarter(year.parse().ok()?, of.parse().ok()?)]
        }
        _ if word.starts_with("since-") => vec![(parsed(&word[6..])?.0, day(2100, 1, 1))],
        _ if word.contains("..") => {
            let (from, to) = word.split_once("..")?;
            vec![(parsed(from)?.0, parsed(to)?.1)]
        }
        _ if word.parse().is_ok_and(|number: i16| (1990..2100).contains(&number)) => {
            vec![year(word.parse().ok()?)]
        }
        _ => vec![parsed(word)?],
    })
}

/// All that may be true of a line of a set: one, or one for each way in which a span of time may be meant.
pub(crate) fn truths(spec: &str, files: &Files, data: &Data) -> Vec<Truth> {
    let words: Vec<&str> = spec.split_whitespace().collect();
    let (kind, rest) = words.split_first().unwrap();
    let end = files.end;
    let mut wheres = vec![Where::default()];
    let mut sides: Vec<Where> = Vec::new();
    let mut plain: Vec<&str> = Vec::new();
    for word in rest {
        if let Some((name, value)) = word.split_once("!=") {
            for own in &mut wheres {
                own.not.push((field(name), value.replace('_', " ")));
            }
        } else if let Some((name, value)) = word.split_once('=') {
            let pair = (field(name), value.replace('_', " "));
            if *kind == "compare" {
                sides.push(Where { equals: vec![pair], ..Where::default() });
            } else {
                for own in &mut wheres {
                    own.equals.push(pair.clone());
                }
            }
        } else if let Some(periods) = period(word, end).filter(|_| !plain.is_empty()) {
            if *kind == "compare" {
                sides.push(Where { period: Some(periods[0]), ..Where::default() });
            } else {
                wheres = periods
                    .iter()
                    .flat_map(|period| {
                        wheres.iter().map(|own| Where { period: Some(*period), ..own.clone() })
                    })
                    .collect();
            }
        } else {
            plain.push(word);
        }
    }
    let rows = |wanted: &Where, by: Option<&str>| Rows::of(files, plain[0], wanted, by);
    let groups = |name: &str| -> Option<BTreeMap<String, f64>> {
        let by = field(name);
        Some(rows(&wheres[0], Some(by))?.by(|row| row.get(by).cloned()))
    };
    let or_nothing = |truth: Option<Truth>| vec![truth.unwrap_or(Truth::Nothing)];
    match *kind {
        "value" => {
            let first = wheres.iter().map(|wanted| {
                rows(wanted, None).and_then(|rows| rows.whole()).map_or(Truth::Nothing, Truth::Value)
            });
            // Wages of a year are those of the work that was done in it, or of the orders that ended in it.
            let worked = wheres.iter().filter(|wanted| plain[0] == "labor_cost" && wanted.period.is_some());
            let worked =
                worked.filter_map(|wanted| Rows::of(files, "labor_cost_worked", wanted, None)?.whole());
            first.chain(worked.map(Truth::Value)).collect()
        }
        "explain" => or_nothing(rows(&wheres[0], None).and_then(|rows| rows.whole()).map(Truth::Explained)),
        "top" | "bottom" => or_nothing(groups(plain[1]).map(|all| Truth::Groups(all, Some(*kind == "top")))),
        "group" => or_nothing(groups(plain[1]).map(|all| Truth::Groups(all, None))),
        "over" | "under" => {
            let bound: f64 = plain[2].parse().unwrap();
            or_nothing(groups(plain[1]).map(|all| {
                let kept = |value: f64| if *kind == "over" { value > bound } else { value < bound };
                Truth::Only(all.into_iter().filter(|(_, value)| kept(*value)).map(|(name, _)| name).collect())
            }))
        }
        "months" => or_nothing(rows(&wheres[0], None).map(|rows| {
            let date = rows.date;
            let months = rows.by(|row| Some(Files::moment(row, date)?.strftime("%Y-%m").to_string()));
            Truth::Months(months.into_values().collect())
        })),
        "compare" => {
            let value = |at: usize| rows(&sides[at], None).and_then(|rows| rows.whole());
            or_nothing(value(0).zip(value(1)).map(|(a, b)| Truth::Sides(a, b)))
        }
        "saved" => {
            let change: f64 = plain[1].parse().unwrap();
            let days = analyzers::run::load(&data.canonical).unwrap().span_days();
            let spend = Rows::of(files, "spend", &Where::default(), None).and_then(|rows| rows.whole());
            or_nothing(spend.map(|spend| Truth::Saved(-spend * 365.0 / days * change / 100.0)))
        }
        "findings" => {
            let about = |finding: &&domain::Finding| {
                wheres[0].equals.iter().all(|(field, value)| {
                    finding.entities.iter().any(|own| own.field.as_str() == *field && own.value == *value)
                })
            };
            vec![Truth::Findings(data.analysis.findings.iter().filter(about).count() as u64)]
        }
        "values" => {
            let name = field(plain[0]);
            let in_work: BTreeSet<&String> = files
                .tables
                .get("operations")
                .into_iter()
                .flatten()
                .filter_map(|row| row.get(name))
                .collect();
            let all = files.distinct(name).len() as u64;
            if all == 0 {
                return vec![Truth::Nothing];
            }
            vec![Truth::Count(all), Truth::Count(in_work.len() as u64)]
        }
        "choose" => vec![Truth::Choose],
        "none" => vec![Truth::Nothing],
        other => panic!("no kind {other}"),
    }
}

/// A name of the plant for a placeholder, another one for another line; `None` where the plant has no such thing.
pub(crate) fn names(word: &str, line: usize, files: &Files) -> Option<String> {
    let fixed = |value: &str| {
        (!files.german && files.distinct("downtime_reason").len() > 1).then(|| value.to_owned())
    };
    match word {
        "nomachine" => return Some("M977".to_owned()),
        "coolant" => return fixed("Coolant_failure"),
        "breakage" => return fixed("Tool_breakage"),
        "hydraulic" => return fixed("Hydraulic_leak"),
        "sensor" => return fixed("Sensor_fault"),
        "preventive" => return fixed("Preventive"),
        _ => {}
    }
    let (name, step) = word.strip_suffix('2').map_or((word, 0), |name| (name, 3));
    let known = files.distinct(field(name));
    // Where the plant has no such thing, it is asked for all the same, by a name that such things have.
    let made_up = || match name {
        "machine" => format!("M{:02}", 3 + step),
        "center" => format!("WC-{}0", 2 + step),
        "supplier" => format!("S{:02}", 4 + step),
        "material" => format!("MAT-{:02}", 5 + step),
        _ => "X1".to_owned(),
    };
    Some(known.get((line * 7 + step) % known.len().max(1)).cloned().unwrap_or_else(made_up))
}
