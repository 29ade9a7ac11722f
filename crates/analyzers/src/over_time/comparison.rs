//! Two analyses of one plant: what is new, gone, grown and shrunk, and which figures moved by more than they do by themselves.

use std::collections::BTreeMap;

use domain::{
    Analysis, Finding,
    analysis::{EntityRef, EvidenceGrade},
};

use super::{History, baseline};
use crate::stats::distribution::{normal_p, normal_reach};

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    New,
    /// The earlier analysis claimed it; the later one does not.
    Gone,
    Grown,
    Shrunk,
    /// There before and now, and no more different than its own uncertainty allows.
    Steady,
    /// The earlier analysis claimed it; the later one lacks the fields that would tell.
    NotMeasured,
}

impl Fate {
    pub const ALL: [Self; 6] =
        [Self::New, Self::Gone, Self::Grown, Self::Shrunk, Self::Steady, Self::NotMeasured];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Steady => "steady",
            Self::NotMeasured => "not_measured",
        }
    }
}

/// A claim of either analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Fated {
    /// Id of the finding, the same in both analyses.
    pub finding: String,
    pub fate: Fate,
    /// Money a year, then and now, where it is known.
    pub yearly: (Option<f64>, Option<f64>),
    /// The effect, then and now.
    pub effect: (Option<f64>, Option<f64>),
    /// p that grown or shrunk is chance; 1 for new and gone ones, which their own tests decide.
    pub p: f64,
}

/// One figure of one entity, in both analyses.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiDifference {
    pub kpi: &'static str,
    pub scope: Vec<EntityRef>,
    pub unit: &'static str,
    pub before: f64,
    pub after: f64,
    pub difference: f64,
    /// p that it is noise, from the weeks that are only in the later history; `None` where these are too few to say.
    pub p: Option<f64>,
    /// Whether it is more than noise, with the error over all figures held; `None` where that cannot be said.
    pub beyond_noise: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// New ones first, then grown, shrunk, gone, not measured, steady; within each by money.
    pub findings: Vec<Fated>,
    pub kpis: Vec<KpiDifference>,
}

impl Comparison {
    pub fn of(&self, fate: Fate) -> impl Iterator<Item = &Fated> {
        self.findings.iter().filter(move |one| one.fate == fate)
    }
}

/// Compares a later analysis with an earlier one. Hints are no claims and take no part. The histories may be empty; then it
/// cannot be said whether a figure moved by more than noise, and it is not.
pub fn compare(before: (&Analysis, &History), after: (&Analysis, &History)) -> Comparison {
    let confidence = after
        .0
        .settings
        .iter()
        .find(|setting| setting.name == "confidence_level")
        .map_or(0.9, |setting| setting.value.clamp(0.5, 0.999));
    Comparison { findings: findings(before.0, after.0, confidence), kpis: kpis(before, after, confidence) }
}

fn claims(analysis: &Analysis) -> BTreeMap<&str, &Finding> {
    let told = analysis.findings.iter().filter(|finding| finding.evidence_grade != EvidenceGrade::Hint);
    told.map(|finding| (finding.id.as_str(), finding)).collect()
}

/// Money a year with its interval.
fn yearly(finding: &Finding) -> Option<[f64; 3]> {
    let impact = finding.impact.as_ref()?;
    let (value, year) = (impact.value.to_f64(), impact.annualized.to_f64());
    let scale = if value.abs() > 0.0 { year / value } else { 1.0 };
    Some([year, impact.low.to_f64() * scale, impact.high.to_f64() * scale])
}

