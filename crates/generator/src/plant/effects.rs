//! The planted problems as factors: what each changes, where, and from when.
//!
//! Everything the simulation multiplies or adds because of a problem comes from here, and is exactly neutral without it.

use super::master_data as md;
use crate::{
    calendar::{DAY, Ticks, WEEK},
    random::{Purpose, Streams, index},
    spec::{PlantSpec, Problem, Problems},
};

/// Scrap of every operation without a problem.
pub(crate) const BASE_SCRAP: f64 = 0.02;
/// Rework of every operation without a problem.
pub(crate) const BASE_REWORK: f64 = 0.02;
/// How much longer family D takes than its standards say, in every plant.
pub(crate) const DIFFICULT_FAMILY: f64 = 1.08;
/// Load of a work center without a problem.
pub(crate) const USUAL_LOAD: f64 = 0.78;

/// Months of the default period, on which the documented months stand.
const MONTHS: f64 = 14.0;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Effects {
    problems: Problems,
    effect: f64,
    /// Working time of the first moment of each problem that starts within the period.
    onsets: [Ticks; Problem::ALL.len()],
    /// Working time from which each problem is gone.
    cured: [Ticks; Problem::ALL.len()],
    end: Ticks,
}

impl Effects {
    /// Problems are planted in the first facility only.
    pub(crate) fn new(spec: &PlantSpec, facility: u32) -> Self {
        let end = Ticks::from(spec.weeks) * WEEK;
        let mut rng = Streams::new(spec.seed, Purpose::Onsets, facility).stream(0);
        let mut onsets = [0; Problem::ALL.len()];
        for problem in Problem::ALL {
            // Not all on the first of a month: a date is to be found, not guessed.
            let days_later = index(&mut rng, 15) as Ticks;
            if let Some(month) = onset_month(problem) {
                let at = (f64::from(month - 1) / MONTHS * end as f64) as Ticks;
                onsets[problem as usize] = (at / DAY + days_later) * DAY;
            }
        }
        let problems = if facility == 1 { spec.problems } else { Problems::none() };
        let mut cured = [Ticks::MAX; Problem::ALL.len()];
        if let Some(improvement) = spec.improvement {
            cured[improvement.problem as usize] = Ticks::from(improvement.week) * WEEK;
        }
        Self { problems, effect: spec.effect, onsets, cured, end }
    }

    pub(crate) fn has(&self, problem: Problem) -> bool {
        self.problems.contains(problem)
    }

    pub(crate) fn onset(&self, problem: Problem) -> Ticks {
        self.onsets[problem as usize]
    }

    /// Whether the problem is there at a moment: begun, and not cured yet.
    fn acts(&self, problem: Problem, at: Ticks) -> bool {
        self.has(problem) && at >= self.onset(problem) && at < self.cured[problem as usize]
    }

    /// 1 where the problem is absent or has not begun, 1 + `size` scaled where it is present.
    fn step(&self, problem: Problem, concerned: bool, at: Ticks, size: f64) -> f64 {
        if concerned && self.acts(problem, at) { 1.0 + size * self.effect } else { 1.0 }
    }

    pub(crate) fn price(&self, supplier: usize, at: Ticks) -> f64 {
        self.step(Problem::SupplierPrice, supplier == md::S03, at, 0.12)
    }

    pub(crate) fn usage(&self, material: usize, at: Ticks) -> f64 {
        self.step(Problem::MaterialUsage, material == md::MAT_07, at, 0.10)
    }

    /// Grows in a straight line from its onset to the end of the period and stays there.
    pub(crate) fn drift(&self, machine: usize, at: Ticks) -> f64 {
        let onset = self.onset(Problem::MachineDrift);
        let progress = (at - onset) as f64 / (self.end - onset) as f64;
        self.step(Problem::MachineDrift, machine == md::M07, at, 0.35 * progress.clamp(0.0, 1.0))
    }

    pub(crate) fn setup(&self, family: usize, at: Ticks) -> f64 {
        self.step(Problem::FamilySetup, family == md::FAMILY_F, at, 0.8)
    }

    pub(crate) fn labor_rate(&self, work_center: usize, at: Ticks) -> f64 {
        self.step(Problem::LaborRate, work_center == md::WC_60, at, 0.09)
    }

    pub(crate) fn energy(&self, machine: usize, at: Ticks) -> f64 {
        self.step(Problem::MachineEnergy, machine == md::M17, at, 0.5)
    }

    /// The standard that is set, relative to the true one.
    pub(crate) fn standard(&self, product: usize) -> f64 {
        if self.has(Problem::LowStandards) && md::LOW_STANDARDS.contains(&product) {
            (1.0 - 0.3 * self.effect).max(0.2)
        } else {
            1.0
        }
    }

    /// Scrap in a shift that has the problem.
    pub(crate) fn raised_scrap(&self) -> f64 {
        if self.has(Problem::ShiftScrap) { BASE_SCRAP + 0.025 * self.effect } else { BASE_SCRAP }
    }

    pub(crate) fn scraps_more(&self, shift: usize, at: Ticks) -> bool {
        self.acts(Problem::ShiftScrap, at) && shift == 3
    }

    pub(crate) fn raised_rework(&self, machine: usize, family: usize, at: Ticks) -> f64 {
        if self.acts(Problem::ReworkPair, at) && machine == md::M12 && family == md::FAMILY_C {
            BASE_REWORK + 0.12 * self.effect
        } else {
            BASE_REWORK
        }
    }

    /// Breakdowns that come on top of the usual ones, relative to them.
    pub(crate) fn extra_breakdowns(&self, machine: usize) -> f64 {
        if self.has(Problem::Breakdowns) && machine == md::M21 { 5.0 * self.effect } else { 0.0 }
    }

    /// 0 for planners who release in time.
    pub(crate) fn lateness(&self, planner: usize, at: Ticks) -> f64 {
        if self.acts(Problem::LateRelease, at) && planner == md::PL3 { self.effect } else { 0.0 }
    }

    pub(crate) fn load(&self, work_center: usize) -> f64 {
        if self.has(Problem::Bottleneck) && work_center == md::WC_40 {
            (USUAL_LOAD + 0.17 * self.effect).min(0.97)
        } else {
            USUAL_LOAD
        }
    }
}

/// The documented month, for problems that begin within the period.
pub(crate) fn onset_month(problem: Problem) -> Option<u32> {
    match problem {
        Problem::MaterialUsage => Some(4),
        Problem::MachineDrift => Some(5),
        Problem::SupplierPrice => Some(6),
        Problem::LaborRate => Some(9),
        Problem::MachineEnergy => Some(10),
        _ => None,
    }
}
