//! When a report is due next. What is said is the hour on the wall of the place; what comes of it is an instant.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use store::reports::Every;

use crate::Error;

/// How often, on which day, at which hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// How often.
    pub every: Every,
    /// Of the week, from Monday on, or of the month up to the 28th; for each day it says nothing.
    pub day: i8,
    /// Of the day.
    pub hour: i8,
}

impl Rhythm {
    pub(super) fn check(self) -> Result<(), Error> {
        let days = match self.every {
            Every::Week => 1..=7,
            Every::Day | Every::Month => 1..=28,
        };
        if !days.contains(&self.day) {
            return Err(Error::invalid(
                "day",
                "give 1 to 7 of the week from Monday on, or 1 to 28 of the month, which every month has",
            ));
        }
        if !(0..=23).contains(&self.hour) {
            return Err(Error::invalid("hour", "give an hour from 0 to 23"));
        }
        Ok(())
    }

    fn is_on(self, date: Date) -> bool {
        match self.every {
            Every::Day => true,
            Every::Week => Weekday::from_monday_one_offset(self.day).is_ok_and(|day| day == date.weekday()),
            Every::Month => date.day() == self.day,
        }
    }
}

/// The first moment of a rhythm after an instant. An hour that a clock skips counts from the hour after; one that comes twice counts
/// once, the first time.
pub fn next(after: Timestamp, rhythm: Rhythm, zone: &TimeZone) -> Timestamp {
    let mut date = zone.to_datetime(after).date();
    // A month at most, and a day on either side.
    for _ in 0..40 {
        if rhythm.is_on(date) {
            let at = zone.to_ambiguous_timestamp(date.at(rhythm.hour, 0, 0, 0)).compatible();
            if let Ok(at) = at
                && at > after
            {
                return at;
            }
        }
        date = date.checked_add(1.day()).unwrap_or(date);
    }
    // Unreachable with a rhythm that was checked; a day later, so that nothing goes round and round.
    after.checked_add(24.hours()).unwrap_or(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_keeps_the_hour_of_its_place() {
        let zone = |name: &str| crate::notices::weekly::zone(name);
        for (after, every, day, hour, place, next_at) in [
            ("2026-11-26T05:00:00Z", Every::Day, 1, 6, "UTC", "2026-11-26T06:00:00Z"),
            ("2026-11-26T06:00:00Z", Every::Day, 1, 6, "UTC", "2026-11-27T06:00:00Z"),
            // A Thursday; Monday is the thirtieth.
            ("2026-11-26T12:00:00Z", Every::Week, 1, 7, "Europe/Berlin", "2026-11-30T06:00:00Z"),
            ("2026-11-30T06:00:00Z", Every::Week, 1, 7, "Europe/Berlin", "2026-12-07T06:00:00Z"),
            ("2026-01-31T12:00:00Z", Every::Month, 28, 8, "America/New_York", "2026-02-28T13:00:00Z"),
            ("2026-03-28T12:00:00Z", Every::Month, 1, 8, "America/New_York", "2026-04-01T12:00:00Z"),
            // The night in which clocks skip from two to three, and the one in which an hour comes twice.
            ("2026-03-28T12:00:00Z", Every::Day, 1, 2, "Europe/Berlin", "2026-03-29T01:00:00Z"),
            ("2026-10-24T12:00:00Z", Every::Day, 1, 2, "Europe/Berlin", "2026-10-25T00:00:00Z"),
            ("2026-10-25T00:00:00Z", Every::Day, 1, 2, "Europe/Berlin", "2026-10-26T01:00:00Z"),
            // Where it is tomorrow already.
            ("2026-11-26T12:00:00Z", Every::Day, 1, 0, "Pacific/Auckland", "2026-11-27T11:00:00Z"),
        ] {
            let rhythm = Rhythm { every, day, hour };
            rhythm.check().unwrap();
            let found = next(after.parse().unwrap(), rhythm, &zone(place));
            assert_eq!(found.to_string(), next_at, "after {after}: {rhythm:?} in {place}");
        }
        for (every, day, hour) in
            [(Every::Week, 8, 1), (Every::Month, 29, 1), (Every::Day, 1, 24), (Every::Week, 0, 1)]
        {
            assert!(Rhythm { every, day, hour }.check().is_err());
        }
    }
}
