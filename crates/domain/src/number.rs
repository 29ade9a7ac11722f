//! Numbers as people read them: exact in tables, three figures in prose, always with their unit.

use jiff::civil::DateTime;

pub use jiff::civil::Date;

use crate::money::Currency;

/// `$86,400`, `-€1,200`, `86,400` where no currency is stated.
pub fn money(amount: f64, currency: &Currency) -> String {
    let sign = if amount <= -0.5 { "−" } else { "" };
    format!("{sign}{}{}", symbol(currency.as_str()), grouped(amount.abs(), 0))
}

/// `$807.51`, `-€12.30`.
pub fn cents(amount: f64, currency: &Currency) -> String {
    let sign = if amount <= -0.005 { "−" } else { "" };
    format!("{sign}{}{}", symbol(currency.as_str()), grouped(amount.abs(), 2))
}

/// `$86.4k`, `$6.69M`.
pub fn compact(amount: f64, unit: &str) -> String {
    let sign = if amount < 0.0 { "−" } else { "" };
    let size = amount.abs();
    let (value, suffix) = match size {
        size if size >= 999_500_000.0 => (size / 1e9, "B"),
        size if size >= 999_500.0 => (size / 1e6, "M"),
        size if size >= 1_000.0 => (size / 1e3, "k"),
        size => (size, ""),
    };
    let digits = if suffix.is_empty() || value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let mut text = format!("{value:.digits$}");
    if text.contains('.') {
        text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    if is_currency(unit) {
        format!("{sign}{}{text}{suffix}", symbol(unit))
    } else {
        format!("{sign}{text}{suffix} {unit}")
    }
}

pub fn signed_compact(amount: f64, unit: &str) -> String {
    if amount > 0.0 { format!("+{}", compact(amount, unit)) } else { compact(amount, unit) }
}

/// A share as `3.4%`.
pub fn percent(share: f64, digits: usize) -> String {
    let text = format!("{:.digits$}%", share * 100.0);
    text.replace('-', "−")
}

/// A value of a chart: shares as percent, money with its sign, the rest with its unit.
pub fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "%" => percent(value, 1),
        "" | "1" => short(value, ""),
        unit if is_currency(unit) => compact(value, unit),
        unit => format!("{} {unit}", short(value, unit)),
    }
}

/// Three figures; whole numbers stay whole.
pub fn short(value: f64, _unit: &str) -> String {
    let digits = match value.abs() {
        size if size.fract() == 0.0 => 0,
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let text = grouped(value.abs(), digits);
    if value < 0.0 { format!("−{text}") } else { text }
}

pub fn count(count: u64) -> String {
    grouped(count as f64, 0)
}

/// `7 Jul 2025`.
pub fn day(micros: i64) -> String {
    moment(micros).map_or_else(String::new, |moment| moment.strftime("%-d %b %Y").to_string())
}

/// `2 Jan 2025` for `2025-01-02`; a text that is no date stays as it is.
pub fn date(text: &str) -> String {
    civil(text).map_or_else(|| text.to_owned(), |day| day.strftime("%-d %b %Y").to_string())
}

/// The day of an ISO date.
pub fn civil(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// The plant-local moment behind microseconds since 1970.
pub fn moment(micros: i64) -> Option<DateTime> {
    let start = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    start.checked_add(jiff::SignedDuration::from_micros(micros)).ok()
}

/// Thousands set apart by commas.
pub fn grouped(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, part)| (whole, Some(part)));
    let mut result = String::new();
    for (idx, digit) in whole.chars().enumerate() {
        if idx > 0 && (whole.len() - idx) % 3 == 0 && digit.is_ascii_digit() {
            result.push(',');
        }
        result.push(digit);
    }
    if let Some(fraction) = fraction {
        result.push('.');
        result.push_str(fraction);
    }
    result
}

fn is_currency(unit: &str) -> bool {
    unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn symbol(currency: &str) -> String {
    match currency {
        "USD" => "$".to_owned(),
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        "JPY" | "CNY" => "¥".to_owned(),
        "XXX" => String::new(),
        other => format!("{other} "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let usd = Currency::parse("USD").unwrap();
        assert_eq!(money(86_400.4, &usd), "$86,400");
        assert_eq!(money(-1_234.0, &Currency::unstated()), "−1,234");
        assert_eq!(money(-0.2, &usd), "$0");
        assert_eq!(compact(6_690_000.0, "USD"), "$6.69M");
        assert_eq!(compact(412_600.0, "EUR"), "€413k");
        assert_eq!(signed_compact(-31_000.0, "USD"), "−$31k");
        assert_eq!(compact(12.0, "h"), "12 h");
        assert_eq!(percent(0.034, 1), "3.4%");
        assert_eq!(short(1_234.5, ""), "1,234");
        assert_eq!(short(3.0, ""), "3");
        assert_eq!(short(-12.5, ""), "−12.5");
        assert_eq!(with_unit(1.115, "%"), "111.5%");
        assert_eq!(day(1_751_846_400_000_000), "7 Jul 2025");
    }
}
