//! Moments written as text, by formats in the words that columns are described with (`dd.mm.yyyy hh:mm`).

use jiff::{
    Unit,
    civil::{Date, DateTime, Time, Weekday},
    fmt::strtime::BrokenDownTime,
};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A format as the calendar library writes it; `None` where a word is not known.
pub(crate) fn pattern(format: &str) -> Option<String> {
    let chars: Vec<char> = format.chars().collect();
    let mut pattern = String::new();
    let mut at = 0;
    let mut after_hour = false;
    while let Some(&c) = chars.get(at) {
        if !c.is_ascii_alphabetic() {
            pattern.push_str(if c == '%' { "%%" } else { "" });
            if c != '%' {
                pattern.push(c);
            }
            at += 1;
            continue;
        }
        let run = chars[at..].iter().take_while(|next| next.eq_ignore_ascii_case(&c)).count();
        let directive = match (c.to_ascii_lowercase(), run) {
            ('y', 4) => "%Y",
            ('y', 2) => "%y",
            ('m', 3) => "%b",
            ('m', 4) => "%B",
            ('m', 1 | 2) if after_hour => "%M",
            ('m', 1 | 2) => "%m",
            ('d', 1 | 2) => "%d",
            ('h', 1 | 2) => {
                after_hour = true;
                if format.to_ascii_lowercase().contains("am") { "%I" } else { "%H" }
            }
            ('s', 1 | 2) => "%S",
            ('a', 1) if chars.get(at + 1).is_some_and(|next| next.eq_ignore_ascii_case(&'m')) => {
                at += 1;
                "%p"
            }
            // ISO's mark between day and time.
            ('t', 1) => "T",
            _ => return None,
        };
        pattern.push_str(directive);
        at += run;
    }
    Some(pattern)
}

/// Microseconds since 1970 of what the pattern reads, and whether it names a time of day.
pub(crate) fn read(text: &str, pattern: &str, strict: bool) -> Option<i64> {
    let text = text.trim();
    let parts = if strict {
        BrokenDownTime::parse(pattern, text).ok()?
    } else {
        BrokenDownTime::parse_prefix(pattern, text).ok()?.0
    };
    let date = parts.to_date().ok()?;
    let time = parts.to_time().unwrap_or(Time::midnight());
    micros(date.to_datetime(time))
}

pub(crate) fn write(moment: i64, pattern: &str) -> Option<String> {
    jiff::fmt::strtime::format(pattern, civil(moment)?).ok()
}

/// The way moments are written where nothing else is asked for.
pub(crate) fn plain(moment: i64) -> String {
    let pattern = if moment.rem_euclid(MICROS_PER_DAY) == 0 { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
    write(moment, pattern).unwrap_or_default()
}

/// `2026-03-31`, with a time of day or without.
pub(crate) fn plain_read(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>() {
        // A date parses with a time behind it too; that is for the next line.
        if text.len() == 10 {
            return micros(date.to_datetime(Time::midnight()));
        }
    }
    micros(text.parse::<DateTime>().ok()?)
}

/// `18:00`, `06:30:15`: seconds since midnight.
pub(crate) fn time_of_day(text: &str) -> Option<f64> {
    let text = text.trim();
    if !text.contains(':') || text.len() > 8 {
        return None;
    }
    let pieces: Vec<&str> = text.split(':').collect();
    let number = |piece: &str, max: u32| piece.parse::<u32>().ok().filter(|n| *n <= max && piece.len() <= 2);
    match pieces.as_slice() {
        [hour, minute] => Some(f64::from(number(hour, 24)?) * 3600.0 + f64::from(number(minute, 59)?) * 60.0),
        [hour, minute, second] => Some(
            f64::from(number(hour, 24)?) * 3600.0
                + f64::from(number(minute, 59)?) * 60.0
                + f64::from(number(second, 59)?),
        ),
        _ => None,
    }
}

/// Seconds since midnight of a moment.
pub(crate) fn seconds_of_day(moment: i64) -> f64 {
    moment.rem_euclid(MICROS_PER_DAY) as f64 / 1e6
}

/// The day of the week by its name.
pub(crate) fn weekday_named(text: &str) -> Option<Weekday> {
    Some(match crate::fold::key(text).as_str() {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

pub(crate) fn weekday(moment: i64) -> Option<Weekday> {
    Some(civil(moment)?.weekday())
}

fn civil(moment: i64) -> Option<DateTime> {
    let days = moment.div_euclid(MICROS_PER_DAY);
    let rest = moment.rem_euclid(MICROS_PER_DAY);
    DateTime::new(1970, 1, 1, 0, 0, 0, 0)
        .ok()?
        .checked_add(jiff::Span::new().try_days(days).ok()?.try_microseconds(rest).ok()?)
        .ok()
}

fn micros(moment: DateTime) -> Option<i64> {
    let start = DateTime::new(1970, 1, 1, 0, 0, 0, 0).ok()?;
    let span = moment.since((Unit::Microsecond, start)).ok()?;
    Some(span.get_microseconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_in_the_words_that_describe_columns() {
        for (text, format, expected) in [
            ("31.12.2025", "dd.mm.yyyy", "2025-12-31"),
            ("12/31/25 18:05", "mm/dd/yy hh:mm", "2025-12-31 18:05:00"),
            ("2025-12-31T06:05:04", "yyyy-mm-ddThh:mm:ss", "2025-12-31 06:05:04"),
            ("05 Mar 2025", "dd mmm yyyy", "2025-03-05"),
            ("20251231", "yyyymmdd", "2025-12-31"),
            ("12/31/2025 06:05 PM", "mm/dd/yyyy hh:mm am", "2025-12-31 18:05:00"),
        ] {
            let pattern = pattern(format).unwrap();
            let moment = read(text, &pattern, true).unwrap_or_else(|| panic!("{text} by {pattern}"));
            assert_eq!(plain(moment), expected, "{text}");
            assert_eq!(plain_read(&plain(moment)), Some(moment));
        }
        assert_eq!(read("31.12.2025 x", "%d.%m.%Y", true), None);
        assert!(read("31.12.2025 x", "%d.%m.%Y", false).is_some());
        assert_eq!(read("31.02.2025", "%d.%m.%Y", true), None);
        assert_eq!(pattern("q"), None);
    }

    #[test]
    fn times_and_days_are_known() {
        assert_eq!(time_of_day("18:00"), Some(64_800.0));
        assert_eq!(time_of_day("6:05:01"), Some(21_901.0));
        assert_eq!(time_of_day("18"), None);
        assert_eq!(time_of_day("99:00"), None);
        let saturday = plain_read("2026-11-28").unwrap();
        assert_eq!(weekday(saturday), weekday_named("Saturday"));
        assert_eq!(seconds_of_day(plain_read("1969-12-31 23:00:00").unwrap()), 82_800.0);
    }
}
