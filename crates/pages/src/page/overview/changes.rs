//! What changed between two analyses of a plant, and what would sharpen the first one.

use domain::{Analysis, Finding, number};

use crate::{
    component::{Tone, findings::yearly},
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

/// A finding whose yearly money moved by less than this share is not news.
const MOVED: f64 = 0.2;
const LINES: usize = 5;

/// The largest changes first.
pub fn since(previous: &Analysis, current: &Analysis) -> Vec<News> {
    let money = |finding: &Finding| yearly(finding).map(|yearly| yearly.value);
    let mut news: Vec<(f64, News)> = Vec::new();
    for finding in &current.findings {
        let now = money(finding);
        let said = now.map_or_else(String::new, |amount| {
            format!(" · {} a year", number::money(amount, &current.currency))
        });
        let line = |tone, icon, note| News {
            tone,
            icon,
            title: finding.title.clone(),
            href: Some(route::finding(&finding.id)),
            note,
        };
        match previous.findings.iter().find(|earlier| earlier.id == finding.id) {
            None => news.push((now.unwrap_or(0.0), line(Tone::Loss, "trending-up", format!("new{said}")))),
            Some(earlier) => {
                let (Some(before), Some(now)) = (money(earlier), now) else { continue };
                let change = now - before;
                if before.abs() > 0.0 && (change / before).abs() >= MOVED {
                    let (tone, icon, word) = if change > 0.0 {
                        (Tone::Loss, "trending-up", "grew")
                    } else {
                        (Tone::Gain, "trending-down", "shrank")
                    };
                    let was = number::money(before, &previous.currency);
                    news.push((change.abs(), line(tone, icon, format!("{word} from {was}{said}"))));
                }
            }
        }
    }
    for finding in &previous.findings {
        if !current.findings.iter().any(|later| later.id == finding.id) {
            let amount = money(finding);
            let said = amount.map_or_else(String::new, |amount| {
                format!(" · was {} a year", number::money(amount, &previous.currency))
            });
            news.push((
                amount.unwrap_or(0.0),
                News {
                    tone: Tone::Gain,
                    icon: "check",
                    title: finding.title.clone(),
                    href: None,
                    note: format!("no longer seen{said}"),
                },
            ));
        }
    }
    news.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.title.cmp(&b.1.title)));
    news.into_iter().map(|(_, line)| line).take(LINES).collect()
}

/// For a first analysis: which data would say more, and about how much money.
pub fn sharpen(analysis: &Analysis) -> Vec<News> {
    analysis
        .guidance
        .iter()
        .take(4)
        .map(|guidance| News {
            tone: Tone::Accent,
            icon: "plus",
            title: format!("Add {}", words::field(guidance.field).to_lowercase()),
            href: Some(route::UPLOAD.to_owned()),
            note: words::plain(&guidance.sentence),
        })
        .collect()
}
