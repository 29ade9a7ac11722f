//! `plantintel migrate`.

use std::path::Path;

use crate::{config::Config, failure::Failure, output, service::Foundation};

pub(crate) fn run(config: Option<&Path>) -> Result<(), Failure> {
    let config = Config::load_to_serve(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Laying the foundation migrates and then connects, which checks roles and row security too.
        Foundation::lay(&config).await?.leave().await;
        output::line("the database is at this program's version")
    })
}
