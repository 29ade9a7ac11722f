//! Evidence of cells that are digits and nothing else: numbers, codes, and dates and times without marks.

use super::calendar;
use DigitForm as F;

/// The notations that digits alone can be, besides a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum DigitForm {
    /// `20240312`
    Ymd8,
    /// `12032024`, also with seven digits
    Dmy8,
    Mdy8,
    /// `240312`
    Ymd6,
    Dmy6,
    Mdy6,
    /// JD Edwards: `124072`
    CenturyOrdinal,
    /// `2024072`
    YearOrdinal,
    /// IBM: `1240312`
    CenturyYmd,
    /// `202403120730`
    Ymdhm,
    /// `20240312073000`
    Ymdhms,
    /// Days since 1899-12-30
    Serial,
    UnixSeconds,
    UnixMillis,
    /// `073000`
    Hms,
    /// `0730`
    Hm,
    /// Seconds since midnight
    DaySeconds,
    /// `202403`
    YearMonth,
}

pub(super) const FORMS: usize = 18;

/// Days from 1899-12-30 to 1970-01-01.
pub(super) const SERIAL_EPOCH: i64 = 25_569;
/// 31.12.9999 as a serial day.
const LAST_SERIAL: u64 = 2_958_465;

#[derive(Debug, Clone)]
pub(super) struct DigitEvidence {
    pub(super) count: u64,
    /// Cells by number of digits; the last counts all longer ones.
    pub(super) lengths: [u64; 20],
    /// Cells of several digits that begin with zero.
    pub(super) leading_zero: u64,
    /// Cells whose digits are all zero: `0`, `00000000`.
    pub(super) zero: u64,
    /// `99991231`, `99999999`, `2958465`: far ends that stand for "no date".
    pub(super) far: u64,
    pub(super) min: u64,
    pub(super) max: u64,
    /// The same without zeros and far ends.
    pub(super) least: u64,
    pub(super) most: u64,
    /// Cells that a notation allows, among those that are neither zero nor a far end.
    pub(super) fits: [u64; FORMS],
    /// A set of hashes of the values, from which their number is estimated.
    sketch: [u64; 4],
    /// Which pairs of digits occur in the first, second and third place of six digits.
    pub(super) pairs: [u128; 3],
}

impl Default for DigitEvidence {
    fn default() -> Self {
        Self {
            count: 0,
            lengths: [0; 20],
            leading_zero: 0,
            zero: 0,
            far: 0,
            min: u64::MAX,
            max: 0,
            least: u64::MAX,
            most: 0,
            fits: [0; FORMS],
            sketch: [0; 4],
            pairs: [0; 3],
        }
    }
}

fn likely_year(year: u64) -> bool {
    (1950..=2199).contains(&year)
}

fn fits_day(month: u64, day: u64) -> bool {
    (1..=12).contains(&month) && day >= 1 && day <= u64::from(calendar::LONGEST[month as usize])
}

