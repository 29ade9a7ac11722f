//! Periods as people name them: a year, a quarter, a month, a week, a span between days, the last so many of them.

use jiff::{ToSpan, civil::Date};

use crate::{
    intent::{Period, Step},
    text::{Token, fold},
};

/// The end of a period that has none.
pub(crate) const OPEN: Date = jiff::civil::date(9_998, 12, 31);

pub(crate) fn months() -> [Vec<String>; 3] {
    [
        "january february march april may june july august september october november december",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    ]
    .map(|names| names.split(' ').map(fold).collect())
}

/// The number of a month by its name or, from three letters on, by the beginning of it.
pub(crate) fn month(word: &str) -> Option<i8> {
    let months = &crate::lexicon::get().months;
    let whole = |name: &String| name == word;
    let short = |name: &String| word.chars().count() == 3 && name.starts_with(word);
    // "mar" is no month in Spanish prose, and "may" is one only with capital letter or year; both are looked at by the caller.
    let find = |test: &dyn Fn(&String) -> bool| {
        months.iter().find_map(|names| names.iter().position(test)).map(|at| at as i8 + 1)
    };
    find(&whole).or_else(|| find(&short)).or((word == "sept").then_some(9))
}

pub(crate) fn year(word: &str) -> Option<i16> {
    (word.len() == 4).then(|| word.parse::<i16>().ok()).flatten().filter(|year| (1980..2100).contains(year))
}

