//! `plantintel read`: how a file is read.

use std::fs::File;
use std::io::{BufWriter, Write};

use app::{Scratch, reading::Reading, view};
use comfy_table::{Table, presets::NOTHING};
use ingest::ReadTable;

use crate::{cli::ReadArgs, command::decisions, failure::Failure, output, progress::Steps};

pub(crate) fn run(args: &ReadArgs) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    if let Some(path) = &args.csv {
        let file = File::create(path)
            .map_err(|error| Failure::Work(anyhow::anyhow!("cannot write {}: {error}", path.display())))?;
        let mut writer = BufWriter::new(file);
        app::read::write_csv(&args.file, args.input.sheet.as_deref(), &mut writer)?;
        writer.flush()?;
        if !args.json {
            return Ok(());
        }
    }
    let steps = Steps::start();
    let tables =
        app::read::read(&args.file, args.input.sheet.as_deref(), &scratch, &mut |what| steps.say(what))?;
    drop(steps);
    if args.json {
        output::json(&view::table::tables(&tables.iter().map(Reading::from).collect::<Vec<_>>()))?;
    } else {
        output::print(&text(&tables))?;
    }
    if args.input.no_input {
        decisions::refuse_open(tables.iter().flat_map(|table| &table.profile.issues))?;
    }
    Ok(())
}

fn text(tables: &[ReadTable]) -> String {
    let mut text = String::new();
    for read in tables {
        let (profile, source) = (&read.profile, &read.source);
        let part = profile.part.as_ref().map_or(String::new(), |part| format!(", {part}"));
        text.push_str(&format!(
            "{}{part}: {} rows, {} columns\n",
            profile.file,
            profile.rows,
            profile.columns.len()
        ));
        let mut how = vec![source.format.clone()];
        how.extend(source.encoding.clone());
        how.extend(source.delimiter.as_ref().map(|mark| format!("delimiter {}", visible(mark))));
        how.extend(source.quote.map(|quote| format!("quote {quote}")));
        how.extend(source.line_end.clone());
        how.extend(source.header_rows.first().map(|row| format!("header in row {row}")));
        text.push_str(&format!("{}\n\n", how.join(", ")));
        let mut table = Table::new();
        table.load_style(NOTHING).set_header([
            "#",
            "Column",
            "Type",
            "Written as",
            "Filled",
            "Distinct",
            "For example",
        ]);
        for column in &profile.columns {
            let example: Vec<&str> = column
                .top
                .iter()
                .take(3)
                .map(|(value, _)| value.as_str())
                .filter(|value| value.len() < 30)
                .collect();
            let written = match column.ambiguous.as_slice() {
                [] => column.format.clone().unwrap_or_default(),
                other => format!("{} (or {})", column.format.clone().unwrap_or_default(), other.join(", ")),
            };
            table.add_row([
                (column.index + 1).to_string(),
                column.header.clone(),
                column.kind.as_str().to_owned(),
                written,
                format!("{:.0} %", column.fill() * 100.0),
                column.distinct.to_string(),
                example.join(" · "),
            ]);
        }
        text.push_str(&format!("{table}\n"));
        for skipped in source.skipped.iter().take(10) {
            text.push_str(&format!(
                "row {} skipped ({}): {}\n",
                skipped.row,
                skipped.reason.as_str(),
                skipped.text
            ));
        }
        for issue in &profile.issues {
            text.push_str(&format!("{}: {}\n", view::mapping::severity(issue.severity), issue.message));
        }
        text.push('\n');
    }
    text
}

fn visible(mark: &str) -> String {
    match mark {
        "\t" => "tab".to_owned(),
        " " => "blank".to_owned(),
        mark => format!("\"{mark}\""),
    }
}
