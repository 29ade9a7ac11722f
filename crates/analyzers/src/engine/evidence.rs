//! The rows behind a finding: the largest contributors first, then a seeded random sample.

use domain::analysis::{EvidenceCell, EvidenceTable, RowRef};

use super::{
    frame::Frame,
    metric::Metric,
    observations::Kind,
    plant::Plant,
    search::{Found, effect_at},
};
use crate::stats::resample;

const TOP: usize = 20;
const SAMPLE: usize = 10;

/// Rows of a frame as evidence: their order, `cells` of each under `heads`, and the place in the file. `total`: of how many
/// these are shown.
pub fn listed(
    plant: &Plant,
    frame: &Frame,
    heads: &[&str],
    rows: impl IntoIterator<Item = (usize, Vec<EvidenceCell>)>,
    total: usize,
) -> (Vec<RowRef>, EvidenceTable) {
    let (mut places, mut lines) = (Vec::new(), Vec::new());
    for (row, cells) in rows {
        let place = plant.row_ref(frame, row);
        let order = plant.order_name(frame, row);
        let first = order.map_or(EvidenceCell::Empty, |name| EvidenceCell::Text(name.to_owned()));
        let last = EvidenceCell::Row(place.clone());
        lines.push(std::iter::once(first).chain(cells).chain(std::iter::once(last)).collect());
        places.push(place);
    }
    let heads = std::iter::once("Work order").chain(heads.iter().copied()).chain(std::iter::once("File row"));
    let table = EvidenceTable { heads: heads.map(str::to_owned).collect(), rows: lines, total: total as u64 };
    (places, table)
}

/// A day as a cell.
pub fn date(day: f64) -> EvidenceCell {
    if day.is_finite() { EvidenceCell::Date((day * 86_400e6) as i64) } else { EvidenceCell::Empty }
}

/// Evidence rows and a table of them.
pub fn of(metric: &Metric<'_>, found: &Found) -> (Vec<RowRef>, EvidenceTable) {
    let observations = &metric.observations;
    let mut members: Vec<(f64, usize)> = observations.attributes[found.attribute]
        .members(found.level)
        .filter(|idx| effect_at(&found.fit, observations.day[*idx]) != 0.0)
        .map(|idx| (contribution(metric, found, idx), idx))
        .collect();
    members.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| place(metric, a.1).cmp(&place(metric, b.1))));
    let top = members.len().min(TOP);
    let rest = &members[top..];
    let sampled = resample::sample(rest.len(), SAMPLE, u64::from(found.level) + 17);
    let chosen: Vec<usize> =
        members[..top].iter().map(|(_, idx)| *idx).chain(sampled.into_iter().map(|at| rest[at].1)).collect();
    let rows: Vec<RowRef> = chosen
        .iter()
        .map(|idx| metric.plant.row_ref(metric.frame, observations.row[*idx] as usize))
        .collect();
    let table = EvidenceTable {
        heads: [
            "Work order",
            "Date",
            metric.expected_name,
            metric.actual_name,
            if observations.kind == Kind::Rate { "Rate" } else { "Over" },
            "File row",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: chosen.iter().zip(&rows).map(|(idx, row)| cells(metric, *idx, row)).collect(),
        total: members.len() as u64,
    };
    (rows, table)
}

fn contribution(metric: &Metric<'_>, found: &Found, idx: usize) -> f64 {
    let observations = &metric.observations;
    match observations.kind {
        Kind::LogRatio => -observations.amount[idx] * (-observations.y[idx]).exp_m1(),
        Kind::Rate => f64::from(metric.actual[idx]) - f64::from(metric.expected[idx]) * found.peers,
        Kind::Difference => observations.y[idx],
    }
}

/// The shortest decimal that single precision stands for: what the file says, not what doubling the bits makes of it.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

fn place(metric: &Metric<'_>, idx: usize) -> (u16, u32) {
    let row = metric.observations.row[idx] as usize;
    (metric.frame.file[row], metric.frame.row[row])
}

fn cells(metric: &Metric<'_>, idx: usize, row: &RowRef) -> Vec<EvidenceCell> {
    let frame_row = metric.observations.row[idx] as usize;
    let name = metric.plant.order_name(metric.frame, frame_row);
    let (actual, expected) = (shortest(metric.actual[idx]), shortest(metric.expected[idx]));
    let over = match metric.observations.kind {
        Kind::LogRatio => EvidenceCell::Percent(actual / expected - 1.0),
        Kind::Rate => EvidenceCell::Percent(actual / expected.max(1.0)),
        Kind::Difference => EvidenceCell::Number(actual - expected),
    };
    let day = metric.observations.day[idx];
    vec![
        name.map_or(EvidenceCell::Empty, |name| EvidenceCell::Text(name.to_owned())),
        date(day),
        EvidenceCell::Number(expected),
        EvidenceCell::Number(actual),
        over,
        EvidenceCell::Row(row.clone()),
    ]
}
