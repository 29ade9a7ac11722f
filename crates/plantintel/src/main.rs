//! The `plantintel` program: the command line over the use cases in `app`.
//!
//! Results go to standard output, progress and messages to standard error. Start at [`cli`], then `command/`.

mod cli;
mod command;
mod config;
mod failure;
mod output;
mod progress;
mod service;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    cli::{AuditCommand, Cli, Command, EvalCommand},
    service::Halves,
};

/// Stages of a run need much memory one after the other: what one has freed must be there for the next, and for the
/// other programs of the machine.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Cli { config, command } = Cli::parse();
    let config = config.as_deref();
    let both = Halves { server: true, worker: true };
    let outcome = match command.unwrap_or(Command::Serve) {
        Command::Serve => command::serve::run(config, both),
        Command::Server => command::serve::run(config, Halves { worker: false, ..both }),
        Command::Worker => command::serve::run(config, Halves { server: false, ..both }),
        Command::Migrate => command::migrate::run(config),
        Command::Doctor { alive: true, .. } => command::doctor::alive(config),
        Command::Doctor { json, offline, bundle, .. } => {
            command::doctor::run(config, json, offline, bundle.as_deref())
        }
        Command::Backup { folder, with_secrets, json } => {
            command::backup::write(config, &folder, with_secrets, json)
        }
        Command::Restore { folder, secret_is_lost, json } => {
            command::backup::restore(config, &folder, secret_is_lost, json)
        }
        Command::RotateKeys(args) => command::rotate_keys::run(config, &args),
        Command::Audit(AuditCommand::Verify { json }) => command::audit::verify(config, json),
        Command::Admin(admin) => command::admin::run(config, admin),
        Command::Analyze(args) => command::analyze::run(&args),
        Command::Ask(args) => command::ask::run(&args),
        Command::Mcp(args) => {
            config::Config::load(config).and_then(|config| command::mcp::run(&args, &config))
        }
        Command::Read(args) => command::read::run(&args),
        Command::Map(args) => command::map::run(&args),
        Command::Eval(EvalCommand::Mapping { dir, cases, unseen, json }) => {
            command::eval::mapping(&dir, cases, unseen, json)
        }
        Command::Eval(EvalCommand::Findings { dir, cases, preset, json }) => {
            command::eval::findings(&dir, cases, &preset, json)
        }
        Command::Generate(args) => command::generate::run(&args),
        Command::Bench(args) => command::bench::run(&args),
        Command::Completions { shell } => command::shell::completions(shell),
        Command::Man => command::shell::man(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::message(&format!("plantintel: {failure}"));
            failure.exit_code()
        }
    }
}