/// A day as `2025-06-03`, `3.6.2025`, `03/06/2025` (day first where only that is possible or the point says so).
pub(crate) fn day(word: &str) -> Option<Date> {
    if let Ok(date) = word.parse::<Date>()
        && word.len() == 10
    {
        return Some(date);
    }
    let separator = ['.', '/'].into_iter().find(|mark| word.matches(*mark).count() == 2)?;
    let parts: Vec<i16> = word.split(separator).map_while(|part| part.parse().ok()).collect();
    let [a, b, year] = parts[..] else { return None };
    let (day, month) = if separator == '.' || a > 12 { (a, b) } else { (b, a) };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `2025-06` is a month.
fn month_of_year(word: &str) -> Option<Period> {
    let (year_part, month_part) = word.split_once('-')?;
    let (year, month) = (year(year_part)?, month_part.parse::<i8>().ok()?);
    (month_part.len() == 2).then(|| span(Step::Month, Date::new(year, month, 1).ok()?)).flatten()
}

/// The span of a step that begins on a day.
pub(crate) fn span(step: Step, first: Date) -> Option<Period> {
    let next = match step {
        Step::Day => first.checked_add(1.day()),
        Step::Week => first.checked_add(7.days()),
        Step::Month => first.checked_add(1.month()),
        Step::Quarter => first.checked_add(3.months()),
        Step::Year => first.checked_add(1.year()),
    };
    Some(Period { first, last: next.ok()?.yesterday().ok()? })
}

/// The first day of the step that a day lies in.
pub(crate) fn begin(step: Step, day: Date) -> Option<Date> {
    match step {
        Step::Day => Some(day),
        Step::Week => day.checked_sub((i64::from(day.weekday().to_monday_zero_offset())).days()).ok(),
        Step::Month => Date::new(day.year(), day.month(), 1).ok(),
        Step::Quarter => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok(),
        Step::Year => Date::new(day.year(), 1, 1).ok(),
    }
}

/// A period that a run of words names, and how many words that are. `known` is the period of the data: a month without a year
/// is the latest such month in it.
pub(crate) fn named(tokens: &[Token], known: Option<Period>) -> Option<(Period, usize)> {
    let word = |at: usize| tokens.get(at).map(|token: &Token| token.folded.as_str());
    let one = word(0)?;
    if let Some(day) = day(one) {
        return Some((Period { first: day, last: day }, 1));
    }
    if let Some(period) = month_of_year(one) {
        return Some((period, 1));
    }
    // "Q2 2025", "2. Quartal 2025", "second" is left to people.
    if let Some(quarter) =
        one.strip_prefix('q').or(one.strip_prefix('t')).and_then(|text| text.parse::<i8>().ok())
        && (1..=4).contains(&quarter)
        && one.len() == 2
    {
        let joined = usize::from(matches!(word(1), Some("de" | "del" | "of")));
        let stated = word(1 + joined).and_then(year);
        let year = stated.or_else(|| latest_year(known, quarter * 3))?;
        let used = if stated.is_some() { 2 + joined } else { 1 };
        return Some((span(Step::Quarter, Date::new(year, quarter * 3 - 2, 1).ok()?)?, used));
    }
    if let Some(number) = one.strip_prefix("kw").or(one.strip_prefix("cw")) {
        let (number, used) = if number.is_empty() { (word(1)?, 2) } else { (number, 1) };
        let week = number.parse::<i8>().ok().filter(|week| (1..=53).contains(week))?;
        let stated = word(used).and_then(year);
        let year = stated.or(known.map(|known| known.last.year()))?;
        let monday = jiff::civil::ISOWeekDate::new(year, week, jiff::civil::Weekday::Monday).ok()?.date();
        return Some((span(Step::Week, monday)?, used + usize::from(stated.is_some())));
    }
    if let Some(month) = month(one) {
        let joined = usize::from(matches!(word(1), Some("de" | "del" | "of")));
        let stated = word(1 + joined).and_then(year);
        let ambiguous = matches!(one, "may" | "mar") && tokens[0].written.starts_with(char::is_lowercase);
        if stated.is_none() && ambiguous {
            return None;
        }
        let year = stated.or_else(|| latest_year(known, month))?;
        let used = if stated.is_some() { 2 + joined } else { 1 };
        return Some((span(Step::Month, Date::new(year, month, 1).ok()?)?, used));
    }
    year(one).and_then(|year| Some((span(Step::Year, Date::new(year, 1, 1).ok()?)?, 1)))
}

/// The last year in which the data reach that month.
fn latest_year(known: Option<Period>, month: i8) -> Option<i16> {
    let last = known?.last;
    Some(if month <= last.month() { last.year() } else { last.year() - 1 })
}

/// The last `n` steps of the data: whole ones by the calendar, the one that the data end in included.
pub(crate) fn last(step: Step, n: i64, known: Period) -> Option<Period> {
    let end = span(step, begin(step, known.last)?)?;
    let mut first = begin(step, known.last)?;
    for _ in 1..n.clamp(1, 400) {
        first = begin(step, first.yesterday().ok()?)?;
    }
    Some(Period { first, last: end.last })
}

/// The last step that the data hold to its end, or nearly so: plants rest at the end of a year. The one that they end in where
/// there is no earlier one.
pub(crate) fn last_whole(step: Step, known: Period) -> Option<Period> {
    let own = span(step, begin(step, known.last)?)?;
    let (missing, whole) = ((own.last - known.last).get_days(), (own.last - own.first).get_days());
    if missing * 20 <= whole {
        return Some(own);
    }
    let before = span(step, begin(step, own.first.yesterday().ok()?)?)?;
    Some(if before.last >= known.first { before } else { own })
}

/// The step of the same length before a period.
pub(crate) fn before(period: Period) -> Option<Period> {
    let steps = [Step::Day, Step::Week, Step::Month, Step::Quarter, Step::Year];
    let own = steps
        .into_iter()
        .find(|step| begin(*step, period.first).and_then(|first| span(*step, first)) == Some(period));
    let last = period.first.yesterday().ok()?;
    match own {
        Some(step) => span(step, begin(step, last)?),
        None => Some(Period { first: last.checked_sub(period.last - period.first).ok()?, last }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    fn known() -> Period {
        Period { first: "2024-11-01".parse().unwrap(), last: "2025-08-14".parse().unwrap() }
    }

    #[test]
    fn periods_are_found_by_their_names() {
        for (said, first, last, used) in [
            ("2025", "2025-01-01", "2025-12-31", 1),
            ("June 2025", "2025-06-01", "2025-06-30", 2),
            ("Juni", "2025-06-01", "2025-06-30", 1),
            ("diciembre de 2024", "2024-12-01", "2024-12-31", 3),
            ("december", "2024-12-01", "2024-12-31", 1),
            ("Q2 2025", "2025-04-01", "2025-06-30", 2),
            ("Q4", "2024-10-01", "2024-12-31", 1),
            ("2025-03", "2025-03-01", "2025-03-31", 1),
            ("3.6.2025", "2025-06-03", "2025-06-03", 1),
            ("KW 2 2025", "2025-01-06", "2025-01-12", 3),
        ] {
            let (period, n) = named(&tokens(said), Some(known())).unwrap_or_else(|| panic!("{said}"));
            assert_eq!(
                (period.first.to_string(), period.last.to_string(), n),
                (first.to_owned(), last.to_owned(), used),
                "{said}"
            );
        }
        assert_eq!(named(&tokens("may we"), Some(known())), None);
    }

    #[test]
    fn the_last_steps_end_where_the_data_end() {
        let known = known();
        let three = last(Step::Month, 3, known).unwrap();
        assert_eq!(
            (three.first.to_string(), three.last.to_string()),
            ("2025-06-01".to_owned(), "2025-08-31".to_owned())
        );
        let quarter = last(Step::Quarter, 1, known).unwrap();
        assert_eq!(quarter.first.to_string(), "2025-07-01");
    }
}
