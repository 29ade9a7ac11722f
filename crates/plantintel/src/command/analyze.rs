//! `plantintel analyze`: an export goes in, findings come out.

use std::path::{Path, PathBuf};

use app::{
    Scratch,
    analyze::{Decisions, Outcome, Request, Stage},
    profile::SavedMapping,
    view,
};
use comfy_table::{CellAlignment, Table, presets::NOTHING};
use domain::{Analysis, Settings, analysis::EvidenceGrade, settings::Preset};
use report::{Caption, Tongue, number};

use crate::{cli::AnalyzeArgs, command::decisions, failure::Failure, output, progress::Steps};

pub(crate) fn run(args: &AnalyzeArgs) -> Result<(), Failure> {
    let settings = settings(&args.preset, &args.set)?;
    let saved = saved_mappings(&args.mapping)?;
    let scratch = Scratch::new()?;
    let steps = Steps::start();
    let request = Request {
        files: &args.files,
        part: args.input.sheet.as_deref(),
        saved: &saved,
        settings: &settings,
        decisions: if args.input.no_input {
            Decisions::Stop
        } else if decisions::somebody_is_there() {
            Decisions::Ask(&decisions::Terminal)
        } else {
            Decisions::Likelier
        },
    };
    let outcome = app::analyze::analyze(&request, &scratch, &mut |stage| match stage {
        Stage::Asking => steps.pause(),
        stage => steps.say(&stage.to_string()),
    })?;
    drop(steps);
    if args.input.no_input {
        decisions::refuse_undecided(&outcome.mappings)?;
    }
    for message in &outcome.messages {
        output::message(message);
    }
    let Some(analysis) = &outcome.analysis else {
        return Err(Failure::Work(anyhow::anyhow!("the analysis did not run")));
    };
    let caption = caption(&outcome, &settings);
    if let Some(path) = &args.html {
        let page = report::page::page(analysis, &caption, Tongue::English).map_err(anyhow::Error::from)?;
        write(path, page.as_bytes())?;
    }
    if let Some(path) = &args.xlsx {
        let workbook =
            report::workbook::workbook(analysis, &caption, Tongue::English).map_err(anyhow::Error::from)?;
        write(path, &workbook)?;
    }
    if let Some(path) = &args.pdf {
        let pack = report::pdf::pack(analysis, &caption, Tongue::English).map_err(anyhow::Error::from)?;
        write(path, &pack)?;
    }
    if args.json {
        output::json(&view::analysis::analysis(analysis))
    } else {
        output::print(&text(analysis, &caption))
    }
}

/// Saved mappings with the names of their files.
pub(crate) fn saved_mappings(paths: &[PathBuf]) -> Result<Vec<(String, SavedMapping)>, Failure> {
    let mut saved = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::Usage(format!("cannot read the mapping {name}: {error}")))?;
        saved.push((name.clone(), SavedMapping::parse(&text, &name)?));
    }
    Ok(saved)
}

/// Preset and changes, as given on the command line.
pub(crate) fn settings(preset: &str, changes: &[String]) -> Result<Settings, Failure> {
    let preset = Preset::named(preset).ok_or_else(|| {
        Failure::Usage(format!("there is no preset \"{preset}\"; use conservative, balanced or aggressive"))
    })?;
    let mut settings = Settings::preset(preset);
    for change in changes {
        let (name, value) = change
            .split_once('=')
            .ok_or_else(|| Failure::Usage(format!("--set takes NAME=VALUE, not \"{change}\"")))?;
        settings.set(name.trim(), value).map_err(|error| Failure::Usage(error.to_string()))?;
    }
    Ok(settings)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes)
        .map_err(|error| Failure::Work(anyhow::anyhow!("cannot write {}: {error}", path.display())))?;
    output::message(&format!("wrote {}", path.display()));
    Ok(())
}

fn caption(outcome: &Outcome, settings: &Settings) -> Caption {
    let changes: Vec<String> = settings.changes().map(|(name, value)| format!("{name} = {value}")).collect();
    let words = if changes.is_empty() { String::new() } else { format!(", with {}", changes.join(", ")) };
    Caption {
        files: outcome.files.clone(),
        settings: format!("Settings: {}{words}.", settings.preset.as_str()),
        confidence_level: settings.get("confidence_level"),
        answers: Vec::new(),
    }
}

