//! Step 4: what is running, what has been found so far. The page can be left.

use askama::Template;

use crate::{
    component::{Button, Link, Tone, stepper::Stepper},
    filters,
    layout::{Crumb, Section, Shell},
    route,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    Waiting,
    Running,
    Done,
    Failed,
}

impl StepState {
    fn icon(self) -> &'static str {
        match self {
            Self::Waiting => "circle",
            Self::Running => "circle-dot",
            Self::Done => "check",
            Self::Failed => "x",
        }
    }

    fn tone(self) -> &'static str {
        match self {
            Self::Waiting => Tone::Quiet.class(),
            Self::Running => Tone::Accent.class(),
            Self::Done => Tone::Gain.class(),
            Self::Failed => Tone::Loss.class(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub state: StepState,
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/import/progress.html")]
pub struct ProgressPage {
    pub shell: Shell,
    pub stepper: Stepper,
    pub title: String,
    pub lead: String,
    pub steps: Vec<Step>,
    /// Hundredths that are done, where they are known.
    pub share: Option<u8>,
    /// Where this page is: while something runs it asks there again by itself.
    pub address: String,
    pub running: bool,
    pub next: Option<Link>,
    /// Stop what runs, or try again what failed.
    pub button: Option<Button>,
}

impl ProgressPage {
    pub fn new(shell: &Shell, dataset: &str, name: &str, running: bool) -> Self {
        Self {
            shell: shell.with(
                Section::Data,
                format!("Analysis of {name}"),
                vec![
                    Crumb::link("Data", route::DATA),
                    Crumb::link(name, route::import(dataset, "match")),
                    Crumb::here("Analyze"),
                ],
            ),
            stepper: Stepper::import(dataset, 3),
            title: if running { "Looking for losses".to_owned() } else { "The analysis is done".to_owned() },
            lead: if running {
                "You can leave this page; the analysis goes on.".to_owned()
            } else {
                String::new()
            },
            steps: Vec::new(),
            share: None,
            address: route::import(dataset, "analysis"),
            running,
            next: None,
            button: None,
        }
    }

    pub fn samples() -> Vec<Self> {
        let step =
            |name: &str, state, note: &str| Step { name: name.to_owned(), state, note: note.to_owned() };
        let shell = Shell::sample();
        let mut running = Self::new(&shell, "d1", "JOBCOST_SEP25.csv", true);
        running.steps = vec![
            step("Read the files", StepState::Done, "12,480 rows"),
            step("Build orders and operations", StepState::Done, "3,126 orders"),
            step("Cost against plan", StepState::Running, "2 findings so far"),
            step("Quality", StepState::Waiting, ""),
        ];
        running.share = Some(55);
        running.button = Some(Button {
            label: "Stop the analysis".to_owned(),
            action: "/analyses/a1/stop".to_owned(),
            csrf: "sample".to_owned(),
            ..Button::default()
        });
        let mut failed = Self::new(&shell, "d1", "JOBCOST_SEP25.csv", false);
        "The analysis stopped".clone_into(&mut failed.title);
        "The files need more memory than this installation allows. Your upload is kept; a shorter period fits. Code 7f3a."
            .clone_into(&mut failed.lead);
        failed.steps = vec![
            step("Read the files", StepState::Done, "12,480 rows"),
            step("Cost against plan", StepState::Failed, ""),
        ];
        failed.button = Some(Button {
            label: "Try again".to_owned(),
            action: "/data/d1/analysis".to_owned(),
            csrf: "sample".to_owned(),
            ..Button::default()
        });
        let mut done = Self::new(&shell, "d1", "JOBCOST_SEP25.csv", false);
        done.steps = vec![
            step("Read the files", StepState::Done, "12,480 rows"),
            step("Cost against plan", StepState::Done, "6 findings"),
        ];
        done.next = Some(Link::new("See where the money goes", "/"));
        vec![running, failed, done]
    }
}
