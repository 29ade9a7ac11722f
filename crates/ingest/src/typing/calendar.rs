//! Days, without a time zone: the plant's own calendar.

pub(super) const MICROS_PER_SECOND: i64 = 1_000_000;
pub(super) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// The days of a month, February with 29.
pub(super) const LONGEST: [u8; 13] = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

pub(super) const fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// Whether the calendar has this day.
pub(super) const fn exists(year: i64, month: u64, day: u64) -> bool {
    year >= 1
        && year <= 9999
        && month >= 1
        && month <= 12
        && day >= 1
        && day <= LONGEST[month as usize] as u64
        && (month != 2 || day < 29 || is_leap(year))
}

/// Days since 1970-01-01 of a day that exists.
pub(super) const fn days(year: i64, month: u64, day: u64) -> i64 {
    // The year starts in March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month as i64 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i64 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Days since 1970-01-01 of the n-th day of a year.
pub(super) const fn days_of_ordinal(year: i64, ordinal: u64) -> Option<i64> {
    let longest = if is_leap(year) { 366 } else { 365 };
    if year < 1 || year > 9999 || ordinal < 1 || ordinal > longest {
        None
    } else {
        Some(days(year, 1, 1) + ordinal as i64 - 1)
    }
}

/// The full year of two digits: 69 to 99 lie before 2000, as POSIX has it.
pub(super) const fn full_year(two_digits: u64) -> i64 {
    if two_digits >= 69 { 1900 + two_digits as i64 } else { 2000 + two_digits as i64 }
}

/// The year, month and day of a count of days since 1970-01-01.
#[cfg(test)]
pub(super) fn civil(days: i64) -> (i64, u64, u64) {
    let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
    (i64::from(date.year()), date.month() as u64, date.day() as u64)
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_agree_with_another_calendar_over_nine_thousand_years() {
        let mut at = super::days(1, 1, 1);
        while at < super::days(9999, 12, 31) {
            let (year, month, day) = super::civil(at);
            assert_eq!(super::days(year, month, day), at);
            assert!(super::exists(year, month, day));
            at += 97;
        }
    }
}
