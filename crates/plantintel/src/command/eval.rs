//! `plantintel eval`: how right the mapping and the findings are, against a known truth.

use std::path::Path;

use app::evaluate::MappingReport;
use comfy_table::{Table, presets::NOTHING};
use generator::evaluation::{PlantScore, summary::summarize};
use mapping::evaluation::Accuracy;
use serde_json::{Value, json};

use crate::{command::analyze::settings, failure::Failure, output, progress::Steps};

pub(crate) fn mapping(dir: &Path, cases: bool, unseen: bool, as_json: bool) -> Result<(), Failure> {
    let steps = Steps::start();
    let report = app::evaluate::mapping(dir, unseen, &mut |name| steps.say(name))?;
    drop(steps);
    if as_json { output::json(&mapping_json(&report)) } else { output::print(&mapping_text(&report, cases)) }
}

fn mapping_json(report: &MappingReport) -> Value {
    let mut document = accuracy(&report.all);
    document["granularity"] = json!(share_right(report));
    document["cases"] = report
        .cases
        .iter()
        .map(|case| {
            let mut row = accuracy(&case.accuracy);
            row["case"] = json!(case.name);
            row["granularity"] = json!(case.granularity.as_str());
            row["granularity_right"] = json!(case.granularity_right);
            row["source_system"] = json!(case.system);
            row["source_system_right"] = json!(case.system_right);
            row["seconds"] = json!(case.mapping_time.as_secs_f64());
            row["wrong"] = case
                .outcomes
                .iter()
                .filter(|outcome| !outcome.is_right())
                .map(|outcome| {
                    json!({
                        "source": outcome.source, "expected": outcome.expected, "proposed": outcome.proposed,
                        "confidence": outcome.confidence, "status": outcome.status.as_str(),
                    })
                })
                .collect();
            row
        })
        .collect();
    document
}

fn accuracy(accuracy: &Accuracy) -> Value {
    let statuses: serde_json::Map<String, Value> = accuracy
        .at_status
        .iter()
        .map(|at| {
            let right =
                if at.columns == 0 { Value::Null } else { json!(at.right as f64 / at.columns as f64) };
            (
                at.status.as_str().to_owned(),
                json!({"columns": at.columns, "right": at.right, "accuracy": right}),
            )
        })
        .collect();
    json!({
        "columns": accuracy.columns,
        "precision": accuracy.precision,
        "recall": accuracy.recall,
        "f1": accuracy.f1,
        "hit_at_1": accuracy.hit_at_1,
        "hit_at_3": accuracy.hit_at_3,
        "unmapped_kept": accuracy.unmapped_kept,
        "statuses": statuses,
        "calibration_error": accuracy.calibration_error,
        "files_all_right": accuracy.files_all_right,
    })
}

fn share_right(report: &MappingReport) -> Option<f64> {
    let known: Vec<bool> = report.cases.iter().filter_map(|case| case.granularity_right).collect();
    (!known.is_empty()).then(|| known.iter().filter(|right| **right).count() as f64 / known.len() as f64)
}

fn mapping_text(report: &MappingReport, cases: bool) -> String {
    let mut text = String::new();
    if cases {
        let mut table = Table::new();
        table
            .load_style(NOTHING)
            .set_header(["Case", "Columns", "F1", "hit@1", "hit@3", "Kept", "Row is", "", "System", "ms"]);
        for case in &report.cases {
            table.add_row([
                case.name.clone(),
                case.accuracy.columns.to_string(),
                format!("{:.2}", case.accuracy.f1),
                format!("{:.2}", case.accuracy.hit_at_1),
                format!("{:.2}", case.accuracy.hit_at_3),
                format!("{:.2}", case.accuracy.unmapped_kept),
                case.granularity.as_str().to_owned(),
                match case.granularity_right {
                    Some(true) => "right",
                    Some(false) => "wrong",
                    None => "",
                }
                .to_owned(),
                case.system.clone().unwrap_or_default(),
                format!("{:.1}", case.mapping_time.as_secs_f64() * 1000.0),
            ]);
        }
        text.push_str(&format!("{table}\n\n"));
    }
    let all = &report.all;
    text.push_str(&format!("{} files, {} columns\n", report.cases.len(), all.columns));
    text.push_str(&format!("precision {:.3}  recall {:.3}  F1 {:.3}\n", all.precision, all.recall, all.f1));
    text.push_str(&format!("hit@1 {:.3}  hit@3 {:.3}\n", all.hit_at_1, all.hit_at_3));
    text.push_str(&format!("columns that must stay unmapped kept so {:.3}\n", all.unmapped_kept));
    for at in &all.at_status {
        if at.columns > 0 {
            text.push_str(&format!(
                "{:<10} right {:.3} of {} columns ({:.0} % of all)\n",
                at.status.as_str(),
                at.right as f64 / at.columns as f64,
                at.columns,
                at.columns as f64 / all.columns.max(1) as f64 * 100.0
            ));
        }
    }
    text.push_str(&format!("calibration error {:.3}\n", all.calibration_error));
    text.push_str(&format!("files with every column right {:.2}\n", all.files_all_right));
    if let Some(share) = share_right(report) {
        text.push_str(&format!("granularity right {share:.3}\n"));
    }
    let named: Vec<bool> = report.cases.iter().filter_map(|case| case.system_right).collect();
    let right = named.iter().filter(|right| **right).count();
    text.push_str(&format!("source system named in {} files, {right} of them right\n", named.len()));
    let mean = report.cases.iter().map(|case| case.mapping_time.as_secs_f64()).sum::<f64>()
        / report.cases.len().max(1) as f64;
    text.push_str(&format!("{:.1} ms per file to map\n", mean * 1000.0));
    text
}

