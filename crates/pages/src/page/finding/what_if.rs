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
