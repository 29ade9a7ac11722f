//! The four steps of an import.

use askama::Template;

use crate::filters;

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "component/stepper/template.html")]
pub struct Stepper {
    /// Words, and the address of a step that can be gone back to.
    pub steps: Vec<(&'static str, Option<String>)>,
    /// The step that is shown, from 0.
    pub current: usize,
}

impl Stepper {
    /// The import of a dataset; steps before the current one are links.
    pub fn import(dataset: &str, current: usize) -> Self {
        let names =
            [("Upload", None), ("Match", Some("match")), ("Review rows", Some("rows")), ("Analyze", None)];
        let steps = names
            .into_iter()
            .enumerate()
            .map(|(idx, (name, step))| {
                (name, step.filter(|_| idx < current).map(|step| crate::route::import(dataset, step)))
            })
            .collect();
        Self { steps, current }
    }
}

pub fn examples() -> Vec<Stepper> {
    vec![Stepper::import("d1", 1), Stepper::import("d1", 3)]
}
