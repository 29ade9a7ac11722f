//! What changed: an analysis in the light of earlier ones, and of any other that somebody picks.

use std::sync::Arc;

use app::{
    Error, analyses as runs,
    analyses::over_time::{Fates, Lasting, OverTime, Series},
};
use axum::{Extension, Router, extract::State, response::Response};
use domain::{
    Analysis, Currency,
    chart::{Band, Chart, ChartBody, Point},
    id::AnalysisId,
};
use pages::{
    layout::Section,
    page::changes::{self, Against, Fate, Figure, Input, Moved, Other},
    route,
};
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use store::{
    Page,
    analyses::{AnalysisState, Filter},
};

use super::{analyses, answer, kept::Kept, overview::day, reader::Reader};
use crate::{ServerState, boxed::get, extract::Query};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/changes", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The analysis to compare with; the one before where none is named.
    before: Option<uuid::Uuid>,
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Query(asked): Query<Asked>,
    mut reader: Reader,
) -> Response {
    let result = page(&state, &kept, &mut reader, asked.before.map(AnalysisId)).await;
    reader.answer(result)
}

async fn page(
    state: &ServerState,
    kept: &Kept,
    reader: &mut Reader,
    asked: Option<AnalysisId>,
) -> Result<Response, Error> {
    let Some(run) = reader.newest.clone() else {
        reader.shell.section = Section::Overview;
        return Ok(answer::see(route::OVERVIEW));
    };
    let after = analyses::result(state, kept, reader, run.id).await?;
    let over_time = over_time(state, kept, reader, run.id).await?;
    let filter =
        Filter { state: Some(AnalysisState::Completed), facility: reader.facility, ..Filter::default() };
    let others = runs::list(state.backing(), &reader.caller, filter, Page::first(50)).await?.items;
    let with = asked.or_else(|| over_time.earlier.first().map(|earlier| earlier.id));
    let mut before = None;
    let mut fates = Fates::default();
    if let Some(with) = with.filter(|with| *with != run.id) {
        let other = runs::get(state.backing(), &reader.caller, with).await?.analysis;
        let name = format!("{}, {}", other.name, day(other.finished_at.unwrap_or(other.created_at)));
        before = Some((analyses::result(state, kept, reader, with).await?, name));
        let known = over_time.earlier.first().is_some_and(|earlier| earlier.id == with);
        fates = match &over_time.fates {
            Some(fates) if known => fates.clone(),
            _ => runs::over_time::fates(state.backing(), &reader.caller, with, run.id).await?,
        };
    }
    let input = Input {
        before: before.as_ref().map(|(analysis, name)| (analysis.as_ref(), name.clone())),
        moved: moved(&fates),
        figures: fates
            .kpis
            .iter()
            .filter(|one| one.scope.is_empty())
            .map(|one| Figure {
                kpi: one.kpi.to_owned(),
                before: one.before,
                after: one.after,
                beyond_noise: one.beyond_noise,
            })
            .collect(),
        lasting: lasting(&over_time),
        against: over_time
            .against
            .iter()
            .map(|one| Against {
                kpi: one.kpi.clone(),
                scope: one.scope.clone(),
                baseline: one.baseline,
                value: one.value,
                low: one.low,
                high: one.high,
                worse: one.worse,
                beyond_noise: one.beyond_noise,
                weeks: one.weeks,
                baseline_weeks: one.baseline_weeks,
            })
            .collect(),
        tested: over_time.tested_reason.clone(),
        notes: over_time.changes.notes.clone(),
        others: others
            .iter()
            .filter(|other| other.id != run.id)
            .map(|other| Other {
                id: other.id.to_string(),
                name: other.name.clone(),
                when: day(other.finished_at.unwrap_or(other.created_at)),
                compared: Some(other.id) == with,
            })
            .collect(),
        plants: side_by_side(state, reader).await?,
    };
    Ok(answer::ok(&changes::page(&reader.shell, &after, &input)))
}

