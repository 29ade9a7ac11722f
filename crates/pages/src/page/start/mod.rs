//! Home of a plant without data: one thing to do, what to export, what it will say.

mod recipes;

use askama::Template;

use crate::{
    filters,
    layout::{Crumb, Section, Shell},
};
pub use recipes::{RECIPES, Recipe};

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/start/template.html")]
pub struct Start {
    pub shell: Shell,
    /// `500 MB`.
    pub limit: String,
    /// The system whose recipe is shown.
    pub recipe: &'static Recipe,
    /// Whether a sample plant can be opened.
    pub sample: bool,
}

impl Start {
    /// `system` is the name that the address asks for; an unknown one shows the first.
    pub fn new(shell: &Shell, limit: &str, system: &str, sample: bool) -> Self {
        let recipe = RECIPES.iter().find(|recipe| recipe.name == system).unwrap_or(&RECIPES[0]);
        Self {
            shell: shell.with(Section::Overview, "Start", vec![Crumb::here("Start")]),
            limit: limit.to_owned(),
            recipe,
            sample,
        }
    }

    fn recipes() -> &'static [Recipe] {
        RECIPES
    }

    pub fn samples() -> Vec<Self> {
        let mut shell = Shell::sample();
        shell.counts = crate::layout::Counts::default();
        shell.quota = Some("0 of 10 uploads used this month".to_owned());
        vec![Self::new(&shell, "500 MB", "epicor", true), Self::new(&shell, "500 MB", "sap", false)]
    }
}
