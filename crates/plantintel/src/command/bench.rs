//! `plantintel bench`: seconds and peak memory per stage, beside pandas doing the same sums in the same run.

use std::process::Command;
use std::time::Instant;

use app::{
    Scratch,
    analyze::{Decisions, Request, Stage},
};
use comfy_table::{Table, presets::NOTHING};
use domain::{Mapping, Settings};
use serde_json::{Value, json};

use crate::{cli::BenchArgs, failure::Failure, output};

/// The peer: reads the same files with pandas' C reader and sums the mapped hours, quantities and money over orders,
/// products and work centers. It prints seconds and peak memory as JSON.
const PEER: &str = include_str!("bench_peer.py");

#[derive(Debug)]
struct Measured {
    stage: String,
    seconds: f64,
    /// Peak resident memory while the stage ran, in MiB; `None` where the system does not tell.
    peak_mib: Option<f64>,
}

pub(crate) fn run(args: &BenchArgs) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let settings = Settings::default();
    let request = Request {
        files: &args.files,
        part: None,
        saved: &[],
        settings: &settings,
        decisions: Decisions::Likelier,
    };
    let mut measured: Vec<Measured> = Vec::new();
    let mut current: Option<(String, Instant)> = None;
    let begin = Instant::now();
    memory::reset_peak();
    let outcome = {
        let mut observe = |stage: &Stage| {
            let name = match stage {
                Stage::Reading(_) => "read",
                Stage::Mapping | Stage::Asking => "map",
                Stage::Applying => "apply",
                Stage::Analyzing => "analyze",
            };
            if current.as_ref().is_none_or(|(running, _)| running != name) {
                finish(&mut current, &mut measured);
                current = Some((name.to_owned(), Instant::now()));
            }
        };
        app::analyze::analyze(&request, &scratch, &mut observe)?
    };
    finish(&mut current, &mut measured);
    let total = begin.elapsed().as_secs_f64();
    let peer = peer(args, &outcome.mappings);
    if args.json {
        return output::json(&json!({
            "stages": measured.iter().map(|stage| json!({
                "stage": stage.stage, "seconds": stage.seconds, "peak_mib": stage.peak_mib,
            })).collect::<Vec<_>>(),
            "seconds": total,
            "pandas": peer,
        }));
    }
    output::print(&text(&measured, total, &peer))
}

fn finish(current: &mut Option<(String, Instant)>, measured: &mut Vec<Measured>) {
    if let Some((stage, since)) = current.take() {
        measured.push(Measured {
            stage,
            seconds: since.elapsed().as_secs_f64(),
            peak_mib: memory::peak_mib(),
        });
        memory::reset_peak();
    }
}

fn peer(args: &BenchArgs, mappings: &[Mapping]) -> Value {
    let files: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
    let columns: Vec<Value> = mappings
        .iter()
        .map(|mapping| {
            let named = |wanted: fn(ontology::FieldType) -> bool| -> Vec<&str> {
                mapping
                    .columns
                    .iter()
                    .filter(|column| column.field.is_some_and(|field| wanted(field.definition().type_)))
                    .map(|column| column.source.as_str())
                    .collect()
            };
            json!({
                "keys": named(|type_| matches!(type_, ontology::FieldType::Identifier | ontology::FieldType::Category)),
                "sums": named(|type_| type_ == ontology::FieldType::Number),
            })
        })
        .collect();
    let request = json!({"files": files, "columns": columns}).to_string();
    match Command::new("python3").args(["-c", PEER, &request]).output() {
        Ok(output) if output.status.success() => {
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| json!({"error": error.to_string()}))
        }
        Ok(output) => {
            let reason = String::from_utf8_lossy(&output.stderr);
            json!({"error": reason.lines().last().unwrap_or("python3 failed")})
        }
        Err(error) => json!({"error": format!("python3: {error}")}),
    }
}

fn text(measured: &[Measured], total: f64, peer: &Value) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["Stage", "Seconds", "Peak MiB"]);
    let mib = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.0}"));
    for stage in measured {
        table.add_row([stage.stage.clone(), format!("{:.2}", stage.seconds), mib(stage.peak_mib)]);
    }
    let peak = measured.iter().filter_map(|stage| stage.peak_mib).reduce(f64::max);
    table.add_row(["all".to_owned(), format!("{total:.2}"), mib(peak)]);
    match (peer["seconds"].as_f64(), peer["peak_mib"].as_f64()) {
        (Some(seconds), peak) => {
            table.add_row(["pandas".to_owned(), format!("{seconds:.2}"), mib(peak)]);
            format!(
                "{table}\nread, mapped and analyzed in {:.2} times the time pandas takes to read and sum\n",
                total / seconds
            )
        }
        _ => format!("{table}\npandas was not measured: {}\n", peer["error"].as_str().unwrap_or("no answer")),
    }
}

/// Peak resident memory of this process, as Linux keeps it.
mod memory {
    use std::fs;

    pub(super) fn peak_mib() -> Option<f64> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib / 1024.0)
    }

    /// From now on the peak is that of what follows. Where the system refuses, peaks only grow from stage to stage.
    pub(super) fn reset_peak() {
        let _ = fs::write("/proc/self/clear_refs", "5");
    }
}
