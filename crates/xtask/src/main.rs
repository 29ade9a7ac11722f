//! Chores that take long: the goals of `docs/reliability.md` at their full counts. `cargo xtask` lists them.
//!
//! Each runs a test of the workspace with larger numbers, so that what is measured for hours is what every change is checked with
//! for seconds. Nothing is built here that the tests do not build.

use std::{
    env,
    process::{Command, ExitCode},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A chore: its name, what it does, the argument that it takes with its default, and the runs that it is made of.
struct Chore {
    name: &'static str,
    says: &'static str,
    argument: &'static str,
    default: &'static str,
    runs: &'static [Run],
}

/// One call of cargo; `{}` in a value is the chore's argument.
struct Run {
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const fn test(
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
) -> Run {
    Run { arguments, environment }
}

const CHORES: &[Chore] = &[
    Chore {
        name: "kills",
        says: "G6, G7, G9, G17, G18: kill -9 of the program and the end of its database under four writers, limited uploads and events of a payment provider, N times",
        argument: "N",
        default: "200",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "crashes", "--", "--nocapture"],
            &[("PLANTINTEL_KILLS", "{}")],
        )],
    },
    Chore {
        name: "rolling",
        says: "G8: two servers and two workers replaced under load, N times",
        argument: "N",
        default: "20",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "topology", "--", "--nocapture"],
            &[("PLANTINTEL_ROUNDS", "{}")],
        )],
    },
    Chore {
        name: "topology",
        says: "G8, G16: two servers, two workers, Postgres and a store that speaks S3 (moto) as processes, replaced under load N times",
        argument: "N",
        default: "3",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "topology::the_same", "--", "--nocapture"],
            &[("PLANTINTEL_ROUNDS", "{}"), ("PLANTINTEL_STORE", "moto")],
        )],
    },
    Chore {
        name: "object-store",
        says: "G6: a store of files with wrong keys, without bucket, busy, gone, deaf and dying in the middle of uploads",
        argument: "",
        default: "",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "object_store", "--", "--nocapture"],
            &[("PLANTINTEL_DEAF", "1")],
        )],
    },
    Chore {
        name: "power",
        says: "G6: N power losses: what was not synced is gone, from the database and the files; needs root, mkfs.xfs and mkfs.ext4",
        argument: "N",
        default: "100",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "power", "--", "--nocapture"],
            &[("PLANTINTEL_POWER_LOSSES", "{}")],
        )],
    },
    Chore {
        name: "durable",
        says: "G6: every call that writes, syncs or answers, recorded: nothing waits for a sync when it is acknowledged; needs strace",
        argument: "",
        default: "",
        runs: &[test(&["test", "-p", "plantintel", "--test", "it", "durable", "--", "--nocapture"], &[])],
    },
    Chore {
        name: "disk-errors",
        says: "G6: N episodes of EIO and ENOSPC at random under uploads and imports",
        argument: "N",
        default: "20",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "disk_errors", "--", "--nocapture"],
            &[("PLANTINTEL_EPISODES", "{}")],
        )],
    },
    Chore {
        name: "clock",
        says: "G26: a random step of the clock every five seconds, for S seconds; needs libfaketime",
        argument: "S",
        default: "600",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "clock", "--", "--nocapture"],
            &[("PLANTINTEL_CLOCK_SECONDS", "{}"), ("PLANTINTEL_SEED", "{seed}")],
        )],
    },
    Chore {
        name: "tenancy",
        says: "G3: N random statements of one organization against another's rows",
        argument: "N",
        default: "1000000",
        runs: &[test(
            &["test", "-p", "store", "--test", "it", "tenancy", "--", "--nocapture"],
            &[("PLANTINTEL_STATEMENTS", "{}")],
        )],
    },
    Chore {
        name: "simulate",
        says: "G6, G16: N lives of the job queue and of the shared limiter in simulated time",
        argument: "N",
        default: "500",
        runs: &[test(
            &["test", "-p", "store", "--test", "it", "simulation", "--", "--nocapture"],
            &[("PLANTINTEL_SIMULATIONS", "{}"), ("PLANTINTEL_SEED", "{seed}")],
        )],
    },
    Chore {
        name: "mutants",
        says: "G28: changes of who, quota, audit and webhooks that tests must notice, at most S seconds each; needs cargo-mutants",
        argument: "S",
        default: "300",
        runs: &[test(
            &[
                "mutants",
                "--timeout {}",
                "--file crates/store/src/audit/**/*.rs",
                "--file crates/store/src/gate/*.rs",
                "--file crates/server/src/who/**/*.rs",
                "--file crates/server/src/limit.rs",
                "--file crates/app/src/billing/*.rs",
                "--test-package store,server",
            ],
            &[],
        )],
    },
    Chore {
        name: "audit",
        says: "G10: N rows of a trail written and verified",
        argument: "N",
        default: "1000000",
        runs: &[test(
            // Built as it is shipped in what counts: hashing is what is measured.
            &["--config profile.dev.package.store.opt-level=1", "run -p store --example audit_speed -- {}"],
            &[],
        )],
    },
    Chore {
        name: "fuzz",
        says: "G11: broken files of every format and formulas of any shape, for S seconds each",
        argument: "S",
        default: "300",
        runs: &[
            test(
                &["test", "-p", "ingest", "--test", "it", "mutations", "--", "--nocapture"],
                &[("PLANTINTEL_FUZZ_SECONDS", "{}"), ("PLANTINTEL_SEED", "{seed}")],
            ),
            test(
                &["test", "-p", "preparation", "--test", "any_recipe", "--", "--nocapture"],
                &[("PLANTINTEL_FUZZ_SECONDS", "{}"), ("PLANTINTEL_SEED", "{seed}")],
            ),
            test(&["test", "-p", "ingest", "-p", "mapping"], &[("PROPTEST_CASES", "5000")]),
        ],
    },
    Chore {
        name: "soak",
        says: "G22: mixed load for M minutes: memory, descriptors and connections stay flat",
        argument: "M",
        default: "60",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "soak", "--", "--nocapture"],
            &[("PLANTINTEL_SOAK_MINUTES", "{}")],
        )],
    },
    Chore {
        name: "slow-clients",
        says: "G14: 500 clients that trickle, while another one works",
        argument: "",
        default: "",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "slow_clients", "--", "--nocapture"],
            &[],
        )],
    },
    Chore {
        name: "timing",
        says: "G4: N pairs of questions for things of another organization and for none, told apart by the clock or not",
        argument: "N",
        default: "20000",
        runs: &[test(
            &["test", "-p", "server", "--test", "it", "strangers", "--", "--nocapture"],
            &[("PLANTINTEL_TIMING_PAIRS", "{}")],
        )],
    },
    Chore {
        name: "abuse",
        says: "G13: reads of others beside uploads, imports, floods and streams of an abuser, S seconds each",
        argument: "S",
        default: "20",
        runs: &[test(
            &["test", "-p", "plantintel", "--test", "it", "abuse", "--", "--nocapture"],
            &[("PLANTINTEL_ABUSE_SECONDS", "{}")],
        )],
    },
    Chore {
        name: "backup",
        says: "G27: a backup beside the running service, restored into an empty installation and verified",
        argument: "",
        default: "",
        runs: &[test(&["test", "-p", "plantintel", "--test", "it", "operating", "--", "--nocapture"], &[])],
    },
];

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people who build")]
#[expect(clippy::disallowed_methods, reason = "chores take their numbers from outside")]
fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(chore) = arguments.next().and_then(|name| CHORES.iter().find(|chore| chore.name == name)) else {
        println!("cargo xtask CHORE [NUMBER]\n");
        for chore in CHORES {
            let default =
                if chore.default.is_empty() { String::new() } else { format!(" ({})", chore.default) };
            println!("  {:<13} {:<2} {}{default}", chore.name, chore.argument, chore.says);
        }
        return ExitCode::from(2);
    };
    let number = arguments.next().unwrap_or_else(|| chore.default.to_owned());
    if !number.is_empty() && number.parse::<u64>().is_err() {
        eprintln!("{} takes a number, not {number}", chore.name);
        return ExitCode::from(2);
    }
    // Another one each time, and told, so that it can be given again.
    let seed = env::var("PLANTINTEL_SEED").unwrap_or_else(|_| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs()).to_string()
    });
    let begun = Instant::now();
    for run in chore.runs {
        let filled = |text: &str| text.replace("{seed}", &seed).replace("{}", &number);
        let arguments: Vec<String> =
            run.arguments.iter().flat_map(|text| text.split(' ')).map(filled).collect();
        let variables: Vec<(&str, String)> =
            run.environment.iter().map(|(name, value)| (*name, filled(value))).collect();
        let shown: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        println!("{} cargo {}", shown.join(" "), arguments.join(" "));
        let status = Command::new(env!("CARGO")).args(&arguments).envs(variables).status();
        if !status.is_ok_and(|status| status.success()) {
            eprintln!("{} failed after {:?}", chore.name, rounded(begun.elapsed()));
            return ExitCode::FAILURE;
        }
    }
    println!("{} held after {:?}", chore.name, rounded(begun.elapsed()));
    ExitCode::SUCCESS
}

fn rounded(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs())
}
