//! Which tools an intent takes.

use crate::{
    Intent,
    intent::{Figure, Filter, Side},
    tool::{Call, FigureCall, Group},
};

/// Lines of a breakdown that are read by anyone.
pub const LINES_MAX: usize = 50;

pub fn plan(intent: &Intent) -> Vec<Call> {
    let figures = |figure: &Figure, group: Option<Group>, limit: usize, descending: bool| {
        Call::Figures(FigureCall {
            metric: figure.metric.to_owned(),
            filters: figure.filters.clone(),
            without: figure.without.clone(),
            beyond: figure.beyond,
            period: figure.period,
            group,
            limit,
            descending,
        })
    };
    match intent {
        Intent::Metric { figures: all, group } => {
            all.iter().map(|figure| figures(figure, group.map(Group::Field), LINES_MAX, true)).collect()
        }
        Intent::Top { figure, group, n, most } => {
            vec![figures(figure, Some(Group::Field(*group)), (*n).clamp(1, LINES_MAX), *most)]
        }
        Intent::Trend { figure, step } => vec![figures(figure, Some(Group::Step(*step)), 400, false)],
        Intent::Compare { figure, sides } => sides
            .iter()
            .map(|side| {
                let mut own = figure.clone();
                match side {
                    Side::Entity(filter) => own.filters.push(filter.clone()),
                    Side::Period(period) => own.period = Some(*period),
                    Side::Whole => {}
                }
                figures(&own, None, 1, true)
            })
            .collect(),
        Intent::WhatIf { lever, scope } => vec![Call::WhatIf { lever: *lever, scope: scope.clone() }],
        Intent::Explain { metric, filters } => {
            vec![Call::Explain { metric: (*metric).to_owned(), filters: filters.clone() }]
        }
        Intent::Missing { metric } => vec![Call::Missing { metric: metric.map(str::to_owned) }],
        Intent::Findings { n, filters } => vec![findings(*n, filters)],
        Intent::Values { field } => vec![Call::Values { field: *field, n: LINES_MAX }],
        Intent::Overview => vec![Call::Totals, findings(3, &[])],
        Intent::Help | Intent::Unclear(_) => Vec::new(),
    }
}

fn findings(n: usize, filters: &[Filter]) -> Call {
    Call::Findings { n: n.clamp(1, LINES_MAX), filters: filters.to_vec() }
}
