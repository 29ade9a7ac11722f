//! A customer's own table of exchange rates: what a unit of a currency is worth in the one that is reported, and since when.

use std::fmt::Write as _;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::Currency;

/// Rates into one currency. Nothing is reckoned across two rates, and none is made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRates {
    /// The currency that everything is reported in.
    pub to: Currency,
    /// By currency, then by the day since which a rate holds.
    rates: Vec<ExchangeRate>,
}

/// What one unit of a currency is worth from a day on, until its next rate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExchangeRate {
    pub currency: Currency,
    pub from: Date,
    pub rate: Decimal,
}

impl ExchangeRates {
    /// A table, or the sentence that says what is wrong with it.
    pub fn new(to: Currency, mut rates: Vec<ExchangeRate>) -> Result<Self, String> {
        rates.sort();
        for rate in &rates {
            if rate.currency == to {
                return Err(format!("{to} is the currency that is reported; it needs no rate"));
            }
            if rate.rate <= Decimal::ZERO {
                return Err(format!("the rate of {} from {} must be above 0", rate.currency, rate.from));
            }
        }
        let twice =
            |pair: &&[ExchangeRate]| (&pair[0].currency, pair[0].from) == (&pair[1].currency, pair[1].from);
        if let Some(pair) = rates.windows(2).find(twice) {
            return Err(format!("{} has two rates from {}", pair[0].currency, pair[0].from));
        }
        if rates.is_empty() {
            return Err("give at least one rate".to_owned());
        }
        Ok(Self { to, rates })
    }

    /// From lines as people write them: `EUR 2025-01-01 1.08`. Blank lines say nothing.
    pub fn parse(to: &str, text: &str) -> Result<Self, String> {
        let to =
            Currency::parse(to).ok_or_else(|| format!("\u{201c}{to}\u{201d} is no currency; write USD"))?;
        let mut rates = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong =
                || format!("line {}: write a currency, a day and a rate, as in EUR 2025-01-01 1.08", at + 1);
            let parts: Vec<&str> =
                line.split(|c: char| c.is_whitespace() || c == ';').filter(|part| !part.is_empty()).collect();
            let [currency, from, rate] = parts[..] else { return Err(wrong()) };
            rates.push(ExchangeRate {
                currency: Currency::parse(currency).ok_or_else(wrong)?,
                from: from.parse().map_err(|_| wrong())?,
                rate: rate.replace(',', ".").parse().map_err(|_| wrong())?,
            });
        }
        Self::new(to, rates)
    }

    /// The lines that [`Self::parse`] reads.
    pub fn lines(&self) -> String {
        self.rates.iter().fold(String::new(), |mut lines, rate| {
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{} {} {}", rate.currency, rate.from, rate.rate);
            lines
        })
    }

    /// By currency, then by day.
    pub fn rates(&self) -> &[ExchangeRate] {
        &self.rates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_sorted_and_what_is_wrong_is_said() {
        let table =
            ExchangeRates::parse("usd", "EUR 2025-07-01 1,17\n\nGBP;2025-01-01;1.25\neur 2025-01-01 1.04\n")
                .unwrap();
        assert_eq!(table.lines(), "EUR 2025-01-01 1.04\nEUR 2025-07-01 1.17\nGBP 2025-01-01 1.25\n");
        assert_eq!(ExchangeRates::parse("USD", &table.lines()), Ok(table));
        for (to, text, said) in [
            ("dollars", "EUR 2025-01-01 1", "is no currency"),
            ("USD", "", "at least one rate"),
            ("USD", "EUR 2025-01-01", "line 1: write a currency"),
            ("USD", "EUR 2025-01-01 1\nEUR yesterday 2", "line 2"),
            ("USD", "USD 2025-01-01 1", "needs no rate"),
            ("USD", "EUR 2025-01-01 0", "must be above 0"),
            ("USD", "EUR 2025-01-01 1\nEUR 2025-01-01 2", "two rates from 2025-01-01"),
        ] {
            let error = ExchangeRates::parse(to, text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
