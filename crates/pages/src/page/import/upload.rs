//! Step 1: choose files.

use askama::Template;

use crate::{
    component::stepper::Stepper,
    filters,
    layout::{Crumb, Section, Shell},
    route,
};

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/import/upload.html")]
pub struct UploadPage {
    pub shell: Shell,
    pub stepper: Stepper,
    /// `500 MB`.
    pub limit: String,
    pub sample: bool,
}

impl UploadPage {
    pub fn new(shell: &Shell, limit: &str) -> Self {
        Self {
            shell: shell.with(
                Section::Data,
                "Upload data",
                vec![Crumb::link("Data", route::DATA), Crumb::here("Upload")],
            ),
            stepper: Stepper::import("", 0),
            limit: limit.to_owned(),
            sample: false,
        }
    }

    pub fn samples() -> Vec<Self> {
        vec![Self::new(&Shell::sample(), "500 MB")]
    }
}
