//! Questions about an analysis, answered from its own tables and findings.
//!
//! [`Data`] is what a question is asked of, and holds no tenant: the command line makes one of files, the service of a stored
//! analysis that the caller may see. [`ask`] understands, looks up and words without any model; `talk` puts a question to one.

mod all_data;
mod catalog;
pub mod conversations;
mod far;
mod hear;
mod in_force;
mod look_up;
mod more;
mod shelf;
mod talk;

use std::sync::Arc;

use analyzers::Canonical;
use assistant::{Catalog, Intent, Language, Understood, plan, tool::Outcome, understand, word::Answer};
use domain::{Analysis, Settings};
use explorer::Explorer;

pub use all_data::{Cover, Covered, Why};
pub use far::{OpenColumn, chosen, decisions, listed, open, part, shown, summary, tool};
pub use hear::{Heard, Listener};
pub use look_up::look_up;
pub use shelf::{About, Shelf, Shelved};
pub use talk::Cost;

/// What a question is asked of.
#[derive(Debug, Clone)]
pub struct Data {
    pub canonical: Canonical,
    pub analysis: Analysis,
    pub settings: Settings,
    /// Which analyses these are, where they are all data of an organisation.
    pub cover: Option<Cover>,
    explorer: Arc<Explorer>,
    catalog: Catalog,
}

impl Data {
    /// It blocks: what can be asked for is read from the tables once.
    pub fn new(canonical: Canonical, analysis: Analysis, settings: Settings) -> Result<Self, crate::Error> {
        let catalog = catalog::of(&canonical, &analysis)?;
        let explorer = Arc::new(crate::analyses::canonical::explorer(&canonical));
        Ok(Self { canonical, analysis, settings, cover: None, explorer, catalog })
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }
}

/// A question with its answer and what was looked up for it.
#[derive(Debug, Clone)]
pub struct Reply {
    pub understood: Understood,
    pub outcomes: Vec<Outcome>,
    pub answer: Answer,
    pub mode: Mode,
}

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mode {
    /// The model, where one did; none means that nothing left the installation for the answer that is shown.
    pub model: Option<String>,
    /// Why no model answered though one is switched on: `budget`, `provider`, `time`, `rounds`, `ungrounded`.
    pub instead: Option<&'static str>,
    pub cost: Cost,
}

impl Mode {
    /// The word in the API.
    pub fn name(&self) -> &'static str {
        if self.model.is_some() { "model" } else { "without_model" }
    }
}

/// Understands, looks up, words and checks. It blocks.
pub fn ask(data: &Data, question: &str, usual: Language) -> Result<Reply, crate::Error> {
    let understood = understand(question, &data.catalog, usual);
    let mut outcomes = Vec::new();
    for call in plan::plan(&understood.intent) {
        outcomes.push(look_up(data, &call)?);
    }
    let mut answer = match assistant::word::answer(question, &understood, &outcomes, &data.catalog) {
        Ok(answer) => answer,
        Err(ungrounded) => {
            // A fault of ours: the words are not shown, the table of the tool is one click away.
            tracing::error!(numbers = ?ungrounded.0.len(), kind = ?std::mem::discriminant(&understood.intent), "an answer had numbers that no tool gave");
            withheld(&understood)
        }
    };
    in_force::note(data, &mut answer);
    Ok(Reply { understood, outcomes, answer, mode: Mode::default() })
}

fn withheld(understood: &Understood) -> Answer {
    let language = understood.language;
    Answer {
        language,
        kind: "choices",
        text: language
            .pick([
                "The answer was withheld: it had a number that no look-up gave.",
                "Die Antwort wurde zurückgehalten: sie enthielt eine Zahl, die keine Abfrage ergab.",
                "La respuesta se retuvo: contenía un número que ninguna consulta dio.",
            ])
            .to_owned(),
        ..Answer::default()
    }
}

/// Whether an intent got an answer and not choices.
pub fn answers(intent: &Intent) -> bool {
    !matches!(intent, Intent::Unclear(_))
}
