//! Working time: a plant that runs three shifts from Monday 06:00 to Saturday 06:00.
//!
//! The simulation counts *ticks* of a hundredth of an hour since the first Monday 06:00, closed hours left out, so that booked hours with
//! two decimals and the clock agree exactly. Wall-clock moments appear only where a row is written.

/// Hundredths of a working hour.
pub(crate) type Ticks = i64;

pub(crate) const HOUR: Ticks = 100;
pub(crate) const SHIFT: Ticks = 8 * HOUR;
pub(crate) const DAY: Ticks = 24 * HOUR;
pub(crate) const WEEK: Ticks = 5 * DAY;

const OPENING_SECONDS: i64 = 6 * 3600;
const SECONDS_PER_TICK: i64 = 36;

/// Turns working time into days and minutes since 1970-01-01.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar {
    monday: i64,
}

impl Calendar {
    /// `monday` is the day number of a Monday.
    pub(crate) fn new(monday: i64) -> Self {
        Self { monday }
    }

    fn seconds(self, at: Ticks) -> i64 {
        let day = self.monday + at.div_euclid(WEEK) * 7 + at.rem_euclid(WEEK) / DAY;
        day * 86_400 + OPENING_SECONDS + at.rem_euclid(WEEK) % DAY * SECONDS_PER_TICK
    }

    /// The minute in which something starts: after a weekend that is Monday morning.
    pub(crate) fn opening_minute(self, at: Ticks) -> i64 {
        self.seconds(at).div_euclid(60)
    }

    /// The minute in which something ends: before a weekend that is Saturday morning.
    pub(crate) fn closing_minute(self, at: Ticks) -> i64 {
        (self.seconds(at - 1) + SECONDS_PER_TICK).div_euclid(60)
    }

    pub(crate) fn opening_day(self, at: Ticks) -> i64 {
        self.seconds(at).div_euclid(86_400)
    }

    pub(crate) fn closing_day(self, at: Ticks) -> i64 {
        self.closing_minute(at).div_euclid(1_440)
    }

    /// The Saturday of the week in which `at` lies: when the plant stands still and is maintained.
    pub(crate) fn saturday(self, at: Ticks) -> i64 {
        self.monday + at.div_euclid(WEEK) * 7 + 5
    }
}

/// 1, 2 or 3.
pub(crate) fn shift_of(at: Ticks) -> usize {
    (at.div_euclid(SHIFT).rem_euclid(3) + 1) as usize
}

/// Year, month and day of a day number, by Howard Hinnant's algorithm for the proleptic Gregorian calendar.
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (
        year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day_of_year - (153 * month_from_march + 2) / 5 + 1,
    )
}

/// `2025-06-03`.
pub(crate) fn iso_date(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-01-01, a Monday.
    const MONDAY: i64 = 19_723;

    #[test]
    fn days_have_their_civil_dates() {
        for (day, date) in
            [(0, "1970-01-01"), (MONDAY, "2024-01-01"), (19_782, "2024-02-29"), (20_088, "2024-12-31")]
        {
            assert_eq!(iso_date(day), date);
        }
    }

    #[test]
    fn a_week_closes_on_saturday_and_opens_on_monday() {
        let calendar = Calendar::new(MONDAY);
        assert_eq!(calendar.opening_minute(0), MONDAY * 1_440 + 360);
        assert_eq!(calendar.closing_minute(WEEK), (MONDAY + 5) * 1_440 + 360);
        assert_eq!(calendar.opening_minute(WEEK), (MONDAY + 7) * 1_440 + 360);
        assert_eq!(calendar.saturday(WEEK - 1), MONDAY + 5);
    }

    #[test]
    fn shifts_follow_each_other() {
        assert_eq!([0, 799, 800, 1_600, 2_399, 2_400].map(shift_of), [1, 1, 2, 3, 3, 1]);
    }
}
