//! What if: questions with numbers of somebody's own, asked of the sums of an analysis.

use analyzers::what_if;
pub use analyzers::what_if::{Answer, Figure, Sums};
use domain::{Currency, Role, analysis::EntityRef, id::AnalysisId};

use super::{over_time, present, tables};
use crate::{Backing, Caller, Error, configurations::settings, deed};

/// What is changed, and to which number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lever {
    /// Set-ups take this share less time.
    Setup { shorter: f64 },
    /// Scrap falls to this share of all pieces.
    Scrap { rate: f64 },
    /// Open this many hours more a week, paid with this share on top of the rate.
    Shift { hours: f64, premium: f64 },
    /// This many machines more; what one costs a year.
    Machines { more: f64, yearly_cost: Option<f64> },
    /// Prices change by this share.
    Price { change: f64 },
    /// Batches this many times as large; what stock costs a year, as a share of its value.
    BatchSize { times: f64, holding: Option<f64> },
}

/// The names of the levers, as they are asked for.
pub const LEVERS: [&str; 6] = ["setup", "scrap", "shift", "machines", "price", "batch_size"];

impl Lever {
    /// A lever by its name, with the asked number and the second one where there is one.
    pub fn named(name: &str, value: f64, second: Option<f64>) -> Result<Self, Error> {
        let within = |low: f64, high: f64, words: &str| {
            if value.is_finite() && (low..=high).contains(&value) {
                Ok(value)
            } else {
                Err(Error::invalid("value", words))
            }
        };
        if second.is_some_and(|second| !second.is_finite() || second < 0.0) {
            return Err(Error::invalid("second", "give a number of 0 or more"));
        }
        Ok(match name {
            "setup" => {
                Self::Setup { shorter: within(0.0, 1.0, "give a share from 0 to 1: 0.25 is a quarter less")? }
            }
            "scrap" => {
                Self::Scrap { rate: within(0.0, 1.0, "give a share from 0 to 1: 0.02 is two of a hundred")? }
            }
            "shift" => Self::Shift {
                hours: within(-168.0, 168.0, "give hours a week, from -168 to 168")?,
                premium: second.unwrap_or(0.0),
            },
            "machines" => Self::Machines {
                more: within(-1_000.0, 1_000.0, "give a number of machines; less than 0 takes some away")?,
                yearly_cost: second,
            },
            "price" => {
                Self::Price { change: within(-1.0, 10.0, "give a share: -0.05 is five percent less")? }
            }
            "batch_size" => Self::BatchSize {
                times: within(0.05, 100.0, "give a factor from 0.05 to 100: 2 is twice as large")?,
                holding: second,
            },
            _ => {
                return Err(Error::invalid("lever", format!("use one of {}", LEVERS.join(", "))));
            }
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Setup { .. } => "setup",
            Self::Scrap { .. } => "scrap",
            Self::Shift { .. } => "shift",
            Self::Machines { .. } => "machines",
            Self::Price { .. } => "price",
            Self::BatchSize { .. } => "batch_size",
        }
    }

    /// `machine_share` of a machine's rate is avoided with an hour of set-up.
    fn ask(self, sums: &Sums, machine_share: f64) -> Answer {
        match self {
            Self::Setup { shorter } => what_if::setup(sums, shorter, machine_share),
            Self::Scrap { rate } => what_if::scrap(sums, rate),
            Self::Shift { hours, premium } => what_if::shift(sums, hours, premium),
            Self::Machines { more, yearly_cost } => what_if::machines(sums, more, yearly_cost),
            Self::Price { change } => what_if::price(sums, change),
            Self::BatchSize { times, holding } => what_if::batch_size(sums, times, holding, machine_share),
        }
    }
}

/// An answer, and what it was asked of.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub lever: Lever,
    /// Empty: the whole plant.
    pub scope: Vec<EntityRef>,
    pub currency: Option<Currency>,
    pub answer: Answer,
}

/// Whether what is not kept with the analysis is worked out from its tables, which takes as long as joining them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    WorkOut,
    /// The whole plant is asked instead.
    WholePlant,
}

/// Asks an analysis, of the whole plant or of a part of it.
pub async fn ask(
    backing: &Backing,
    caller: &Caller,
    id: AnalysisId,
    scope: &[EntityRef],
    lever: Lever,
    elsewhere: Elsewhere,
) -> Result<Asked, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = present(&mut tx, id).await?;
    tx.rollback().await?;
    if analysis.document_key.is_none() {
        return Err(Error::Conflict("the analysis has no result".to_owned()));
    }
    let settings = settings::restore(&analysis.settings)?;
    let kept = over_time::sums(backing, caller.actor.org, id).await?;
    let of = |scope: &[EntityRef]| kept.iter().find(|(known, _)| known == scope);
    let fallback = if elsewhere == Elsewhere::WholePlant { of(&[]) } else { None };
    let (scope, sums) = if let Some((scope, sums)) = of(scope).or(fallback) {
        (scope.clone(), sums.clone())
    } else {
        let tables = tables::tables(backing, caller, id).await?;
        let (wanted, used) = (scope.to_vec(), settings.clone());
        let sums = tables.plant(move |plant| Sums::of(plant, &wanted, &used)).await?;
        (scope.to_vec(), sums)
    };
    let answer = lever.ask(&sums, settings.get("setup_time_weight"));
    let currency = analysis.currency.as_deref().and_then(Currency::parse);
    Ok(Asked { lever, scope, currency, answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_makes_no_sense_is_refused_with_what_to_give() {
        let cases = [
            ("setup", 0.25, None, true),
            ("setup", 25.0, None, false),
            ("setup", f64::NAN, None, false),
            ("scrap", -0.1, None, false),
            ("shift", 40.0, Some(0.25), true),
            ("shift", 40.0, Some(-0.25), false),
            ("machines", -1.0, None, true),
            ("price", -0.05, None, true),
            ("batch_size", 0.0, None, false),
            ("weather", 1.0, None, false),
        ];
        for (name, value, second, fine) in cases {
            let lever = Lever::named(name, value, second);
            assert_eq!(lever.is_ok(), fine, "{name} {value}");
            if let Ok(lever) = lever {
                assert_eq!(lever.name(), name);
            }
        }
    }
}
