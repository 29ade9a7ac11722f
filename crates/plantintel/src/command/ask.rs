//! `plantintel ask`: a question about the exports of a plant, without any server or model.

use app::{
    Scratch,
    analyze::{Decisions, Request},
    ask::{self, Data},
};
use assistant::{
    Language,
    word::{Answer, Citation},
};
use comfy_table::{CellAlignment, Table, presets::NOTHING};
use domain::{Settings, settings::Preset};
use serde_json::json;

use crate::{cli::AskArgs, command::analyze::saved_mappings, failure::Failure, output, progress::Steps};

pub(crate) fn run(args: &AskArgs) -> Result<(), Failure> {
    let usual = Language::named(&args.language).ok_or_else(|| {
        Failure::Usage(format!("there is no language \"{}\"; use en, de or es", args.language))
    })?;
    let settings = Settings::preset(Preset::Balanced);
    let saved = saved_mappings(&args.mapping)?;
    let scratch = Scratch::new()?;
    let steps = Steps::start();
    let request = Request {
        files: &args.files,
        part: None,
        saved: &saved,
        settings: &settings,
        decisions: Decisions::Likelier,
    };
    let outcome = app::analyze::analyze(&request, &scratch, &mut |stage| steps.say(&stage.to_string()))?;
    drop(steps);
    for message in &outcome.messages {
        output::message(message);
    }
    let (Some(analysis), Some(canonical)) = (outcome.analysis, outcome.canonical) else {
        return Err(Failure::Work(anyhow::anyhow!("the analysis did not run")));
    };
    let data = Data::new(canonical, analysis, settings)?;
    let reply = ask::ask(&data, &args.question, usual)?;
    if args.json {
        return output::json(&json!({
            "question": args.question,
            "answer": reply.answer,
            "looked_up": reply.outcomes,
        }));
    }
    output::print(&text(&reply.answer))
}

fn text(answer: &Answer) -> String {
    let mut text = String::new();
    for (from, to) in &answer.corrections {
        text.push_str(&format!("({from} → {to})\n"));
    }
    text.push_str(&format!("{}\n", answer.text));
    if let Some(sheet) = &answer.sheet {
        let mut table = Table::new();
        table.load_style(NOTHING).set_header(&sheet.heads);
        for row in &sheet.rows {
            table.add_row(row);
        }
        for column in 1..sheet.heads.len() {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        text.push_str(&format!("\n{table}\n"));
    }
    for note in &answer.notes {
        text.push_str(&format!("\n{note}"));
    }
    if !answer.notes.is_empty() {
        text.push('\n');
    }
    let rows: Vec<String> = answer
        .citations
        .iter()
        .map(|citation| match citation {
            Citation::Row { file, row, .. } => format!("{file}:{row}"),
            Citation::Finding { title, .. } => title.clone(),
        })
        .collect();
    if answer.citations.iter().any(|citation| matches!(citation, Citation::Row { .. })) {
        text.push_str(&format!("\n[{}]\n", rows.join(", ")));
    }
    for question in answer.choices.iter().chain(&answer.follow_ups) {
        text.push_str(&format!("  > {question}\n"));
    }
    text
}
