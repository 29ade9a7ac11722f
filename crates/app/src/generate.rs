//! Synthetic plants.

use std::path::Path;

use generator::{DirectorySink, PlantSpec, truth::Truth};

use crate::Error;

/// What is asked of a plant.
#[derive(Debug)]
pub struct Request<'a> {
    pub orders: u64,
    pub seed: u64,
    /// `all`, `none`, or names separated by commas.
    pub problems: &'a str,
    /// `None`: the usual one.
    pub style: Option<&'a str>,
    pub effect: f64,
}

/// Writes a plant into a folder and says what is true of it.
pub fn generate(folder: &Path, request: &Request<'_>) -> Result<Truth, Error> {
    let mut spec = PlantSpec::new(request.orders, request.seed);
    spec.problems = request.problems.parse().map_err(|error| usage(&error))?;
    spec.effect = request.effect;
    if let Some(style) = request.style {
        style.clone_into(&mut spec.style);
    }
    let mut sink = DirectorySink::create(folder)
        .map_err(|error| Error::Work(format!("cannot write into {}: {error}", folder.display())))?;
    generator::generate(&spec, &mut sink).map_err(|error| match error {
        generator::Error::Write { .. } => Error::Work(error.to_string()),
        other => usage(&other),
    })
}

fn usage(error: &generator::Error) -> Error {
    Error::Usage(error.to_string())
}