/// Every plant that was analyzed; none where there is only one to look at.
async fn side_by_side(state: &ServerState, reader: &Reader) -> Result<Vec<changes::Plant>, Error> {
    let plants = runs::plants::side_by_side(state.backing(), &reader.caller).await?;
    Ok(plants
        .into_iter()
        .filter_map(|plant| {
            let newest = plant.newest?;
            Some(changes::Plant {
                name: plant.facility.name,
                when: day(newest.finished_at.unwrap_or(newest.created_at)),
                currency: newest
                    .currency
                    .as_deref()
                    .and_then(Currency::parse)
                    .unwrap_or_else(Currency::unstated),
                findings: newest.findings.unsigned_abs(),
                variance: newest.variance.and_then(|amount| amount.to_f64()),
                kpis: plant.kpis,
            })
        })
        .collect())
}

/// What an analysis says over time, decoded once. Whoever asks has made sure that the reader may see it.
pub(super) async fn over_time(
    state: &ServerState,
    kept: &Kept,
    reader: &Reader,
    id: AnalysisId,
) -> Result<Arc<OverTime>, Error> {
    if let Some(known) = kept.over_time(id) {
        return Ok(known);
    }
    let made = Arc::new(runs::over_time::over_time(state.backing(), &reader.caller, id).await?);
    kept.put_over_time(id, Arc::clone(&made));
    Ok(made)
}

pub(super) fn moved(fates: &Fates) -> Vec<Moved> {
    fates
        .findings
        .iter()
        .map(|fated| Moved {
            finding: fated.finding.clone(),
            fate: Fate::named(fated.fate.as_str()),
            yearly: fated.yearly,
        })
        .collect()
}

pub(super) fn lasting(over_time: &OverTime) -> Vec<changes::Lasting> {
    over_time.changes.changes.iter().map(stayed).collect()
}

fn stayed(change: &Lasting) -> changes::Lasting {
    changes::Lasting {
        kpi: change.kpi.clone(),
        scope: change.scope.clone(),
        start: change.start.clone(),
        start_low: change.start_low.clone(),
        start_high: change.start_high.clone(),
        growing: change.growing,
        before: change.before,
        now: change.now,
        worse: change.worse,
    }
}

/// The weekly figure of a finding, with the lasting change of that very figure where there is one.
pub(super) fn weekly(series: &Series, over_time: &OverTime, analysis: &Analysis) -> Chart {
    const DAY: i64 = 86_400_000_000;
    let change = over_time
        .changes
        .changes
        .iter()
        .find(|change| change.kpi == series.kpi && change.scope == series.scope);
    let shift_at = change.and_then(|change| {
        let start: jiff::civil::Date = change.start.parse().ok()?;
        let epoch = jiff::civil::date(1970, 1, 1);
        Some(i64::from(start.since((jiff::Unit::Day, epoch)).ok()?.get_days()) * DAY)
    });
    let points: Vec<Point> = series
        .weeks
        .iter()
        .filter(|week| week.under > 0.0)
        .map(|week| Point {
            at: i64::from(week.monday) * DAY,
            value: week.over / week.under,
            highlighted: false,
        })
        .collect();
    let unit = match series.kpi.as_str() {
        "lead_time" => "days".to_owned(),
        "energy_per_hour" => "kWh/h".to_owned(),
        "material_unit_price" => analysis.currency.to_string(),
        _ => "%".to_owned(),
    };
    let name = changes::of(&series.kpi, &series.scope);
    let shown = |value: f64| changes::value(&series.kpi, value, &analysis.currency);
    let ends = points.first().zip(points.last()).map_or_else(String::new, |(first, last)| {
        format!("From {} in the first week to {} in the last.", shown(first.value), shown(last.value))
    });
    Chart {
        title: format!("{name}, week by week"),
        caption: "over all uploads; later uploads correct the weeks they hold".to_owned(),
        alternative: ends,
        body: ChartBody::Control {
            points,
            expected: None::<Band>,
            before: change.map(|change| change.before),
            after: change.map(|change| change.now),
            shift_at,
            unit,
        },
    }
}
