//! Home of a plant with data: the money first, then its proof.

pub mod changes;
pub mod money;
pub mod tiles;

use std::collections::BTreeMap;

use askama::Template;
use domain::{
    Analysis,
    chart::{Chart, ChartBody},
    number,
};

use crate::{
    component::{
        Link,
        findings::{BY_MONEY, Decision, FindingRow, FindingTable, yearly},
        picture::Picture,
    },
    filters,
    layout::{Crumb, Section, Shell},
    page::{
        changes::{Lasting, Moved},
        finding::state::State,
    },
    route, words,
};
use changes::News;
use money::{Part, Recoverable};
use tiles::Tile;

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/overview/template.html")]
pub struct Overview {
    pub shell: Shell,
    pub title: String,
    pub subtitle: String,
    pub amount: Option<String>,
    pub amount_note: String,
    pub calculation: Vec<String>,
    pub parts: Vec<Part>,
    pub tiles: Vec<Tile>,
    /// The waterfall, beside the news.
    pub first: Option<Picture>,
    pub others: Vec<Picture>,
    /// Where all pictures are, if these are not all.
    pub more: Option<Link>,
    pub news_title: String,
    /// Where all of it stands.
    pub news_link: Option<Link>,
    pub news: Vec<News>,
    pub findings: FindingTable,
    pub findings_in_all: usize,
    pub exports: Vec<Link>,
    pub data: DataLine,
}

/// How many rows the figures rest on; at the foot of every page with figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataLine {
    pub used: String,
    pub aside: String,
    pub link: Option<Link>,
}

impl DataLine {
    pub fn of(analysis: &Analysis) -> Self {
        let rows = &analysis.rows;
        let aside: u64 = rows.set_aside.iter().map(|item| item.rows).sum();
        let reasons: Vec<String> = rows
            .set_aside
            .iter()
            .map(|item| format!("{} {}", number::count(item.rows), item.reason))
            .collect();
        Self {
            used: format!("{} of {} rows", number::count(rows.used), number::count(rows.read)),
            aside: match aside {
                0 => "None set aside.".to_owned(),
                aside => format!("{} set aside: {}.", number::count(aside), reasons.join(", ")),
            },
            link: (aside > 0).then(|| Link::new("See them", route::QUALITY)),
        }
    }
}

/// What the overview is made of.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    pub analysis: &'a Analysis,
    /// The analysis before, and what to call it: `the August upload`.
    pub previous: Option<(&'a Analysis, String)>,
    /// What became of findings since then.
    pub moved: &'a [Moved],
    /// Figures that moved and stayed, the surest first.
    pub lasting: &'a [Lasting],
    /// By the finding's id.
    pub decisions: &'a BTreeMap<String, Decision>,
    /// Those of [`pick`], in its order.
    pub pictures: Vec<Picture>,
    /// `last upload 2 Oct, JOBCOST_SEP25.csv`.
    pub last_upload: String,
    pub exports: Vec<Link>,
}

/// Pictures that the overview shows at once; the rest is one click away.
const PICTURES: usize = 5;

/// Which charts the overview shows, and in what order: where the money goes first, then causes, places, what
/// orders and machines lose, shifts and levels, two of a kind at most. All of them where `all` is asked for.
pub fn pick(charts: &[Chart], all: bool) -> Vec<usize> {
    let kind = |chart: &Chart| match &chart.body {
        ChartBody::Waterfall { unit, .. } if unit.len() == 3 => 0,
        ChartBody::Pareto { .. } => 1,
        ChartBody::Heat { .. } => 2,
        ChartBody::Funnel { .. } => 3,
        ChartBody::Stacked { .. } => 4,
        ChartBody::Waterfall { .. } => 5,
        ChartBody::Control { .. } => 6,
        ChartBody::Dots { .. } => 7,
    };
    let mut order: Vec<usize> = (0..charts.len()).collect();
    order.sort_by_key(|at| kind(&charts[*at]));
    if all {
        return order;
    }
    let mut shown: Vec<usize> = Vec::new();
    for at in order {
        let same = shown.iter().filter(|other| kind(&charts[**other]) == kind(&charts[at])).count();
        if shown.len() < PICTURES && same < 2 {
            shown.push(at);
        }
    }
    shown
}

/// Findings that the overview shows; the rest is one click away.
const SHOWN: usize = 6;