impl DigitEvidence {
    /// A cell of at most 18 digits.
    pub(super) fn observe(&mut self, value: u64, length: usize, count: u64) {
        self.count += count;
        self.lengths[length.min(19)] += count;
        let hash = value.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        self.sketch[(hash >> 6) as usize] |= 1 << (hash & 63);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if value == 0 {
            self.zero += count;
            self.leading_zero += if length > 1 { count } else { 0 };
            return;
        }
        if length > 1 && value < 10u64.pow(length as u32 - 1) {
            self.leading_zero += count;
        }
        if is_far(value) {
            self.far += count;
            return;
        }
        self.least = self.least.min(value);
        self.most = self.most.max(value);
        match length {
            8 => {
                let (high, low) = (value / 10_000, value % 10_000);
                self.add(F::Ymd8, likely_year(high) && fits_day(low / 100, low % 100), count);
                self.add(F::Dmy8, likely_year(low) && fits_day(high % 100, high / 100), count);
                self.add(F::Mdy8, likely_year(low) && fits_day(high / 100, high % 100), count);
            }
            7 => {
                let (high, low) = (value / 10_000, value % 10_000);
                self.add(F::Dmy8, likely_year(low) && fits_day(high % 100, high / 100), count);
                self.add(F::Mdy8, likely_year(low) && fits_day(high / 100, high % 100), count);
                self.add(
                    F::YearOrdinal,
                    likely_year(value / 1000) && (1..=366).contains(&(value % 1000)),
                    count,
                );
                self.add(F::CenturyYmd, value / 1_000_000 <= 1 && fits_day(low / 100, low % 100), count);
            }
            5 | 6 => {
                let (a, b, c) = (value / 10_000, value / 100 % 100, value % 100);
                for (seen, pair) in self.pairs.iter_mut().zip([a, b, c]) {
                    *seen |= 1 << pair;
                }
                if length == 6 {
                    self.add(F::Ymd6, fits_day(b, c), count);
                    self.add(F::YearMonth, likely_year(value / 100) && (1..=12).contains(&c), count);
                } else {
                    self.add(F::Serial, (20_000..=80_000).contains(&value), count);
                    self.add(F::DaySeconds, value < 86_400, count);
                }
                self.add(F::Dmy6, fits_day(b, a), count);
                self.add(F::Mdy6, fits_day(a, b), count);
                self.add(
                    F::CenturyOrdinal,
                    value < 200_000 && value > 70_000 && (1..=366).contains(&(value % 1000)),
                    count,
                );
                self.add(F::Hms, a < 24 && b < 60 && c < 60, count);
            }
            1..=4 => {
                self.add(F::DaySeconds, true, count);
                self.add(F::Hm, value / 100 < 24 && value % 100 < 60, count);
                self.add(F::Hms, value / 100 < 60 && value % 100 < 60, count);
            }
            12 => {
                let (day, time) = (value / 10_000, value % 10_000);
                let fits = likely_year(day / 10_000) && fits_day(day / 100 % 100, day % 100);
                self.add(F::Ymdhm, fits && time / 100 < 24 && time % 100 < 60, count);
            }
            14 => {
                let (day, time) = (value / 1_000_000, value % 1_000_000);
                let fits = likely_year(day / 10_000) && fits_day(day / 100 % 100, day % 100);
                self.add(
                    F::Ymdhms,
                    fits && time / 10_000 < 24 && time / 100 % 100 < 60 && time % 100 < 60,
                    count,
                );
            }
            9 | 10 => self.add(F::UnixSeconds, (946_684_800..=2_200_000_000).contains(&value), count),
            13 => self.add(F::UnixMillis, (946_684_800_000..=2_200_000_000_000).contains(&value), count),
            _ => {}
        }
    }

    /// A run of more than 18 digits, which no number type holds.
    pub(super) fn observe_long(&mut self, count: u64) {
        self.count += count;
        self.lengths[19] += count;
    }

    fn add(&mut self, form: DigitForm, fits: bool, count: u64) {
        self.fits[form as usize] += if fits { count } else { 0 };
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.leading_zero += other.leading_zero;
        self.zero += other.zero;
        self.far += other.far;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
        for (mine, theirs) in self.lengths.iter_mut().zip(other.lengths) {
            *mine += theirs;
        }
        for (mine, theirs) in self.fits.iter_mut().zip(other.fits) {
            *mine += theirs;
        }
        for (mine, theirs) in self.sketch.iter_mut().zip(other.sketch) {
            *mine |= theirs;
        }
        for (mine, theirs) in self.pairs.iter_mut().zip(other.pairs) {
            *mine |= theirs;
        }
    }

    pub(super) fn fits(&self, form: DigitForm) -> u64 {
        self.fits[form as usize]
    }

    /// About how many different values there are, up to some hundreds.
    pub(super) fn distinct(&self) -> u64 {
        let set: u32 = self.sketch.iter().map(|word| word.count_ones()).sum();
        if set >= 255 { 1500 } else { (-256.0 * (1.0 - f64::from(set) / 256.0).ln()).round() as u64 }
    }

    /// The number of digits when all cells have the same.
    pub(super) fn width(&self) -> Option<usize> {
        let mut widths = (0..20).filter(|length| self.lengths[*length] > 0);
        let first = widths.next()?;
        widths.next().is_none().then_some(first)
    }

    pub(super) fn too_long(&self) -> u64 {
        self.lengths[19]
    }
}

/// Far ends that stand for "no date" in columns of dates without marks.
pub(super) fn is_far(value: u64) -> bool {
    matches!(
        value,
        99_991_231
            | 99_999_999
            | 999_999
            | 31_129_999
            | 12_319_999
            | LAST_SERIAL
            | 20_991_231
            | 29_991_231
            | 19_000_101
    )
}

