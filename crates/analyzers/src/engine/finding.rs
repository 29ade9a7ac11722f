//! From an explanation to a finding that a plant manager could repeat in a meeting.

use domain::{
    Finding, Money,
    analysis::{Action, Effect, EntityRef, EvidenceGrade, Impact, Quantity},
};
use ontology::FieldId;

use super::{
    chart, coincidence,
    context::Context,
    evidence,
    metric::{AmountUnit, Metric},
    observations::Kind,
    search::{Found, Rules, Search, search},
    sentences, words,
};
use crate::stats::{change::Shape, robust};

/// Which weight of the settings ranks the money of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostClass {
    Material,
    Labor,
    Overhead,
}

/// What an analyzer says about an explanation; everything else follows from the numbers.
#[derive(Debug)]
pub struct Story {
    pub type_: &'static str,
    pub analyzer: &'static str,
    pub measure: &'static str,
    pub class: CostClass,
    /// Title after the name of the thing, without the date: `charges 12% more than other suppliers`.
    pub claim: String,
    /// Whom it was compared with, where that was not its own past.
    pub peers: &'static str,
    pub counter_evidence: Vec<String>,
    pub assumptions: Vec<String>,
    pub missing: Vec<&'static str>,
    pub actions: Vec<(String, &'static str)>,
    pub method: &'static str,
}

/// Size of an effect as people say it: the share for ratios, percentage points for rates.
pub fn relative(metric: &Metric<'_>, found: &Found) -> f64 {
    match metric.observations.kind {
        Kind::LogRatio => found.effect.exp_m1(),
        Kind::Rate => found.effect / found.peers.max(1e-9),
        Kind::Difference => found.effect,
    }
}

/// `since 3 June 2025`, `growing since …`, or nothing.
pub fn since(found: &Found) -> String {
    match found.fit.shape {
        Shape::Level => String::new(),
        Shape::Step { day, .. } => format!(" since {}", words::long_date(day)),
        Shape::Drift { day, .. } => format!(", growing since {}", words::long_date(day)),
    }
}

/// The fields and values of an explanation.
pub fn level<'m>(metric: &'m Metric<'_>, found: &Found) -> (&'m [&'static str], &'m [String]) {
    let attribute = &metric.observations.attributes[found.attribute];
    (&attribute.fields, &attribute.names[found.level as usize])
}

pub fn entity(field: &str, value: &str) -> Option<EntityRef> {
    FieldId::named(field).map(|field| EntityRef { field, value: value.to_owned() })
}

/// A digest of type and entities: the same claim has the same id in every run.
pub fn id(type_: &str, entities: &[EntityRef]) -> String {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |text: &str| {
        for byte in text.bytes().chain([0xff]) {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    feed(type_);
    for entity in entities {
        feed(entity.field.as_str());
        feed(&entity.value);
    }
    format!("{type_}-{digest:016x}")
}

pub fn grade(q: f64, low: f64) -> EvidenceGrade {
    if q <= 0.01 && low > 0.0 { EvidenceGrade::Strong } else { EvidenceGrade::Likely }
}

/// 0 to 100: 40 % money, 30 % deviation, 20 % urgency, 10 % certainty.
pub fn priority(money_share: f64, deviation: f64, urgency: f64, grade: EvidenceGrade) -> u8 {
    // One percent of all planned cost is full marks for money, a deviation by half full marks for deviation.
    let money = (money_share / 0.01).clamp(0.0, 1.0).sqrt();
    let deviation = (deviation.abs() / 0.5).clamp(0.0, 1.0).sqrt();
    let certainty = match grade {
        EvidenceGrade::Strong => 1.0,
        EvidenceGrade::Likely => 0.5,
        EvidenceGrade::Hint => 0.0,
    };
    (40.0 * money + 30.0 * deviation + 20.0 * urgency.clamp(0.0, 1.0) + 10.0 * certainty).round() as u8
}

impl CostClass {
    /// Weight of the class relative to the mean of the three.
    pub fn weight(self, context: &Context<'_>) -> f64 {
        let of = |name: &str| context.settings.get(name);
        let all = [of("material_cost_weight"), of("labor_cost_weight"), of("overhead_cost_weight")];
        let mean = all.iter().sum::<f64>() / 3.0;
        let own = match self {
            Self::Material => all[0],
            Self::Labor => all[1],
            Self::Overhead => all[2],
        };
        if mean > 0.0 { own / mean } else { 1.0 }
    }
}

/// The impact of drawn losses over the days from `from` to the end of the data.
pub fn impact(context: &Context<'_>, loss: [f64; 3], draws: &[f64], from: f64) -> Impact {
    let money = |amount: f64| Money::rounded(amount, &context.currency);
    let days = (context.plant.last_day - from).clamp(1.0, context.plant.span_days());
    let headline =
        robust::quantile(&mut draws.to_vec(), context.settings.get("risk_tolerance")).unwrap_or(loss[0]);
    let capture = context.settings.get("savings_opportunity_multiplier");
    Impact {
        value: money(loss[0]),
        low: money(loss[1]),
        high: money(loss[2]),
        annualized: money(loss[0] * 365.0 / days),
        addressable: money(headline.max(0.0) * capture),
    }
}

/// What a yearly amount grows to over the next twelve months, month by month.
pub fn next_year(annualized: f64, growth: f64) -> f64 {
    (1..=12).map(|month| annualized / 12.0 * (1.0 + growth).powf(f64::from(month) / 12.0)).sum()
}

/// Draws of a loss of which only the interval is known, evenly over it.
pub fn spread(loss: [f64; 3]) -> Vec<f64> {
    (1..200_u32).map(|draw| loss[1] + (loss[2] - loss[1]) * f64::from(draw) / 200.0).collect()
}

/// A finding of its own making: what its author knows goes over these neutral values.
pub fn stated(
    type_: &'static str,
    analyzer: &'static str,
    entities: Vec<EntityRef>,
    title: String,
) -> Finding {
    let effect = Effect { measure: "", value: 0.0, low: 0.0, high: 0.0, raw: 0.0 };
    Finding {
        id: id(type_, &entities),
        type_,
        analyzer,
        entities,
        title,
        start: None,
        start_low: None,
        start_high: None,
        effect,
        impact: None,
        quantity: None,
        p: 1.0,
        q: 1.0,
        tests_in_family: 0,
        unit_of_analysis: "work_order",
        n: 0,
        method: "",
        evidence_grade: EvidenceGrade::Hint,
        priority: 10,
        comparison: String::new(),
        observations: Vec::new(),
        counter_evidence: Vec::new(),
        shadows: Vec::new(),
        assumptions: Vec::new(),
        missing_fields: Vec::new(),
        evidence_rows: Vec::new(),
        actions: Vec::new(),
        chart: None,
        evidence_table: None,
    }
}

/// Actions with their effort.
pub fn actions<const N: usize>(actions: [(String, &'static str); N]) -> Vec<Action> {
    actions.into_iter().map(|(title, effort)| Action { title, effort }).collect()
}

/// Searches a metric and tells every explanation that was found; `seed` fixes the draws of its intervals.
pub fn told(
    context: &Context<'_>,
    metric: &Metric<'_>,
    rules: &Rules,
    seed: u64,
    tell: impl Fn(&Found) -> Story,
) -> Vec<Finding> {
    let result = search(&metric.observations, rules, seed);
    result.found.iter().map(|found| claim(context, metric, &result, found, tell(found))).collect()
}

/// Puts the finding together.
pub fn claim(
    context: &Context<'_>,
    metric: &Metric<'_>,
    search: &Search,
    found: &Found,
    story: Story,
) -> Finding {
    let (fields, values) = level(metric, found);
    let entities: Vec<EntityRef> =
        fields.iter().zip(values).filter_map(|(field, value)| entity(field, value)).collect();
    let (start, start_low, start_high) = match found.fit.shape {
        Shape::Level => (None, None, None),
        Shape::Step { day, low, high } | Shape::Drift { day, low, high } => {
            (Some(day), Some(low), Some(high))
        }
    };
    let effect = effect(metric, found, story.measure);
    let loss = [found.loss, found.loss_low, found.loss_high];
    let (money, quantity) = if metric.unit == AmountUnit::Money {
        let from = start.unwrap_or(context.plant.first_day);
        (Some(impact(context, loss, &found.loss_draws, from)), None)
    } else if metric.unit == AmountUnit::Days {
        (
            None,
            Some(Quantity {
                unit: "days",
                value: found.effect_raw,
                low: found.effect_low,
                high: found.effect_high,
            }),
        )
    } else {
        (None, Some(Quantity { unit: metric.unit.as_str(), value: loss[0], low: loss[1], high: loss[2] }))
    };
    let grade = grade(found.q, found.effect_low);
    let money_share = if metric.unit == AmountUnit::Money && context.planned_cost > 0.0 {
        found.loss * story.class.weight(context) / context.planned_cost
    } else {
        0.0
    };
    let urgency = match found.fit.shape {
        Shape::Level => 0.4,
        Shape::Step { .. } => 0.7,
        Shape::Drift { .. } => 1.0,
    };
    let shadows = found
        .shadows
        .iter()
        .flat_map(|(attribute, level)| {
            let attribute = &metric.observations.attributes[*attribute];
            attribute.fields.iter().zip(&attribute.names[*level as usize])
        })
        .filter_map(|(field, value)| entity(field, value))
        .filter(|shadow| !entities.contains(shadow))
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let (evidence_rows, evidence_table) = evidence::of(metric, found);
    let mut observations = sentences::observations(metric, found, search, &context.currency);
    observations.extend(coincidence::sentence(context, metric, found));
    if let Some(money) = &money {
        let growth = context.settings.get("cost_escalation_rate");
        observations.push(format!(
            "Left alone it would cost about {} over the next twelve months, at {} of growth a year.",
            words::money(next_year(money.annualized.to_f64(), growth), &context.currency),
            words::percent(growth)
        ));
    }
    Finding {
        id: id(story.type_, &entities),
        type_: story.type_,
        analyzer: story.analyzer,
        title: format!("{} {}{}", words::things(fields, values), story.claim, since(found)),
        entities,
        start: start.and_then(words::iso),
        start_low: start_low.and_then(words::iso),
        start_high: start_high.and_then(words::iso),
        priority: priority(money_share, relative(metric, found), urgency, grade),
        effect,
        impact: money,
        quantity,
        p: found.p,
        q: found.q,
        tests_in_family: search.tests,
        unit_of_analysis: "work_order",
        n: u64::from(found.clusters),
        method: story.method,
        evidence_grade: grade,
        comparison: sentences::comparison(metric, found, story.peers),
        observations,
        counter_evidence: story.counter_evidence,
        shadows,
        assumptions: story.assumptions,
        missing_fields: story.missing.iter().filter_map(|field| FieldId::named(field)).collect(),
        evidence_rows,
        actions: story.actions.into_iter().map(|(title, effort)| Action { title, effort }).collect(),
        chart: chart::of(metric, found, &context.currency),
        evidence_table: Some(evidence_table),
    }
}

fn effect(metric: &Metric<'_>, found: &Found, measure: &'static str) -> Effect {
    let shown = |effect: f64| match metric.observations.kind {
        Kind::LogRatio => effect.exp(),
        Kind::Rate => (found.peers + effect).max(0.0),
        Kind::Difference => effect,
    };
    Effect {
        measure,
        value: shown(found.effect),
        low: shown(found.effect_low),
        high: shown(found.effect_high),
        raw: shown(found.effect_raw),
    }
}
