//! The `plantintel` program: the command line over the use cases in `app`.
//!
//! Results go to standard output, progress and messages to standard error. Start at [`cli`], then `command/`.

mod cli;
mod command;
mod failure;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command, EvalCommand};

/// Stages of a run need much memory one after the other: what one has freed must be there for the next, and for the
/// other programs of the machine.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Analyze(args) => command::analyze::run(&args),
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
