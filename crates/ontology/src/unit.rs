//! Units in which exports state durations and rates, and their conversion into the unit of the canonical field.
//! This is the only place where a unit is converted.

use std::fmt;

/// The unit of a column of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    Days,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    /// Industrial time: a hundredth of a minute.
    HundredthsOfMinute,
    /// A thousandth of an hour.
    ThousandthsOfHour,
    /// A hundredth of an hour.
    HundredthsOfHour,
    HoursPerUnit,
    MinutesPerUnit,
    SecondsPerUnit,
    HoursPerHundredUnits,
    HoursPerThousandUnits,
    MinutesPerHundredUnits,
    MinutesPerThousandUnits,
    UnitsPerHour,
    UnitsPerMinute,
    UnitsPerSecond,
    UnitsPerShift,
    Percent,
    /// A share from 0 to 1.
    Fraction,
    KilowattHours,
    WattHours,
    MegawattHours,
}

/// What a unit measures; values convert only inside one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    Time,
    TimePerUnit,
    Rate,
    Ratio,
    Energy,
}

impl Unit {
    pub const ALL: [Self; 24] = [
        Self::Days,
        Self::Hours,
        Self::Minutes,
        Self::Seconds,
        Self::Milliseconds,
        Self::HundredthsOfMinute,
        Self::ThousandthsOfHour,
        Self::HundredthsOfHour,
        Self::HoursPerUnit,
        Self::MinutesPerUnit,
        Self::SecondsPerUnit,
        Self::HoursPerHundredUnits,
        Self::HoursPerThousandUnits,
        Self::MinutesPerHundredUnits,
        Self::MinutesPerThousandUnits,
        Self::UnitsPerHour,
        Self::UnitsPerMinute,
        Self::UnitsPerSecond,
        Self::UnitsPerShift,
        Self::Percent,
        Self::Fraction,
        Self::KilowattHours,
        Self::WattHours,
        Self::MegawattHours,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::HundredthsOfMinute => "hundredths of a minute",
            Self::ThousandthsOfHour => "thousandths of an hour",
            Self::HundredthsOfHour => "hundredths of an hour",
            Self::HoursPerUnit => "hours/unit",
            Self::MinutesPerUnit => "minutes/unit",
            Self::SecondsPerUnit => "seconds/unit",
            Self::HoursPerHundredUnits => "hours/100 units",
            Self::HoursPerThousandUnits => "hours/1000 units",
            Self::MinutesPerHundredUnits => "minutes/100 units",
            Self::MinutesPerThousandUnits => "minutes/1000 units",
            Self::UnitsPerHour => "units/hour",
            Self::UnitsPerMinute => "units/minute",
            Self::UnitsPerSecond => "units/second",
            Self::UnitsPerShift => "units/shift",
            Self::Percent => "percent",
            Self::Fraction => "fraction",
            Self::KilowattHours => "kWh",
            Self::WattHours => "Wh",
            Self::MegawattHours => "MWh",
        }
    }

    /// The unit written `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == name)
    }

    pub fn dimension(self) -> Dimension {
        match self {
            Self::Days
            | Self::Hours
            | Self::Minutes
            | Self::Seconds
            | Self::Milliseconds
            | Self::HundredthsOfMinute
            | Self::ThousandthsOfHour
            | Self::HundredthsOfHour => Dimension::Time,
            Self::HoursPerUnit
            | Self::MinutesPerUnit
            | Self::SecondsPerUnit
            | Self::HoursPerHundredUnits
            | Self::HoursPerThousandUnits
            | Self::MinutesPerHundredUnits
            | Self::MinutesPerThousandUnits => Dimension::TimePerUnit,
            Self::UnitsPerHour | Self::UnitsPerMinute | Self::UnitsPerSecond | Self::UnitsPerShift => {
                Dimension::Rate
            }
            Self::Percent | Self::Fraction => Dimension::Ratio,
            Self::KilowattHours | Self::WattHours | Self::MegawattHours => Dimension::Energy,
        }
    }

    /// Factor from this unit into the base of its dimension: hours, seconds/unit, units/hour, percent, kWh.
    /// A shift counts as eight hours.
    pub fn factor(self) -> f64 {
        match self {
            Self::Days => 24.0,
            Self::Hours | Self::SecondsPerUnit | Self::UnitsPerHour | Self::Percent | Self::KilowattHours => {
                1.0
            }
            Self::Minutes => 1.0 / 60.0,
            Self::Seconds => 1.0 / 3_600.0,
            Self::Milliseconds => 1.0 / 3_600_000.0,
            Self::HundredthsOfMinute => 1.0 / 6_000.0,
            Self::ThousandthsOfHour | Self::WattHours => 1.0 / 1_000.0,
            Self::HundredthsOfHour => 1.0 / 100.0,
            Self::HoursPerUnit | Self::UnitsPerSecond => 3_600.0,
            Self::MinutesPerUnit | Self::UnitsPerMinute => 60.0,
            Self::HoursPerHundredUnits => 36.0,
            Self::HoursPerThousandUnits => 3.6,
            Self::MinutesPerHundredUnits => 0.6,
            Self::MinutesPerThousandUnits => 0.06,
            Self::UnitsPerShift => 1.0 / 8.0,
            Self::Fraction => 100.0,
            Self::MegawattHours => 1_000.0,
        }
    }

    /// `value` in this unit, stated in `other`; `None` where the two measure different things.
    pub fn convert(self, value: f64, other: Self) -> Option<f64> {
        (self.dimension() == other.dimension()).then(|| value * self.factor() / other.factor())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conversion_converts_back() {
        for from in Unit::ALL {
            for to in Unit::ALL {
                let there = from.convert(7.25, to);
                assert_eq!(there.is_some(), from.dimension() == to.dimension());
                if let Some(value) = there {
                    let back = to.convert(value, from).unwrap();
                    assert!((back - 7.25).abs() < 1e-9, "{from} -> {to}");
                }
            }
        }
    }

    #[test]
    fn ninety_minutes_are_an_hour_and_a_half() {
        assert_eq!(Unit::Minutes.convert(90.0, Unit::Hours), Some(1.5));
        assert_eq!(Unit::MinutesPerUnit.convert(2.0, Unit::SecondsPerUnit), Some(120.0));
        assert_eq!(Unit::Minutes.convert(2.0, Unit::SecondsPerUnit), None);
    }

    #[test]
    fn every_unit_is_found_by_its_name() {
        for unit in Unit::ALL {
            assert_eq!(Unit::named(unit.as_str()), Some(unit));
        }
    }
}
