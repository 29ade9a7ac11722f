//! Numbers and names in sentences.

use jiff::civil::{Date, date};

/// The day as an ISO date.
pub fn iso(day: f64) -> Option<String> {
    civil(day).map(|date| date.to_string())
}

/// The day of an ISO date, as days since 1970-01-01.
pub fn day(iso: &str) -> Option<f64> {
    let date: Date = iso.parse().ok()?;
    let days = date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days();
    Some(f64::from(days))
}

/// The day as people write it: `3 June 2025`.
pub fn long_date(day: f64) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    civil(day).map_or_else(String::new, |date| {
        format!("{} {} {}", date.day(), MONTHS[(date.month() - 1).clamp(0, 11) as usize], date.year())
    })
}

fn civil(day: f64) -> Option<Date> {
    let days = day.floor();
    if !days.is_finite() || days.abs() > 3_000_000.0 {
        return None;
    }
    date(1970, 1, 1).checked_add(jiff::Span::new().days(days as i64)).ok()
}

/// Three figures: `12%`, `8.4%`, `0.53%`.
pub fn percent(share: f64) -> String {
    let value = share.abs() * 100.0;
    if value >= 9.95 {
        format!("{value:.0}%")
    } else if value >= 0.995 {
        format!("{value:.1}%")
    } else {
        format!("{value:.2}%")
    }
}

/// Three figures with thousands separators: `86,400`, `1,230`, `4.27`.
pub fn figure(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    let digits = magnitude.log10().floor() as i32 + 1;
    if digits >= 3 {
        let unit = 10_f64.powi(digits - 3);
        thousands((value / unit).round() * unit)
    } else {
        let text = format!("{value:.*}", (3 - digits).clamp(0, 6) as usize);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    }
}

/// A whole number with thousands separators.
pub fn thousands(value: f64) -> String {
    let text = domain::number::grouped(value.abs(), 0);
    if value < 0.0 { format!("-{text}") } else { text }
}

/// The first letter a capital.
pub fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub fn money(value: f64, currency: &domain::Currency) -> String {
    match currency.as_str() {
        "USD" => format!("${}", figure(value)),
        "EUR" => format!("€{}", figure(value)),
        "XXX" => figure(value),
        code => format!("{} {code}", figure(value)),
    }
}

/// The unit of an amount of money that is stated but not counted.
pub fn currency_unit(currency: &domain::Currency) -> &'static str {
    match currency.as_str() {
        "USD" => "USD",
        "EUR" => "EUR",
        "GBP" => "GBP",
        "CHF" => "CHF",
        "CNY" => "CNY",
        "JPY" => "JPY",
        _ => "money",
    }
}

/// What a level of a field is called: `Supplier S03`. A value that says what it is stands alone.
pub fn thing(field: &str, value: &str) -> String {
    let noun = noun(field);
    let lower = value.to_lowercase();
    let first = noun.split(' ').next().unwrap_or(noun).to_lowercase();
    if lower.split(|c: char| !c.is_alphanumeric()).any(|word| word == first) {
        return value.to_owned();
    }
    format!("{noun} {value}")
}

pub fn noun(field: &str) -> &'static str {
    match field {
        "supplier_id" => "Supplier",
        "material_id" => "Material",
        "machine_id" => "Machine",
        "shift" => "Shift",
        "work_center_id" => "Work center",
        "product_id" => "Product",
        "product_family" => "Family",
        "department" => "Department",
        "planner_id" => "Planner",
        "facility_id" => "Plant",
        "customer_id" => "Customer",
        "tool_id" => "Tool",
        "work_order_type" => "Order type",
        "work_order_id" => "Order",
        "downtime_reason" => "Reason",
        "defect_code" => "Defect",
        _ => "Operation",
    }
}

/// `Machine M12 with family C`.
pub fn things(fields: &[&'static str], values: &[String]) -> String {
    let mut parts = fields.iter().zip(values).map(|(field, value)| thing(field, value));
    let first = parts.next().unwrap_or_default();
    parts.fold(first, |text, part| {
        let mut letters = part.chars();
        let lowered = letters
            .next()
            .map_or_else(String::new, |c| c.to_lowercase().collect::<String>() + letters.as_str());
        format!("{text} with {lowered}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (value, wanted) in [
            (86_432.0, "86,400"),
            (1_234.0, "1,230"),
            (4.266, "4.27"),
            (12.0, "12"),
            (0.05, "0.05"),
            (-1_000_000.0, "-1,000,000"),
        ] {
            assert_eq!(figure(value), wanted);
        }
        for (value, wanted) in [(0.1204, "12%"), (0.0843, "8.4%"), (-0.0053, "0.53%")] {
            assert_eq!(percent(value), wanted);
        }
        assert_eq!(long_date(20_242.3), "3 June 2025");
        assert_eq!(iso(20_242.9), Some("2025-06-03".to_owned()));
        assert_eq!(iso(f64::NAN), None);
    }

    #[test]
    fn things_are_named_once() {
        assert_eq!(thing("supplier_id", "S03"), "Supplier S03");
        assert_eq!(thing("machine_id", "Machine 4 - Turning"), "Machine 4 - Turning");
        assert_eq!(
            things(&["machine_id", "product_family"], &["M12".into(), "C".into()]),
            "Machine M12 with family C"
        );
    }
}