pub(crate) fn findings(dir: &Path, cases: bool, preset: &str, as_json: bool) -> Result<(), Failure> {
    let settings = settings(preset, &[])?;
    let steps = Steps::start();
    let measured = app::evaluate::findings(dir, &settings, &mut |name| steps.say(name))?;
    drop(steps);
    let scores: Vec<PlantScore> = measured.iter().map(|case| case.score.clone()).collect();
    let summary = summarize(&scores);
    let closes = measured.iter().all(|case| case.ledger_closes);
    if as_json {
        return output::json(&json!({
            "summary": summary,
            "ledger_closes": closes,
            "cases": measured.iter().map(|case| json!({
                "case": case.name, "data_tier": case.data_tier, "ledger_closes": case.ledger_closes,
                "seconds": case.seconds, "recall": case.score.recall(),
                "false_discovery_rate": case.score.false_discovery_rate(), "score": case.score,
            })).collect::<Vec<_>>(),
        }));
    }
    let mut text = String::new();
    if cases {
        for case in &measured {
            text.push_str(&format!(
                "{}: tier {}, recall {:.2}, {} findings ({} right, {} neutral, {} wrong), {:.1} s\n",
                case.name,
                case.data_tier,
                case.score.recall(),
                case.score.findings,
                case.score.right,
                case.score.neutral,
                case.score.wrong.len(),
                case.seconds
            ));
            for problem in case.score.problems.iter().filter(|problem| !problem.found) {
                text.push_str(&format!("    missed {}\n", problem.id));
            }
            for wrong in &case.score.wrong {
                let entities: Vec<String> = wrong
                    .entities
                    .iter()
                    .map(|entity| format!("{} {}", entity.field, entity.value))
                    .collect();
                text.push_str(&format!("    wrong  {} {}\n", wrong.type_, entities.join(", ")));
            }
        }
        text.push('\n');
    }
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    text.push_str(&format!("{} plants\n", summary.plants));
    text.push_str(&format!(
        "recall {:.3}, ten largest all found in {}\n",
        summary.recall,
        percent(summary.ten_largest_found)
    ));
    text.push_str(&format!("false discovery rate {:.3}\n", summary.false_discovery_rate));
    text.push_str(&format!(
        "plants with any wrong finding {}, false dollars {:.3} % of planned cost\n",
        percent(summary.plants_with_wrong),
        summary.false_dollar_share * 100.0
    ));
    if let Some(error) = summary.dollar_error {
        text.push_str(&format!(
            "dollar error: median {}, largest {}\n",
            percent(error.median),
            percent(error.max)
        ));
    }
    if let Some(share) = summary.interval_coverage {
        text.push_str(&format!("intervals that hold the truth {}\n", percent(share)));
    }
    for (what, days) in [("step dates", summary.step_days), ("drift starts", summary.drift_days)] {
        if let Some(days) = days {
            text.push_str(&format!("{what}: median {:.0} days off, largest {:.0}\n", days.median, days.max));
        }
    }
    for (problem, share) in &summary.found {
        text.push_str(&format!("  {problem}: found in {}\n", percent(*share)));
    }
    text.push_str(if closes { "the ledger closes to the cent\n" } else { "the ledger does NOT close\n" });
    output::print(&text)
}
