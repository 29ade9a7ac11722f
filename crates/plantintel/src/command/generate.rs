//! `plantintel generate`: a plant whose problems are known.

use app::generate::Request;

use crate::{cli::GenerateArgs, failure::Failure, output, progress::Steps};

pub(crate) fn run(args: &GenerateArgs) -> Result<(), Failure> {
    let steps = Steps::start();
    steps.say("running the plant");
    let request = Request {
        orders: args.orders,
        seed: args.seed,
        problems: &args.problems,
        style: args.style.as_deref(),
        effect: args.effect,
    };
    let truth = app::generate::generate(&args.dir, &request)?;
    drop(steps);
    output::message(&format!(
        "{} orders from {} to {} in {}, {} planted problems in truth.json",
        truth.orders,
        truth.period.start,
        truth.period.end,
        args.dir.display(),
        truth.expected.len()
    ));
    Ok(())
}
