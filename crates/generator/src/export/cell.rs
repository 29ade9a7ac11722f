//! One value of a row, and how a dialect writes it.

use super::style::{DateForm, Style};
use crate::{calendar::civil, plant::identity::Identity};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell {
    Empty,
    Text(&'static str),
    /// A text that the dialect translates.
    Word(&'static str),
    /// Two words of which the first is translated: `Flange A-013`.
    Named(&'static str, Identity),
    Id(Identity),
    Integer(i64),
    /// A number and how many of its digits are decimals.
    Decimal(i64, u32),
    /// A day number.
    Date(i64),
    /// Minutes since 1970-01-01.
    Moment(i64),
}

impl Cell {
    /// Appends the value as `style` writes it, quoted where it must be.
    pub(crate) fn write(self, style: &Style, out: &mut Vec<u8>) {
        match self {
            Self::Empty => {}
            Self::Text(text) => style.quoted(text, out),
            Self::Word(word) => style.quoted(style.translate(word), out),
            Self::Named(word, id) => {
                style.encode(style.translate(word), out);
                out.push(b' ');
                write_id(id, out);
            }
            Self::Id(id) => write_id(id, out),
            Self::Integer(number) => digits(number, 1, out),
            Self::Decimal(number, decimals) => decimal(number, decimals, style.decimal, out),
            Self::Date(day) => date(day, style.date, out),
            Self::Moment(minute) => {
                date(minute.div_euclid(1_440), style.moment, out);
                out.push(b' ');
                let minute = minute.rem_euclid(1_440);
                digits(minute / 60, 2, out);
                out.push(b':');
                digits(minute % 60, 2, out);
            }
        }
    }
}

fn write_id(id: Identity, out: &mut Vec<u8>) {
    out.extend_from_slice(id.prefix.as_bytes());
    digits(id.number as i64, id.width, out);
}

fn digits(number: i64, width: usize, out: &mut Vec<u8>) {
    let mut buffer = [b'0'; 20];
    let mut left = number.unsigned_abs();
    let mut at = buffer.len();
    while left > 0 || buffer.len() - at < width {
        at -= 1;
        buffer[at] = b'0' + (left % 10) as u8;
        left /= 10;
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&buffer[at..]);
}

fn decimal(number: i64, decimals: u32, sign: u8, out: &mut Vec<u8>) {
    let scale = 10_i64.pow(decimals);
    if number < 0 {
        out.push(b'-');
    }
    let number = number.abs();
    digits(number / scale, 1, out);
    out.push(sign);
    digits(number % scale, decimals as usize, out);
}

fn date(day: i64, form: DateForm, out: &mut Vec<u8>) {
    let (year, month, day) = civil(day);
    let (parts, separator) = match form {
        DateForm::YearMonthDay => ([(year, 4), (month, 2), (day, 2)], b'-'),
        DateForm::MonthDayYear => ([(month, 2), (day, 2), (year, 4)], b'/'),
        DateForm::DayMonthYear => ([(day, 2), (month, 2), (year, 4)], b'.'),
    };
    for (position, (part, width)) in parts.into_iter().enumerate() {
        if position > 0 {
            out.push(separator);
        }
        digits(part, width, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::identity::product;

    fn written(cell: Cell, style: &str) -> String {
        let mut out = Vec::new();
        cell.write(&Style::named(style).unwrap(), &mut out);
        // Windows-1252 and UTF-8 agree on the letters of these cases.
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_written_in_their_dialect() {
        for (cell, jobshop, sap) in [
            (Cell::Decimal(-1_205, 2), "-12.05", "\"-12,05\"".trim_matches('"')),
            (Cell::Decimal(7, 4), "0.0007", "0,0007"),
            (Cell::Integer(0), "0", "0"),
            (Cell::Date(19_782), "02/29/2024", "29.02.2024"),
            (Cell::Moment(19_782 * 1_440 + 365), "02/29/2024 06:05", "29.02.2024 06:05"),
            (Cell::Word("Closed"), "Closed", "Abgeschlossen"),
            (Cell::Named("Shaft", product(12)), "Shaft P013", "Welle P013"),
            (Cell::Empty, "", ""),
        ] {
            assert_eq!(written(cell, "jobshop"), jobshop);
            assert_eq!(written(cell, "sap"), sap);
        }
    }
}
