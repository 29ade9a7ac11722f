//! How likely a machine is to stop, when it is due for its next service, and what speaks for looking at it first.

use domain::{Finding, breakdown::Service};

use crate::{
    engine::{context::Context, words},
    stats::weibull::{Life, Weibull},
    suite::MachineRecord,
};

/// Stops from which on the age of a machine says something about the next one.
const FEWEST_FOR_AGE: usize = 8;

/// Stops from which on a constant rate can be stated at all.
const FEWEST: usize = 3;

/// Most points of each part of a risk; together 100.
const CHANCE: f64 = 50.0;
const SLOWER: f64 = 20.0;
const QUALITY: f64 = 15.0;
const OVERDUE: f64 = 15.0;

/// The chance that a machine stops within `days`, from its own stops: by its age where these are many, else at a constant
/// rate. `None` where it stopped too seldom to say.
pub(super) fn chance(record: &MachineRecord, days: f64, confidence: f64) -> Option<f64> {
    let lives: Vec<Life> = record.lives.iter().map(|(life, _)| *life).collect();
    let failures = lives.iter().filter(|life| life.failed).count();
    if failures < FEWEST {
        return None;
    }
    let age = lives.last().filter(|life| !life.failed).map_or(0.0, |life| life.age);
    if failures >= FEWEST_FOR_AGE
        && let Some(fit) = Weibull::fit(&lives, confidence)
    {
        let reached = fit.survival(age);
        if reached > 1e-12 {
            return Some((1.0 - fit.survival(age + days) / reached).clamp(0.0, 1.0));
        }
    }
    let lived: f64 = lives.iter().map(|life| life.age).sum();
    (lived > 0.0).then(|| 1.0 - (-(failures as f64) / lived * days).exp())
}

/// The next service of a machine, by its own interval, else that of the settings.
pub(super) fn service(context: &Context<'_>, record: &MachineRecord) -> Option<Service> {
    let last = record.serviced?;
    let own = record.interval();
    let interval = own.unwrap_or_else(|| context.settings.get("preventive_maintenance_interval"));
    let due = last + interval;
    Some(Service {
        last: words::iso(last)?,
        due: words::iso(due)?,
        interval_days: interval,
        own_interval: own.is_some(),
        overdue_days: (context.plant.last_day - due).max(0.0),
    })
}

/// 0 to 100, with a sentence for each part.
pub(super) fn score(
    chance: Option<f64>,
    days: f64,
    service: Option<&Service>,
    findings: &[&Finding],
) -> (u8, Vec<String>) {
    let mut points = 0.0;
    let mut reasons = Vec::new();
    if let Some(chance) = chance {
        points += CHANCE * chance;
        reasons.push(format!(
            "Going by its own stops it stops again within {} days with a chance of {}",
            words::figure(days),
            words::percent(chance)
        ));
    }
    let of = |types: &[&str]| findings.iter().find(|finding| types.contains(&finding.type_)).copied();
    if let Some(finding) = of(&["run_time_degradation"]) {
        points += SLOWER;
        reasons.push(finding.title.clone());
    } else if let Some(finding) =
        of(&["labor_efficiency_variance", "mtbf", "mttr", "energy_per_hour", "oee_loss"])
    {
        points += SLOWER / 2.0;
        reasons.push(finding.title.clone());
    }
    if let Some(finding) = of(&["scrap_rate", "rework_rate", "first_pass_yield", "quality_shift"]) {
        points += QUALITY;
        reasons.push(finding.title.clone());
    }
    if let Some(service) = service.filter(|service| service.overdue_days >= 1.0) {
        points += OVERDUE * (service.overdue_days / service.interval_days.max(1.0)).min(1.0);
        reasons.push(format!(
            "Its service was due on {}, {} days before the data end",
            domain::number::date(&service.due),
            words::figure(service.overdue_days.floor())
        ));
    }
    (points.round().clamp(0.0, 100.0) as u8, reasons)
}
