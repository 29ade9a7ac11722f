//! `cargo run -p generator --example generate -- DIR ORDERS SEED [PROBLEMS] [STYLE] [EFFECT]` writes a plant into a folder.

use std::process::ExitCode;

use generator::{DirectorySink, PlantSpec, generate};

fn run(arguments: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let [directory, orders, seed, rest @ ..] = arguments else {
        return Err("usage: generate DIR ORDERS SEED [PROBLEMS] [STYLE] [EFFECT]".into());
    };
    let mut spec = PlantSpec::new(orders.parse()?, seed.parse()?);
    if let Some(problems) = rest.first() {
        spec.problems = problems.parse()?;
    }
    if let Some(style) = rest.get(1) {
        style.clone_into(&mut spec.style);
    }
    if let Some(effect) = rest.get(2) {
        spec.effect = effect.parse()?;
    }
    let truth = generate(&spec, &mut DirectorySink::create(directory)?)?;
    serde_json::to_writer_pretty(std::io::stdout(), &(&truth.totals, &truth.measures, &truth.rows))?;
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}
