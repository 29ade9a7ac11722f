//! Coherent plants with known problems: exports as an ERP would write them, and the truth about them.
//!
//! Demonstration data, tests and benchmarks all come from here. A plant is a pure function of its [`PlantSpec`]: same spec, same bytes.
//! Start with [`generate`], then read `simulation::facility` for how orders queue, `plant::effects` for what is
//! planted, and [`truth`] for what is said about it. The crate knows no clock and no database; files are pieces of bytes for a [`Sink`].

mod calendar;
mod error;
pub mod evaluation;
mod export;
mod plant;
mod random;
mod simulation;
mod sink;
mod spec;
pub mod truth;

use std::collections::BTreeMap;

pub use error::Error;
pub use export::style::styles;
pub use sink::{DirectorySink, MemorySink, Sink};
pub use spec::{Improvement, PlantSpec, Problem, Problems};

use calendar::{Calendar, HOUR, iso_date};
use export::{files::Files, style::Style};
use plant::master_data::{MACHINES_OF, MasterData, WORK_CENTERS};
use simulation::facility::Facility;
use truth::{
    Measures, Period, Truth, acceptable::acceptable, expected::expected, ledger::Ledger, ledger::work_center,
};

/// Runs the plant, writes its exports and `truth.json` to `sink`, and says what is true of it.
pub fn generate(spec: &PlantSpec, sink: &mut dyn Sink) -> Result<Truth, Error> {
    spec.check()?;
    let facilities = spec.facility_count();
    let data = MasterData::new(spec.seed);
    let calendar = Calendar::new(first_monday(spec.seed));
    let mut files = Files::open(Style::named(&spec.style)?, sink)?;
    let mut ledger = Ledger::default();
    let mut first_order = 0;
    let mut planted = None;
    for number in 1..=facilities {
        // What does not divide goes to the first facilities.
        let orders = spec.orders / u64::from(facilities)
            + u64::from(u64::from(number) <= spec.orders % u64::from(facilities));
        let facility = Facility::new(spec, number, (first_order, orders), calendar, &data);
        facility.run(|order| {
            ledger.add(order, &facility.effects, calendar);
            files.order(order, calendar)
        })?;
        files.services(&facility)?;
        first_order += orders;
        planted.get_or_insert(facility.effects);
    }
    let expected = planted.map(|effects| expected(&effects, &ledger, calendar)).unwrap_or_default();
    let acceptable = planted.map(|effects| acceptable(&data, &effects)).unwrap_or_default();
    let truth = Truth {
        seed: spec.seed,
        orders: spec.orders,
        facilities,
        problems: spec.problems.to_string(),
        effect: spec.effect,
        style: spec.style.clone(),
        data_tier: files.data_tier(),
        period: Period {
            start: ledger.first_day.map(iso_date).unwrap_or_default(),
            end: ledger.last_day.map(iso_date).unwrap_or_default(),
        },
        currency: "USD".to_owned(),
        totals: ledger.totals(),
        expected,
        acceptable,
        measures: measures(&ledger, spec.weeks),
        data_errors: ledger.errors,
        rows: files.rows(),
        fields: files.fields(),
    };
    files.close()?;
    let mut json = serde_json::to_vec_pretty(&truth)?;
    json.push(b'\n');
    sink.write("truth.json", &json)
        .map_err(|source| Error::Write { file: "truth.json".to_owned(), source })?;
    Ok(truth)
}

/// Plants begin on different Mondays of 2023 and 2024, so that no test learns a date.
fn first_monday(seed: u64) -> i64 {
    const MONDAY: i64 = 19_359;
    const WEEKS: u64 = 78;
    MONDAY + 7 * (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32).rem_euclid(WEEKS) as i64
}

fn measures(ledger: &Ledger, weeks: u32) -> Measures {
    let open = f64::from(weeks) * (calendar::WEEK / HOUR) as f64;
    let utilization: BTreeMap<String, f64> = (0..WORK_CENTERS)
        .map(|center| {
            let machines = MACHINES_OF[center].clone();
            let busy: i64 = ledger.busy[machines.clone()].iter().sum();
            (work_center(center), busy as f64 / HOUR as f64 / open / machines.len() as f64)
        })
        .collect();
    Measures {
        utilization,
        on_time_share: 1.0 - ledger.late as f64 / ledger.orders.max(1) as f64,
        scrap_share: ledger.scrap as f64 / ledger.pieces.max(1) as f64,
        operations: ledger.operations,
        booked_hours: ledger.booked as f64 / HOUR as f64,
        keying_error_rows: ledger.error_rows,
    }
}