impl Overview {
    pub fn new(shell: &Shell, input: Input<'_>) -> Self {
        let Input { analysis, previous, moved, lasting, decisions, mut pictures, last_upload, exports } =
            input;
        let nobody = Decision::default();
        let decision = |id: &str| decisions.get(id).unwrap_or(&nobody);
        let recoverable =
            Recoverable::of(analysis, |finding| decision(&finding.id).state == State::Dismissed);
        let ranked = analysis.findings_by_money();
        let largest =
            ranked.iter().filter_map(|finding| yearly(finding)).map(|yearly| yearly.high).fold(0.0, f64::max);
        let rows = ranked
            .iter()
            .filter(|finding| decision(&finding.id).state != State::Dismissed)
            .take(SHOWN)
            .enumerate()
            .map(|(idx, finding)| {
                let rank = money::counts(finding).then_some(idx + 1);
                FindingRow::new(rank, finding, &finding.id, decision(&finding.id), largest)
            })
            .collect();
        let (news_title, news) = match &previous {
            Some((earlier, name)) => {
                (format!("Since {name}"), changes::since(earlier, analysis, moved, lasting))
            }
            None => ("What would sharpen this".to_owned(), changes::sharpen(analysis)),
        };
        let period = analysis.period.as_ref().map(|period| words::period(&period.start, &period.end));
        let subtitle: Vec<String> =
            period.into_iter().chain((!last_upload.is_empty()).then_some(last_upload)).collect();
        let all = analysis.charts.len();
        let more =
            (pictures.len() < all).then(|| Link::new(format!("Show all {all} charts"), "/?charts=all"));
        let first = (!pictures.is_empty()).then(|| pictures.remove(0));
        let money = |amount: f64| number::money(round_to_three(amount), &analysis.currency);
        Self {
            shell: shell.with(Section::Overview, "Overview", vec![Crumb::here("Overview")]),
            title: format!("Where {} is losing money", shell.plant.trim_end_matches(" plant")),
            subtitle: subtitle.join(" · "),
            amount: recoverable.as_ref().map(|recoverable| money(recoverable.value)),
            amount_note: match &recoverable {
                Some(sum) => format!(
                    "Likely range {} – {} · {}, overlaps counted once",
                    money(sum.low),
                    money(sum.high),
                    words::counted(sum.findings as u64, "finding"),
                ),
                None if analysis.findings.is_empty() => {
                    "Nothing stands out from chance at these settings. That is an answer.".to_owned()
                }
                None => "The findings are not in money: the files carry no cost or rate for them.".to_owned(),
            },
            calculation: calculation(),
            parts: recoverable.map(|recoverable| recoverable.parts).unwrap_or_default(),
            tiles: tiles::tiles(analysis, previous.as_ref().map(|(earlier, _)| *earlier)),
            first,
            others: pictures,
            more,
            news_link: previous.is_some().then(|| Link::new("Everything that changed", route::CHANGES)),
            news_title,
            news,
            findings: FindingTable { by: BY_MONEY, rows },
            findings_in_all: analysis.findings.len(),
            exports,
            data: DataLine::of(analysis),
        }
    }

    pub fn samples() -> Vec<Self> {
        crate::gallery::samples::overviews()
    }
}

fn calculation() -> Vec<String> {
    vec![
        "Each finding that is Strong or Likely and in money counts; hints and findings that you dismissed do not.".to_owned(),
        "A finding counts with the part that can be won back (“capture rate” under Settings, Analysis), at the pace of the period for twelve months.".to_owned(),
        "Where two findings explain the same money, it is counted once, with the finding that explains it better.".to_owned(),
        "The range joins the ranges of the findings as independent of each other.".to_owned(),
    ]
}

/// Prose and headlines say three or four figures, never cents that nobody measured.
fn round_to_three(amount: f64) -> f64 {
    if amount.abs() < 1_000.0 {
        return amount.round();
    }
    let step = 10_f64.powi(amount.abs().log10().floor() as i32 - 3);
    (amount / step).round() * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headlines_are_rounded_to_what_was_measured() {
        let cases = [
            (412_587.0, 412_600.0),
            (12_345.6, 12_350.0),
            (999.4, 999.0),
            (0.0, 0.0),
            (-412_587.0, -412_600.0),
        ];
        for (amount, said) in cases {
            assert!((round_to_three(amount) - said).abs() < 1e-6, "{amount}");
        }
    }
}
