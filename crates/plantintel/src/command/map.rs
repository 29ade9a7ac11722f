//! `plantintel map`: what the columns of a file mean.

use app::{Scratch, analyze::Person, profile::SavedMapping, view};
use comfy_table::{Table, presets::NOTHING};
use domain::Mapping;

use crate::{cli::MapArgs, command::decisions, failure::Failure, output, progress::Steps};

pub(crate) fn run(args: &MapArgs) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let steps = Steps::start();
    let (tables, mut mappings) =
        app::map::map(&args.file, args.input.sheet.as_deref(), &scratch, &mut |what| steps.say(what))?;
    drop(steps);
    // Whoever saves a mapping wants it settled; whoever only looks is not held up.
    if args.save.is_some() && !args.input.no_input && decisions::somebody_is_there() {
        decisions::Terminal.decide(&mut mappings, &tables)?;
    }
    if let Some(path) = &args.save {
        let text = SavedMapping::of(&mappings).to_json()?;
        std::fs::write(path, text)
            .map_err(|error| Failure::Work(anyhow::anyhow!("cannot write {}: {error}", path.display())))?;
        output::message(&format!("saved {}", path.display()));
    }
    if args.json {
        let main = mappings.iter().max_by_key(|mapping| mapping.rows);
        let mut document = main.map_or_else(|| serde_json::json!({}), view::mapping::mapping);
        if mappings.len() > 1 {
            document["tables"] = mappings.iter().map(view::mapping::mapping).collect();
        }
        output::json(&document)?;
    } else {
        output::print(&text(&mappings))?;
    }
    if args.input.no_input {
        decisions::refuse_undecided(&mappings)?;
    }
    Ok(())
}

fn text(mappings: &[Mapping]) -> String {
    let mut text = String::new();
    for mapping in mappings {
        let system = mapping.source_system.as_ref().map_or(String::new(), |system| {
            format!(" · {} ({:.0} %)", system.name, system.confidence * 100.0)
        });
        text.push_str(&format!("{}: {} rows{system}\n", mapping.file, mapping.rows));
        let grain: Vec<&str> = mapping
            .grain_columns
            .iter()
            .filter_map(|index| mapping.columns.get(*index))
            .map(|column| column.source.as_str())
            .collect();
        text.push_str(&format!("one row is one {}", row_word(mapping.granularity)));
        if !grain.is_empty() {
            text.push_str(&format!(", named by {}", grain.join(" + ")));
        }
        text.push_str("\n\n");
        let mut table = Table::new();
        table.load_style(NOTHING).set_header(["#", "Column", "Means", "Unit", "Status", "", "Why"]);
        for column in &mapping.columns {
            let why: String = column.evidence.first().map_or("", String::as_str).chars().take(90).collect();
            table.add_row([
                (column.index + 1).to_string(),
                column.source.clone(),
                column.field.map_or("–", ontology::FieldId::as_str).to_owned(),
                column.unit.map_or("", ontology::Unit::as_str).to_owned(),
                match column.status {
                    domain::mapping::Status::Sure => "Sure",
                    domain::mapping::Status::Check => "Check",
                    domain::mapping::Status::YourCall => "Your call",
                    domain::mapping::Status::Unused => "Not used",
                }
                .to_owned(),
                format!("{:.0} %", column.confidence * 100.0),
                why,
            ]);
        }
        text.push_str(&format!("{table}\n"));
        for issue in &mapping.issues {
            text.push_str(&format!("{}: {}\n", view::mapping::severity(issue.severity), issue.message));
        }
        text.push('\n');
    }
    text
}

fn row_word(granularity: domain::Granularity) -> &'static str {
    match granularity {
        domain::Granularity::Header => "order",
        domain::Granularity::Operation => "operation of an order",
        domain::Granularity::Labor => "booking",
        domain::Granularity::Material => "component of an order",
        domain::Granularity::Event => "event",
    }
}
