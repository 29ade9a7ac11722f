//! Money: a decimal amount in a currency. A bare float never crosses a wall as money.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// An ISO 4217 code. `XXX` is the standard's own code for "no currency stated".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(String);

impl Currency {
    /// The code where no file and no setting states a currency.
    pub fn unstated() -> Self {
        Self("XXX".to_owned())
    }

    /// A currency of three capital letters; anything else is none.
    pub fn parse(code: &str) -> Option<Self> {
        let code = code.trim().to_ascii_uppercase();
        (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(Self(code))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_stated(&self) -> bool {
        self.0 != "XXX"
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An amount in a currency, kept to the cent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    pub amount: Decimal,
    pub currency: Currency,
}

impl Money {
    /// Rounds a computed amount to the cent, half to even. A number that is no amount (infinite, not a number) is zero.
    pub fn rounded(amount: f64, currency: &Currency) -> Self {
        let amount = Decimal::from_f64(amount).unwrap_or_default().round_dp(2);
        Self { amount, currency: currency.clone() }
    }

    pub fn to_f64(&self) -> f64 {
        self.amount.to_f64().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_kept_to_the_cent() {
        let usd = Currency::parse("usd").unwrap();
        assert_eq!(Money::rounded(10.005_1, &usd).to_f64(), 10.01);
        assert_eq!(Money::rounded(f64::NAN, &usd).to_f64(), 0.0);
    }

    #[test]
    fn a_currency_is_three_letters() {
        assert_eq!(Currency::parse("EUR").map(|currency| currency.to_string()), Some("EUR".to_owned()));
        assert_eq!(Currency::parse("EURO"), None);
        assert_eq!(Currency::parse("12$"), None);
    }
}
