//! What changed between two analyses of a plant, and what would sharpen the first one.

use domain::{Analysis, number};

use crate::{
    component::Tone,
    page::changes::{self, Fate, Lasting, Moved},
    route, words,
};

/// One line of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub tone: Tone,
    pub icon: &'static str,
    pub title: String,
    pub href: Option<String>,
    pub note: String,
}

const LINES: usize = 5;

/// Lines about figures that moved for good, among them.
const LASTING: usize = 2;

/// What became of findings, the largest money first, and the surest of the figures that moved and stayed.
pub fn since(previous: &Analysis, current: &Analysis, moved: &[Moved], lasting: &[Lasting]) -> Vec<News> {
    let mut news: Vec<(f64, News)> = Vec::new();
    for one in moved {
        let now = current.findings.iter().find(|finding| finding.id == one.finding);
        let was = previous.findings.iter().find(|finding| finding.id == one.finding);
        let Some(finding) = now.or(was) else { continue };
        let before = one.yearly.0.map(|amount| number::money(amount, &previous.currency));
        let after = one.yearly.1.map(|amount| number::money(amount, &current.currency));
        let a_year = |amount: &Option<String>| {
            amount.as_ref().map_or_else(String::new, |amount| format!(" · {amount} a year"))
        };
        let from = before.as_ref().map_or_else(String::new, |before| format!(" from {before}"));
        let (tone, icon, note) = match one.fate {
            Fate::New => (Tone::Loss, "trending-up", format!("new{}", a_year(&after))),
            Fate::Grown => (Tone::Loss, "trending-up", format!("grew{from}{}", a_year(&after))),
            Fate::Shrunk => (Tone::Gain, "trending-down", format!("shrank{from}{}", a_year(&after))),
            Fate::Gone => {
                let was =
                    before.as_ref().map_or_else(String::new, |before| format!(" · was {before} a year"));
                (Tone::Gain, "check", format!("no longer seen{was}"))
            }
            Fate::Steady | Fate::NotMeasured => continue,
        };
        let href = now.map(|finding| route::finding(&finding.id));
        let weight = (one.yearly.1.unwrap_or(0.0) - one.yearly.0.unwrap_or(0.0)).abs();
        news.push((weight, News { tone, icon, title: finding.title.clone(), href, note }));
    }
    news.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.title.cmp(&b.1.title)));
    let lasting: Vec<News> = lasting.iter().take(LASTING).map(|change| stayed(change, current)).collect();
    let findings = LINES - lasting.len();
    news.into_iter().map(|(_, line)| line).take(findings).chain(lasting).collect()
}

fn stayed(change: &Lasting, current: &Analysis) -> News {
    let shown = |value: f64| changes::value(&change.kpi, value, &current.currency);
    let tone = if change.worse { Tone::Loss } else { Tone::Gain };
    let icon = if change.now > change.before { "trending-up" } else { "trending-down" };
    let how = if change.growing { "moving since" } else { "since" };
    News {
        tone,
        icon,
        title: changes::of(&change.kpi, &change.scope),
        href: Some(route::CHANGES.to_owned()),
        note: format!(
            "{} to {}, {how} {}",
            shown(change.before),
            shown(change.now),
            words::day(&change.start)
        ),
    }
}

/// For a first analysis: which data would say more, and about how much money.
pub fn sharpen(analysis: &Analysis) -> Vec<News> {
    analysis
        .guidance
        .iter()
        .take(4)
        .map(|guidance| {
            let name = words::field(guidance.field).to_lowercase();
            // The sentence calls the field by its id, without its marks; title and sentence say the same.
            let id = guidance.field.as_str().replace('_', " ");
            News {
                tone: Tone::Accent,
                icon: "plus",
                title: format!("Add {name}"),
                href: Some(route::UPLOAD.to_owned()),
                note: words::plain(&guidance.sentence).replacen(&id, &name, 1),
            }
        })
        .collect()
}
