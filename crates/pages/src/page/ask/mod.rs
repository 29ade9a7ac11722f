//! Ask: questions and answers about one analysis or about all data, and the conversations so far.

use askama::Template;

use crate::{
    component::{Link, empty::Empty, table::Table},
    filters,
    layout::{Crumb, Section, Shell},
    route,
};

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Turn {
    pub question: String,
    /// `de`, for those who have it read to them.
    pub language: String,
    /// `scarp was read as scrap`.
    pub corrections: Vec<String>,
    /// `Answered by m-1`, where a model did.
    pub by: String,
    /// Sentences, each a paragraph. Empty while no answer was kept.
    pub text: Vec<String>,
    pub table: Option<Table>,
    pub notes: Vec<String>,
    /// Look-ups with what they read.
    pub queries: Vec<String>,
    /// Rows and findings that open.
    pub citations: Vec<Link>,
    /// Questions to choose from or to go on with; only under the last answer.
    pub next: Vec<String>,
    /// Text of question and answer for the clipboard.
    pub copy: String,
    /// Whether it is in the report of its analysis, and how that is changed.
    pub report: Report,
}

/// What an answer has to do with the report of its analysis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Report {
    /// It cannot be put there: there is no answer, or the reader may not.
    #[default]
    Closed,
    /// It can be put there; the number of the answer.
    Open(i64),
    /// It is there.
    In { analysis: String, id: String },
}

/// A conversation of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    pub id: String,
    pub title: String,
    pub about: String,
    pub when: String,
    pub questions: String,
    pub current: bool,
}

/// What can be asked about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    pub id: String,
    pub label: String,
    pub chosen: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Input {
    /// The conversation that is open.
    pub id: Option<String>,
    pub title: String,
    /// What it is about, in words.
    pub about: String,
    pub turns: Vec<Turn>,
    /// Questions to begin with.
    pub starters: Vec<String>,
    pub subjects: Vec<Subject>,
    pub conversations: Vec<Entry>,
    /// `12 conversations, 48 questions and answers`.
    pub totals: String,
    /// What is written already.
    pub draft: String,
    /// Which mode is on and what leaves the installation.
    pub mode: String,
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/ask/template.html")]
pub struct Ask {
    pub shell: Shell,
    pub empty: Option<Empty>,
    pub input: Input,
}

/// Which mode is on and what leaves the installation.
pub fn mode(model: Option<(&str, &str)>) -> String {
    match model {
        None => "Answered from your data without a language model: nothing leaves this installation. English, German and Spanish are understood.".to_owned(),
        Some((model, host)) => format!(
            "Answered by the language model {model} at {host}, checked against your data. What leaves this installation: your questions and this conversation, names of figures and fields, and what the model looks up with your rights, such as sums, names of machines and suppliers, and rows. Files never leave."
        ),
    }
}

impl Ask {
    pub fn new(shell: &Shell, mut input: Input) -> Self {
        // Several tables stand on one page, each with a name of its own.
        for (number, table) in (1..).zip(input.turns.iter_mut().filter_map(|turn| turn.table.as_mut())) {
            table.name = format!("Answer {number}");
        }
        let crumbs = match &input.id {
            Some(_) => vec![Crumb::link("Ask", route::ASK), Crumb::here(input.title.clone())],
            None => vec![Crumb::here("Ask")],
        };
        let title = if input.id.is_some() { format!("{} · Ask", input.title) } else { "Ask".to_owned() };
        Self { shell: shell.with(Section::Ask, title, crumbs), empty: None, input }
    }

    pub fn without_data(shell: &Shell) -> Self {
        let empty = Empty::new(
            "circle-question-mark",
            "Nothing to ask about yet",
            "Upload an export; its figures, rows and findings can be asked about when it is analyzed.",
            Some(Link::new("Upload data", route::UPLOAD)),
        );
        Self { empty: Some(empty), ..Self::new(shell, Input::default()) }
    }

    /// Where a question is sent.
    fn action(&self) -> String {
        self.input.id.as_ref().map_or_else(|| route::ASK.to_owned(), |id| route::conversation(id))
    }

    fn subject(&self) -> &str {
        self.input.subjects.iter().find(|subject| subject.chosen).map_or("", |subject| subject.id.as_str())
    }

    pub fn samples() -> Vec<Self> {
        use crate::component::table::{Cell, Head, Row};
        let shell = Shell::sample();
        let entry = |id: &str, title: &str, current| Entry {
            id: id.to_owned(),
            title: title.to_owned(),
            about: "Toledo, January to June".to_owned(),
            when: "2 Sep 2025".to_owned(),
            questions: "2 questions".to_owned(),
            current,
        };
        let base = Input {
            starters: vec!["What are the biggest problems?".to_owned(), "scrap rate by month".to_owned()],
            subjects: vec![
                Subject { id: String::new(), label: "All data".to_owned(), chosen: true },
                Subject { id: "0198".to_owned(), label: "Toledo, January to June".to_owned(), chosen: false },
            ],
            conversations: vec![
                entry("1", "Which machines have the highest scrap rate?", false),
                entry("2", "Set-up", false),
            ],
            totals: "2 conversations, 6 questions and answers".to_owned(),
            mode: mode(None),
            ..Input::default()
        };
        let turn = Turn {
            question: "Which machines have the highest scarp rate?".to_owned(),
            language: "en".to_owned(),
            corrections: vec!["scarp was read as scrap".to_owned()],
            by: "Answered by the model m-1".to_owned(),
            text: vec!["Highest: scrap rate: machine M-07 – 6.21%.".to_owned()],
            table: Some(Table::new(
                "Answer",
                vec![Head::text("Machine"), Head::number("Scrap rate"), Head::number("Rows")],
                vec![
                    Row::new(vec![
                        Cell::Strong("M-07".to_owned()),
                        Cell::number("6.21%"),
                        Cell::number("812"),
                    ]),
                    Row::new(vec![
                        Cell::Strong("M-02".to_owned()),
                        Cell::number("3.02%"),
                        Cell::number("1,204"),
                    ]),
                ],
            )),
            notes: vec!["Produced = good + scrapped; reworked pieces count once.".to_owned()],
            queries: vec!["figures: scrap_ratio, 12,480 rows".to_owned()],
            citations: vec![Link::new("operations.csv row 814", "/ask/rows?file=operations.csv&row=814")],
            next: vec!["scrap rate by month".to_owned(), "How is scrap rate calculated?".to_owned()],
            copy: "Which machines have the highest scrap rate?\nHighest: M-07".to_owned(),
            report: Report::Open(2),
        };
        let open = Input {
            id: Some("1".to_owned()),
            title: "Which machines have the highest scrap rate?".to_owned(),
            about: "all data".to_owned(),
            mode: mode(Some(("m-1", "models.example.com"))),
            turns: vec![
                Turn {
                    report: Report::In { analysis: "0198".to_owned(), id: "0199".to_owned() },
                    ..turn.clone()
                },
                turn,
            ],
            starters: Vec::new(),
            conversations: vec![entry("1", "Which machines have the highest scrap rate?", true)],
            ..base.clone()
        };
        vec![Self::new(&shell, base), Self::new(&shell, open), Self::without_data(&shell)]
    }
}