impl DigitForm {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Ymd8 => "yyyymmdd",
            Self::Dmy8 => "ddmmyyyy",
            Self::Mdy8 => "mmddyyyy",
            Self::Ymd6 => "yymmdd",
            Self::Dmy6 => "ddmmyy",
            Self::Mdy6 => "mmddyy",
            Self::CenturyOrdinal => "CYYDDD (century, year, day of year)",
            Self::YearOrdinal => "yyyyddd (year, day of year)",
            Self::CenturyYmd => "CYYMMDD (century, year, month, day)",
            Self::Ymdhm => "yyyymmddhhmm",
            Self::Ymdhms => "yyyymmddhhmmss",
            Self::Serial => "Excel serial",
            Self::UnixSeconds => "Unix seconds",
            Self::UnixMillis => "Unix milliseconds",
            Self::Hms => "HHMMSS",
            Self::Hm => "HHMM",
            Self::DaySeconds => "seconds since midnight",
            Self::YearMonth => "yyyymm",
        }
    }

    /// Whether the notation holds a time beside the day.
    pub(super) fn has_time(self) -> bool {
        matches!(self, Self::Ymdhm | Self::Ymdhms | Self::UnixSeconds | Self::UnixMillis)
    }

    /// Microseconds since 1970-01-01 of a date, or since midnight of a time.
    pub(super) fn read(self, value: u64, length: usize) -> Option<i64> {
        let day = |year: i64, month: u64, day: u64| {
            calendar::exists(year, month, day)
                .then(|| calendar::days(year, month, day) * calendar::MICROS_PER_DAY)
        };
        let clock = |hour: u64, minute: u64, second: u64| {
            let fits = minute < 60 && second < 60 && (hour < 24 || (hour, minute, second) == (24, 0, 0));
            fits.then(|| (hour * 3600 + minute * 60 + second) as i64 * calendar::MICROS_PER_SECOND)
        };
        let (high, low) = (value / 10_000, value % 10_000);
        let (a, b, c) = (value / 10_000, value / 100 % 100, value % 100);
        match (self, length) {
            (Self::Ymd8, 8) => day(high as i64, low / 100, low % 100),
            (Self::Dmy8, 7 | 8) => day(low as i64, high % 100, high / 100),
            (Self::Mdy8, 7 | 8) => day(low as i64, high / 100, high % 100),
            (Self::Ymd6, 6) => day(calendar::full_year(a), b, c),
            (Self::Dmy6, 5 | 6) => day(calendar::full_year(c), b, a),
            (Self::Mdy6, 5 | 6) => day(calendar::full_year(c), a, b),
            (Self::CenturyOrdinal, 5 | 6) => {
                calendar::days_of_ordinal(1900 + (value / 1000) as i64, value % 1000)
                    .map(|days| days * calendar::MICROS_PER_DAY)
            }
            (Self::YearOrdinal, 7) => calendar::days_of_ordinal((value / 1000) as i64, value % 1000)
                .map(|days| days * calendar::MICROS_PER_DAY),
            (Self::CenturyYmd, 6 | 7) => day(1900 + (value / 10_000) as i64, low / 100, low % 100),
            (Self::Ymdhm, 12) => Some(
                day((value / 100_000_000) as i64, value / 1_000_000 % 100, high % 100)?
                    + clock(low / 100, low % 100, 0)?,
            ),
            (Self::Ymdhms, 14) => {
                let (date, time) = (value / 1_000_000, value % 1_000_000);
                Some(
                    day((date / 10_000) as i64, date / 100 % 100, date % 100)?
                        + clock(time / 10_000, time / 100 % 100, time % 100)?,
                )
            }
            (Self::Serial, 1..=7) if value <= LAST_SERIAL => {
                // Excel's calendar has a 29 February 1900, so days before March 1900 are off by one.
                let days = value as i64 - SERIAL_EPOCH + i64::from(value < 60);
                Some(days * calendar::MICROS_PER_DAY)
            }
            (Self::UnixSeconds, 1..=11) => Some(value as i64 * calendar::MICROS_PER_SECOND),
            (Self::UnixMillis, 1..=14) => Some(value as i64 * 1000),
            (Self::Hms, 1..=6) => clock(a, b, c),
            (Self::Hm, 1..=4) => clock(value / 100, value % 100, 0),
            (Self::DaySeconds, 1..=5) if value <= 86_400 => Some(value as i64 * calendar::MICROS_PER_SECOND),
            _ => None,
        }
    }
}
