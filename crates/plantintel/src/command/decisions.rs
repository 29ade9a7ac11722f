//! Decisions that only a person can make: asked at a terminal, refused with `--no-input`.

use std::io::{self, BufRead, IsTerminal, Write};

use app::{Error, analyze::Person};
use domain::{ColumnMapping, Issue, Mapping, TableProfile, issue::Severity, mapping::Status};
use ingest::ReadTable;
use ontology::FieldId;

use crate::failure::Failure;

/// Whether a person can be asked and can answer.
pub(crate) fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The person in front of the terminal.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Person for Terminal {
    fn decide(&self, mappings: &mut [Mapping], tables: &[ReadTable]) -> Result<(), Error> {
        let (mut answers, mut page) = (io::stdin().lock(), io::stderr());
        for (mapping, table) in mappings.iter_mut().zip(tables) {
            ask(mapping, &table.profile, &mut answers, &mut page)
                .map_err(|error| Error::Work(format!("cannot ask at the terminal: {error}")))?;
        }
        Ok(())
    }
}

/// Asks about every open column. An empty answer takes the first offer, `q` takes the first offer for all that is left.
fn ask(
    mapping: &mut Mapping,
    profile: &TableProfile,
    answers: &mut impl BufRead,
    page: &mut impl Write,
) -> io::Result<()> {
    let open: Vec<usize> = (0..mapping.columns.len())
        .filter(|index| mapping.columns[*index].status == Status::YourCall)
        .collect();
    for (asked, index) in open.iter().enumerate() {
        let column = &mut mapping.columns[*index];
        writeln!(
            page,
            "\n{} ({} of {}): what is \"{}\"?",
            mapping.file,
            asked + 1,
            open.len(),
            column.source
        )?;
        if let Some(of) = profile.columns.get(*index) {
            let samples: Vec<&str> = of.top.iter().take(4).map(|(value, _)| value.as_str()).collect();
            writeln!(page, "  holds {}", samples.join(" · "))?;
        }
        if let Some(why) = column.evidence.first() {
            writeln!(page, "  {why}")?;
        }
        let offers = offers(column);
        for (number, offer) in offers.iter().enumerate() {
            let words = offer.map_or("leave it out", FieldId::as_str);
            let meaning = offer.map_or("", |field| field.definition().meaning);
            writeln!(page, "  {}  {words}  {meaning}", number + 1)?;
        }
        loop {
            write!(
                page,
                "a number, the name of a field, Enter for 1, q to take the likelier for the rest: "
            )?;
            page.flush()?;
            let mut answer = String::new();
            let ended = answers.read_line(&mut answer)? == 0;
            let answer = answer.trim();
            if ended || answer == "q" {
                return Ok(());
            }
            let chosen = match answer.parse::<usize>() {
                Ok(number) => offers.get(number.wrapping_sub(1)).copied(),
                Err(_) if answer.is_empty() => offers.first().copied(),
                Err(_) => FieldId::named(answer).map(Some),
            };
            if let Some(field) = chosen {
                column.decide(field, None, "decided by you");
                break;
            }
            writeln!(page, "  there is no \"{answer}\"")?;
        }
    }
    Ok(())
}

/// What is proposed, then what else was considered, then leaving the column out.
fn offers(column: &ColumnMapping) -> Vec<Option<FieldId>> {
    let mut offers = vec![column.field];
    for field in column.alternatives.iter().take(3).map(|other| other.field).chain([None]) {
        if !offers.contains(&field) {
            offers.push(field);
        }
    }
    offers
}

/// Stops where reading left a choice open.
pub(crate) fn refuse_open<'a>(issues: impl Iterator<Item = &'a Issue>) -> Result<(), Failure> {
    let open: Vec<String> = issues
        .filter(|issue| issue.severity == Severity::Decision)
        .map(|issue| format!("  {}: {}", issue.file, issue.message))
        .collect();
    finish(&open)
}

/// Stops where a column's meaning is not settled.
pub(crate) fn refuse_undecided(mappings: &[Mapping]) -> Result<(), Failure> {
    let open: Vec<String> = mappings
        .iter()
        .flat_map(|mapping| {
            let columns =
                mapping.columns.iter().filter(|column| column.status == Status::YourCall).map(|column| {
                    let guess = column.field.map_or("leave it out", ontology::FieldId::as_str);
                    format!("  {}: what is \"{}\"? likeliest: {guess}", mapping.file, column.source)
                });
            let issues = mapping
                .issues
                .iter()
                .filter(|issue| issue.severity == Severity::Decision)
                .map(|issue| format!("  {}: {}", issue.file, issue.message));
            columns.chain(issues).collect::<Vec<_>>()
        })
        .collect();
    finish(&open)
}

fn finish(open: &[String]) -> Result<(), Failure> {
    if open.is_empty() {
        return Ok(());
    }
    Err(Failure::Decision(format!(
        "{} decisions are needed:\n{}\nwrite a mapping with `plantintel map FILE --save FILE`, edit it, and pass it with --mapping",
        open.len(),
        open.join("\n")
    )))
}

#[cfg(test)]
mod tests {
    use super::{FieldId, Mapping, Status, TableProfile, ask};
    use domain::{ColumnMapping, Granularity, mapping::Alternative};

    fn column(index: usize, status: Status) -> ColumnMapping {
        ColumnMapping {
            index,
            source: format!("C{index}"),
            field: FieldId::named("planned_run_hours"),
            confidence: 0.6,
            status,
            unit: None,
            format: None,
            matched_by: None,
            alternatives: vec![Alternative { field: FieldId::named("planned_labor_hours"), confidence: 0.3 }],
            evidence: Vec::new(),
        }
    }

    /// What four columns mean after these answers; the last is sure from the start.
    fn after(answers: &str) -> (Vec<Option<&'static str>>, String) {
        let mut mapping = Mapping {
            file: "jobs.csv".to_owned(),
            rows: 1,
            source_system: None,
            granularity: Granularity::Operation,
            granularity_evidence: Vec::new(),
            detail: domain::mapping::Detail::Keep,
            grain_columns: Vec::new(),
            columns: (0..4)
                .map(|index| column(index, if index == 3 { Status::Sure } else { Status::YourCall }))
                .collect(),
            issues: Vec::new(),
        };
        let profile = TableProfile {
            file: "jobs.csv".to_owned(),
            part: None,
            rows: 1,
            sample_rows: Vec::new(),
            columns: Vec::new(),
            issues: Vec::new(),
        };
        let mut page = Vec::new();
        ask(&mut mapping, &profile, &mut answers.as_bytes(), &mut page).unwrap();
        let fields = mapping.columns.iter().map(|column| column.field.map(FieldId::as_str)).collect();
        (fields, String::from_utf8(page).unwrap())
    }

    #[test]
    fn each_open_column_is_asked_about_once() {
        let (planned, labor) = (Some("planned_run_hours"), Some("planned_labor_hours"));
        for (answers, fields) in [
            ("\n2\n3\n", [planned, labor, None, planned]),
            ("nonsense\n9\nqueue_hours\n\n\n", [Some("queue_hours"), planned, planned, planned]),
            ("3\nq\n", [None, planned, planned, planned]),
            ("", [planned; 4]),
        ] {
            let (settled, page) = after(answers);
            assert_eq!(settled, fields, "{answers:?}\n{page}");
            assert!(!page.contains("C3"), "what is sure is not asked about");
        }
        assert!(after("nonsense\n").1.contains("there is no \"nonsense\""));
    }
}
