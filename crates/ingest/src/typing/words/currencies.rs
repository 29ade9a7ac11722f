//! Currency codes and signs.

use super::code;
use super::table::WordTable;

/// ISO 4217 codes, and after them signs that several currencies share.
pub(in crate::typing) const CURRENCIES: [&str; 46] = [
    "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "PLN", "CZK", "SEK", "NOK", "DKK", "HUF", "RON", "BRL",
    "MXN", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "KRW", "RUB", "TRY", "ZAR", "ILS", "AED", "SAR", "THB",
    "MYR", "IDR", "VND", "PHP", "CLP", "COP", "ARS", "PEN", "UAH", "BGN", "EGP", "MAD", "ISK", "RSD", "kr",
    "¥",
];

const WORDS: [(&str, &str); 14] = [
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("sfr", "CHF"),
    ("rmb", "CNY"),
    ("rs", "INR"),
    ("zl", "PLN"),
    ("kc", "CZK"),
    ("ft", "HUF"),
    ("lei", "RON"),
    ("tl", "TRY"),
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("skr", "SEK"),
    ("kr", "kr"),
];

pub(super) fn index_of(currency: &str) -> u64 {
    CURRENCIES.iter().position(|known| *known == currency).unwrap_or(0) as u64
}

/// The currency of a sign, as an index into [`CURRENCIES`].
pub(in crate::typing) fn of_sign(sign: char) -> Option<u64> {
    Some(index_of(match sign {
        '$' | '＄' => "USD",
        '€' => "EUR",
        '£' => "GBP",
        '¥' | '￥' => "¥",
        '円' => "JPY",
        '元' => "CNY",
        '₹' => "INR",
        '₩' => "KRW",
        '₽' => "RUB",
        '₺' => "TRY",
        '₪' => "ILS",
        '฿' => "THB",
        '₫' => "VND",
        '₴' => "UAH",
        _ => return None,
    }))
}

/// The dollar that a word before `$` names.
pub(in crate::typing) fn of_dollar(word: &[u8]) -> Option<u64> {
    Some(index_of(match word {
        b"r" => "BRL",
        b"us" | b"u" => "USD",
        b"c" | b"ca" | b"can" => "CAD",
        b"a" | b"au" => "AUD",
        b"nz" => "NZD",
        b"hk" => "HKD",
        b"s" | b"sg" => "SGD",
        b"nt" | b"tw" => "TWD",
        b"mx" => "MXN",
        _ => return None,
    }))
}

pub(super) fn add_to(table: &mut WordTable) {
    for (word, currency) in WORDS {
        table.add(word, code::CURRENCY, index_of(currency));
    }
    for (index, currency) in CURRENCIES.iter().enumerate() {
        if currency.len() == 3 && currency.is_ascii() {
            table.add(currency, code::CURRENCY, index as u64);
        }
    }
}