fn findings(before: &Analysis, after: &Analysis, confidence: f64) -> Vec<Fated> {
    let (was, is) = (claims(before), claims(after));
    let reach = normal_reach(confidence);
    let mut all = Vec::new();
    for (id, finding) in &is {
        let Some(old) = was.get(id) else {
            all.push(fated(id, Fate::New, None, Some(finding), 1.0));
            continue;
        };
        // In money where both have it and it is the same money, else by the effect itself.
        let money = before.currency == after.currency;
        let of = |finding: &Finding| {
            yearly(finding).filter(|_| money).unwrap_or([
                finding.effect.value,
                finding.effect.low,
                finding.effect.high,
            ])
        };
        let both = yearly(old).is_some() == yearly(finding).is_some();
        let (then, now) = if both {
            (of(old), of(finding))
        } else {
            let effect = |finding: &Finding| [finding.effect.value, finding.effect.low, finding.effect.high];
            (effect(old), effect(finding))
        };
        let error = |[_, low, high]: [f64; 3]| ((high - low) / 2.0 / reach).abs();
        let spread = error(then).hypot(error(now));
        let p = if spread > 0.0 { normal_p((now[0] - then[0]) / spread) } else { 1.0 };
        let fate = if p > 1.0 - confidence {
            Fate::Steady
        } else if now[0].abs() > then[0].abs() {
            Fate::Grown
        } else {
            Fate::Shrunk
        };
        all.push(fated(id, fate, Some(old), Some(finding), p));
    }
    all.extend(was.iter().filter(|(id, _)| !is.contains_key(*id)).map(|(id, old)| {
        // Only who looked can say that there is nothing any more.
        let looked = !after.analyzers_skipped.iter().any(|skipped| skipped.analyzer == old.analyzer);
        let fate = if looked { Fate::Gone } else { Fate::NotMeasured };
        fated(id, fate, Some(old), None, 1.0)
    }));
    let place = |fate: Fate| match fate {
        Fate::New => 0,
        Fate::Grown => 1,
        Fate::Shrunk => 2,
        Fate::Gone => 3,
        Fate::NotMeasured => 4,
        Fate::Steady => 5,
    };
    let worth = |one: &Fated| one.yearly.1.or(one.yearly.0).unwrap_or(0.0);
    all.sort_by(|a, b| {
        place(a.fate)
            .cmp(&place(b.fate))
            .then(worth(b).total_cmp(&worth(a)))
            .then_with(|| a.finding.cmp(&b.finding))
    });
    all
}

fn fated(id: &str, fate: Fate, old: Option<&Finding>, new: Option<&Finding>, p: f64) -> Fated {
    let money = |finding: Option<&Finding>| finding.and_then(yearly).map(|[year, ..]| year);
    let effect = |finding: Option<&Finding>| finding.map(|finding| finding.effect.value);
    Fated {
        finding: id.to_owned(),
        fate,
        yearly: (money(old), money(new)),
        effect: (effect(old), effect(new)),
        p,
    }
}

fn kpis(before: (&Analysis, &History), after: (&Analysis, &History), confidence: f64) -> Vec<KpiDifference> {
    let known_until = before.1.span().map(|(_, last)| last);
    let mut all: Vec<KpiDifference> = after
        .0
        .kpis
        .iter()
        .filter_map(|now| {
            let was = before.0.kpis.iter().find(|was| was.id == now.id && was.scope == now.scope)?;
            // Weeks that both uploads hold are no news: only those after the earlier one are compared with it.
            let p = known_until.and_then(|last| {
                let old = before.1.find(now.id, &now.scope)?;
                let new = after.1.find(now.id, &now.scope)?;
                let later: Vec<_> = new.weeks.iter().filter(|week| week.monday > last).copied().collect();
                baseline::difference(&old.weeks, &later).map(|difference| difference.p())
            });
            Some(KpiDifference {
                kpi: now.id,
                scope: now.scope.clone(),
                unit: now.unit,
                before: was.value,
                after: now.value,
                difference: now.value - was.value,
                p,
                beyond_noise: None,
            })
        })
        .collect();
    let tested: Vec<usize> = (0..all.len()).filter(|at| all[*at].p.is_some()).collect();
    let p: Vec<f64> = tested.iter().filter_map(|at| all[*at].p).collect();
    let q = crate::stats::multiplicity::benjamini_hochberg(&p, p.len());
    for (at, q) in tested.into_iter().zip(q) {
        all[at].beyond_noise = Some(q <= 1.0 - confidence);
    }
    all
}
