//! What a part of a finding is worth: arithmetic on its own figures, with the formula beside it.

use domain::number;

use crate::component::findings::Yearly;

#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// Hundredths of the loss that are won back.
    pub share: u8,
    pub saved: String,
    pub range: String,
    pub formula: String,
    /// For the slider: amounts of the whole, and the sign of the currency before them.
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub currency: String,
}

impl WhatIf {
    /// Starts at the plant's capture rate. `None` where nothing can be won back.
    pub fn new(yearly: &Yearly, share: Option<u8>) -> Option<Self> {
        if yearly.value <= 0.0 {
            return None;
        }
        let usual = (yearly.recoverable / yearly.value * 100.0).round().clamp(0.0, 100.0) as u8;
        let share = share.unwrap_or(usual).min(100);
        let part = |amount: f64| amount * f64::from(share) / 100.0;
        let unit = yearly.currency.as_str();
        let money = |amount: f64| number::money(amount, &yearly.currency);
        let compact = |amount: f64| number::compact(amount, unit).replace(" XXX", "");
        Some(Self {
            share,
            saved: money(part(yearly.value)),
            range: format!("{} – {}", compact(part(yearly.low)), compact(part(yearly.high))),
            formula: format!("{share}% × {} a year = {}", money(yearly.value), money(part(yearly.value))),
            value: yearly.value,
            low: yearly.low,
            high: yearly.high,
            currency: money(0.0).trim_end_matches('0').to_owned(),
        })
    }
}

/// A question with numbers of one's own, and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// Name and words of each lever that fits the finding, and whether it is the one that is asked.
    pub levers: Vec<(&'static str, &'static str, bool)>,
    pub lever: &'static str,
    /// `Less time for a set-up, %`.
    pub label: &'static str,
    pub value: String,
    /// The second number, where the lever has one: label and value.
    pub second: Option<(&'static str, String)>,
    /// What it is asked of: `machine M07`, `the whole plant`.
    pub of: String,
    pub question: String,
    /// `$4,200 saved a year`, `$9,000 more a year`; empty where no rate is known.
    pub money: String,
    /// Name, today, then.
    pub figures: Vec<(String, String, String)>,
    pub formula: String,
    pub assumptions: Vec<String>,
    pub missing: Vec<String>,
    /// Why there is no answer to this number.
    pub error: Option<String>,
}

/// The levers that a finding of this type can be asked about, the likeliest first.
pub fn levers(type_: &str) -> &'static [&'static str] {
    match type_ {
        "setup_overrun" => &["setup", "batch_size"],
        "batch_size" => &["batch_size", "setup"],
        "scrap_rate" | "first_pass_yield" | "quality_shift" => &["scrap"],
        "material_price_variance" => &["price"],
        "bottleneck" | "queue_time" | "late_orders_driver" | "oee_loss" => &["machines", "shift", "setup"],
        _ => &[],
    }
}

/// How a lever is asked for: its words, the label of its number, a number to begin with, how many of the number's units
/// make one of the asked (100 for percent), and the label of a second number with what makes one of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asking {
    pub words: &'static str,
    pub label: &'static str,
    pub usual: f64,
    pub scale: f64,
    pub second: Option<(&'static str, f64)>,
}

pub fn asking(lever: &str) -> Asking {
    let plain = |words, label, usual, scale| Asking { words, label, usual, scale, second: None };
    match lever {
        "setup" => plain("Shorter set-ups", "Less time for a set-up, %", 25.0, 100.0),
        "scrap" => plain("Less scrap", "Scrap of all pieces, %", 1.0, 100.0),
        "price" => plain("Other prices", "Change of prices, %", -5.0, 100.0),
        "shift" => Asking {
            second: Some(("Premium on the rate, %", 100.0)),
            ..plain("Longer hours", "Open hours more a week", 8.0, 1.0)
        },
        "machines" => Asking {
            second: Some(("Cost of a machine a year", 1.0)),
            ..plain("More machines", "Machines more", 1.0, 1.0)
        },
        _ => Asking {
            second: Some(("Cost of stock a year, % of its value", 100.0)),
            ..plain("Other batches", "Times as large as today", 2.0, 1.0)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_loss_is_a_share_of_its_range() {
        let yearly = Yearly {
            value: 86_400.0,
            low: 71_000.0,
            high: 102_000.0,
            recoverable: 60_480.0,
            currency: domain::Currency::parse("USD").unwrap(),
        };
        let usual = WhatIf::new(&yearly, None).unwrap();
        assert_eq!((usual.share, usual.saved.as_str()), (70, "$60,480"));
        let half = WhatIf::new(&yearly, Some(50)).unwrap();
        assert_eq!((half.saved.as_str(), half.range.as_str()), ("$43,200", "$35.5k – $51k"));
        assert_eq!(WhatIf::new(&yearly, Some(255)).unwrap().share, 100);
        assert!(WhatIf::new(&Yearly { value: -1.0, ..yearly }, None).is_none());
    }
}
