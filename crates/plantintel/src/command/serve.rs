//! `plantintel`, `serve`, `server`, `worker`.

use std::path::Path;

use crate::{
    config::Config,
    failure::Failure,
    service::{self, Halves},
};

pub(crate) fn run(config: Option<&Path>, halves: Halves) -> Result<(), Failure> {
    let config = Config::load_to_serve(config)?;
    if !(halves.server && halves.worker) && config.database_url.reveal().is_none() {
        return Err(Failure::Usage(
            "server and worker alone share a database: set DATABASE_URL, or run plantintel serve".to_owned(),
        ));
    }
    service::run(&config, halves)
}
