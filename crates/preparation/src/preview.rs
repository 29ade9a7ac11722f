//! What a preparation would do, shown on the sampled rows before it is executed.

use domain::TableProfile;

use crate::{
    check::Problem,
    plan::{Plan, Tally, Trail},
    recipe::Preparation,
    report::ColumnReport,
    run,
};

/// The sampled rows, before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// One per prepared column, in the order in which they are done; rows are those of the file, 0 where it is not
    /// known any more which they are.
    pub reports: Vec<ColumnReport>,
    /// For each of the first sampled rows how its prepared cells come about.
    pub trails: Vec<Vec<Trail>>,
    pub warnings: Vec<Problem>,
}

/// Does everything to the sample only; at most `trails` rows are told step by step.
pub fn preview(
    profile: &TableProfile,
    preparation: &Preparation,
    trails: usize,
) -> Result<Preview, Vec<Problem>> {
    let plan = Plan::new(&run::columns(profile), preparation)?;
    let rows = run::sampled(profile);
    let mut numbers = profile.sample_rows.clone();
    numbers.resize(rows.len(), 0);
    let told =
        rows.iter().zip(&numbers).take(trails).map(|(row, number)| plan.explain(row, *number)).collect();
    let mut done = rows;
    let mut tallies = plan.tallies();
    plan.apply(&mut done, &numbers, &mut tallies);
    Ok(Preview {
        reports: tallies.into_iter().map(Tally::finish).collect(),
        trails: told,
        warnings: plan.warnings().to_vec(),
    })
}