fn text(analysis: &Analysis, caption: &Caption) -> String {
    let mut text = String::new();
    let period = analysis
        .period
        .as_ref()
        .map_or(String::new(), |period| format!(" · {} to {}", period.start, period.end));
    text.push_str(&format!("{}{period} · data tier {}\n", caption.files.join(", "), analysis.data_tier));
    text.push_str(&format!(
        "{} of {} rows used\n\n",
        number::count(analysis.rows.used),
        number::count(analysis.rows.read)
    ));
    let money = |amount: &domain::Money| number::money(amount.to_f64(), &analysis.currency);
    if analysis.findings.is_empty() {
        text.push_str("Nothing found that is larger than chance at these settings.\n");
    } else {
        let mut table = Table::new();
        table.load_style(NOTHING).set_header([
            "",
            "Finding",
            "In this period",
            "Likely range",
            "A year",
            "Evidence",
        ]);
        for (rank, finding) in analysis.findings_by_money().into_iter().enumerate() {
            let (value, range, year) = match (&finding.impact, &finding.quantity) {
                (Some(impact), _) => (
                    money(&impact.value),
                    format!("{} – {}", money(&impact.low), money(&impact.high)),
                    money(&impact.annualized),
                ),
                (None, Some(quantity)) => (
                    format!("{} {}", number::short(quantity.value, ""), quantity.unit),
                    match (number::short(quantity.low, ""), number::short(quantity.high, "")) {
                        (low, high) if low == high => String::new(),
                        (low, high) => format!("{low} – {high}"),
                    },
                    String::new(),
                ),
                (None, None) => (String::new(), String::new(), String::new()),
            };
            let grade = match finding.evidence_grade {
                EvidenceGrade::Strong => "Strong",
                EvidenceGrade::Likely => "Likely",
                EvidenceGrade::Hint => "Hint",
            };
            table.add_row([
                (rank + 1).to_string(),
                finding.title.clone(),
                value,
                range,
                year,
                format!("{grade} · n {}", number::count(finding.n)),
            ]);
        }
        for column in [2, 3, 4] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        text.push_str(&format!("{table}\n"));
    }
    let totals = &analysis.totals;
    if !totals.actual_cost.amount.is_zero() {
        text.push_str(&format!(
            "\nPlanned {} · actual {} · variance {}, of which explained {} and remainder {}\n",
            money(&totals.planned_cost),
            money(&totals.actual_cost),
            money(&totals.variance),
            money(&totals.explained),
            money(&totals.remainder)
        ));
    }
    let plant: Vec<_> = analysis.kpis.iter().filter(|kpi| kpi.scope.is_empty()).collect();
    if !plant.is_empty() {
        text.push_str("\nKey figures\n");
        for kpi in plant {
            let name = ontology::kpi::named(kpi.id).map_or(kpi.id, |definition| definition.name);
            let value = if kpi.unit == "1" {
                number::percent(kpi.value, 1)
            } else {
                format!("{} {}", number::short(kpi.value, ""), kpi.unit)
            };
            let note = kpi.note.as_ref().map_or(String::new(), |note| format!("  ({note})"));
            text.push_str(&format!("  {name}: {value}{note}\n"));
        }
    }
    text.push_str(&format!(
        "\nData quality {} of 100, grade {}\n",
        analysis.data_quality.score, analysis.data_quality.grade
    ));
    for item in &analysis.data_quality.items {
        text.push_str(&format!("  {} ({} rows)\n", item.sentence, number::count(item.rows)));
    }
    for set_aside in &analysis.rows.set_aside {
        text.push_str(&format!(
            "  set aside: {} ({} rows)\n",
            set_aside.reason,
            number::count(set_aside.rows)
        ));
    }
    if !analysis.guidance.is_empty() {
        text.push_str("\nWhat more data would show\n");
        for guidance in &analysis.guidance {
            text.push_str(&format!("  {}\n", guidance.sentence));
        }
    }
    text
}
