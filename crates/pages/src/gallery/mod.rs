//! Every component with its examples, and every page with its samples: what tests render and people look at.

pub(crate) mod breakdown;
mod charts;
pub(crate) mod import;
pub mod samples;

use askama::Template;

use crate::{
    component, filters,
    layout::{Crumb, Section, Shell, Theme},
    page,
};

/// A component with its notes and its examples.
#[derive(Debug, Clone)]
pub struct Shown {
    pub name: &'static str,
    pub notes: &'static str,
    pub examples: Vec<String>,
}

#[derive(Debug, Clone, Template)]
#[template(path = "gallery/template.html")]
pub struct Gallery {
    pub shell: Shell,
    pub components: Vec<Shown>,
}

/// Renders the examples of a component folder, with its notes.
macro_rules! shown {
    ($($name:ident),* $(,)?) => {
        vec![$(Shown {
            name: stringify!($name),
            notes: include_str!(concat!("../component/", stringify!($name), "/notes.md")),
            examples: component::$name::examples().iter().map(ToString::to_string).collect(),
        }),*]
    };
}

impl Gallery {
    pub fn new(shell: &Shell) -> Self {
        Self {
            shell: shell.with(Section::Nowhere, "Gallery", vec![Crumb::here("Gallery")]),
            components: shown![empty, facts, findings, form, notice, picture, pill, range, stepper, table],
        }
    }
}

/// A page as it would be sent, under a name of its own.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub name: String,
    pub html: String,
}

/// Renders the samples of page types in a theme.
macro_rules! rendered {
    ($theme:expr, $out:expr, $($name:literal => $page:ty),* $(,)?) => {$(
        for (idx, mut sample) in <$page>::samples().into_iter().enumerate() {
            sample.shell.theme = $theme;
            $out.push(Rendered { name: format!("{}-{}", $name, idx + 1), html: sample.render()? });
        }
    )*};
}

/// Every sample of every page, and the gallery itself.
pub fn pages(theme: Theme) -> Result<Vec<Rendered>, askama::Error> {
    let mut out = Vec::new();
    rendered!(
        theme, out,
        "start" => page::start::Start,
        "overview" => page::overview::Overview,
        "findings" => page::findings::Findings,
        "finding" => page::finding::FindingPage,
        "explore" => page::explore::Explore,
        "order" => page::order::OrderPage,
        "ask" => page::ask::Ask,
        "upload" => page::import::UploadPage,
        "match" => page::import::MatchPage,
        "prepare" => page::import::PreparePage,
        "review" => page::import::ReviewPage,
        "progress" => page::import::ProgressPage,
        "analysis-settings" => page::settings::analysis::AnalysisSettings,
        "error" => page::error::ErrorPage,
        "door" => page::door::Door,
    );
    let sheets = [
        ("actions", page::actions::samples()),
        ("summary", page::summary::samples()),
        ("breakdown", page::breakdown::samples()),
        ("changes", page::changes::samples()),
        ("uploads", page::data::uploads::samples()),
        ("quality", page::data::quality::samples()),
        ("mappings", page::data::mappings::samples()),
        ("reports", page::reports::samples()),
        ("profile", page::settings::profile::samples()),
        ("organisation", page::settings::organisation::samples()),
        ("members", page::settings::people::samples()),
        ("programs", page::settings::programs::samples()),
        ("console", page::console::samples()),
        ("welcome", page::welcome::samples()),
        ("sources", page::settings::sources::samples()),
        ("told", page::settings::told::samples()),
        ("usage", page::settings::usage::samples()),
        ("assistant", page::settings::assistant::samples()),
        ("your-data", page::settings::your_data::samples()),
        ("help", page::help::samples()),
    ];
    for (name, samples) in sheets {
        for (idx, mut sample) in samples.into_iter().enumerate() {
            sample.shell.theme = theme;
            out.push(Rendered { name: format!("{name}-{}", idx + 1), html: sample.render()? });
        }
    }
    let mut shell = Shell::sample();
    shell.theme = theme;
    out.push(Rendered { name: "gallery".to_owned(), html: Gallery::new(&shell).render()? });
    Ok(out)
}
