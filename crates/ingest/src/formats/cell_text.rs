//! Native cells as canonical text: what a person would have typed, without the noise of binary fractions.

use calamine::{ExcelDateTime, ExcelDateTimeType};

/// The shortest decimal that a spreadsheet would show: fifteen significant digits, no exponent below 10^21.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    if value == 0.0 {
        return "0".into();
    }
    let plain = value.to_string();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let tidy = if digits > 15 { format!("{value:.14e}").parse().unwrap_or(value) } else { value };
    if tidy.abs() >= 1e21 || tidy.abs() < 1e-9 { format!("{tidy:e}") } else { tidy.to_string() }
}

/// A serial date of Excel: a date, a date with time, or (below one day) a time of day.
pub(crate) fn moment(serial: f64, epoch_1904: bool) -> String {
    if !(0.0..2_958_466.0).contains(&serial) {
        return number(serial);
    }
    // Serial times are fractions of a day: 08:00 may arrive as 07:59:59.997.
    let seconds = serial * 86_400.0;
    let whole = seconds.round();
    let serial = if (seconds - whole).abs() < 0.01 { whole / 86_400.0 } else { serial };
    let (year, month, day, hour, minute, second, milli) =
        ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, epoch_1904).to_ymd_hms_milli();
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    if serial < 1.0 {
        return format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    }
    if (hour, minute, second, milli) == (0, 0, 0, 0) {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}")
}

/// A span of time in days, as `HHH:MM` and seconds only where there are any.
pub(crate) fn span(days: f64) -> String {
    if !days.is_finite() || days.abs() > 1e8 {
        return number(days);
    }
    let seconds = (days * 86_400.0).round() as i64;
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:03}:{minutes:02}")
    } else {
        format!("{sign}{hours:03}:{minutes:02}:{rest:02}")
    }
}

/// An ISO 8601 moment, without a midnight that only says that there is no time.
pub(crate) fn iso_moment(text: &str) -> &str {
    let text = text.trim();
    text.split_once('T')
        .filter(|(_, time)| time.trim_end_matches('Z').chars().all(|c| matches!(c, '0' | ':' | '.')))
        .map_or(text, |(date, _)| date)
}

/// An ISO 8601 duration of days, hours, minutes and seconds (`PT08H30M00S`); anything else stays as written.
pub(crate) fn iso_span(text: &str) -> String {
    let (sign, body) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let Some(body) = body.strip_prefix('P') else { return text.to_owned() };
    let (mut days, mut digits, mut time) = (0.0, String::new(), false);
    for mark in body.chars() {
        let unit = match (mark, time) {
            ('0'..='9' | '.', _) => {
                digits.push(mark);
                continue;
            }
            ('T', _) => {
                time = true;
                continue;
            }
            ('D', false) => 1.0,
            ('H', true) => 1.0 / 24.0,
            ('M', true) => 1.0 / 1440.0,
            ('S', true) => 1.0 / 86_400.0,
            _ => return text.to_owned(),
        };
        let Ok(count) = digits.parse::<f64>() else { return text.to_owned() };
        days += count * unit;
        digits.clear();
    }
    span(sign * days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let cases: &[(f64, &str)] = &[
            (12.100_000_000_000_001, "12.1"),
            (0.1 + 0.2, "0.3"),
            (-3.0, "-3"),
            (1_234_567.25, "1234567.25"),
            (0.000_012_5, "0.0000125"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e300, "1e300"),
            (-0.0, "0"),
            (f64::NAN, ""),
        ];
        for &(value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn moments() {
        let cases: &[(f64, bool, &str)] = &[
            (45_352.0, false, "2024-03-01"),
            (43_890.0, true, "2024-03-01"),
            (45_352.0 + 10.0 / 24.0, false, "2024-03-01T10:00:00"),
            (45_352.416_666_6, false, "2024-03-01T10:00:00"),
            (0.333_333_333, false, "08:00:00"),
            (45_352.999_999_99, false, "2024-03-02"),
            (-1.0, false, "-1"),
            (3e6, false, "3000000"),
        ];
        for &(serial, epoch_1904, text) in cases {
            assert_eq!(moment(serial, epoch_1904), text);
        }
    }

    #[test]
    fn spans() {
        let cases: &[(f64, &str)] =
            &[(0.5, "012:00"), (4.1875, "100:30"), (-0.0625, "-001:30"), (1.0 / 86_400.0, "000:00:01")];
        for &(days, text) in cases {
            assert_eq!(span(days), text);
        }
    }

    #[test]
    fn iso_texts_lose_what_says_nothing() {
        assert_eq!(iso_moment("2024-03-01T00:00:00"), "2024-03-01");
        assert_eq!(iso_moment("2024-03-01T06:30:00"), "2024-03-01T06:30:00");
        assert_eq!(iso_span("PT08H30M00S"), "008:30");
        assert_eq!(iso_span("P1DT0H"), "024:00");
        assert_eq!(iso_span("P1Y"), "P1Y");
    }
}
