//! An analysis written as what people take along: a workbook, pages for printing, one page for a browser, a table.

use domain::{Analysis, Finding};
use report::{Caption, Tongue};
use store::{analyses::Analysis as Run, reports::Format};

use crate::Error;

/// What a report says about itself.
pub fn caption(run: &Run) -> Caption {
    let preset = run.settings["preset"].as_str().unwrap_or("balanced");
    let changes = run.settings["changes"].as_object().map_or(0, serde_json::Map::len);
    let changed = if changes == 0 { String::new() } else { format!(", {changes} changed") };
    Caption {
        files: vec![run.name.clone()],
        settings: format!("Settings: {preset}{changed}."),
        confidence_level: run.settings["values"]["confidence_level"].as_f64().unwrap_or_default(),
        answers: Vec::new(),
    }
}

/// Writes it in a language. A table stays English, for programs read its heads.
pub fn write(
    format: Format,
    analysis: &Analysis,
    caption: &Caption,
    tongue: Tongue,
) -> Result<Vec<u8>, Error> {
    let broke = |error: report::ReportError| Error::Work(error.to_string());
    match format {
        Format::Xlsx => report::workbook::workbook(analysis, caption, tongue).map_err(broke),
        Format::Html => {
            let page = report::page::page(analysis, caption, tongue).map_err(broke)?;
            Ok(page.into_bytes())
        }
        Format::Csv => Ok(table(&analysis.findings_by_money()).into_bytes()),
        Format::Pdf => report::pdf::pack(analysis, caption, tongue).map_err(broke),
    }
}

/// Findings as RFC 4180, amounts as plain numbers. A cell that a spreadsheet would take for a formula is kept text.
pub fn table(findings: &[&Finding]) -> String {
    let mut text = "finding,type,evidence,units,a_year,low,high,so_far,currency,since,id\r\n".to_owned();
    for finding in findings {
        let impact = finding.impact.as_ref();
        let pace = impact.map_or(1.0, |impact| {
            let value = impact.value.to_f64();
            if value == 0.0 { 1.0 } else { impact.annualized.to_f64() / value }
        });
        let amount = |amount: Option<f64>| amount.map(|amount| format!("{amount:.2}")).unwrap_or_default();
        let cells = [
            cell(&finding.title),
            cell(finding.type_),
            cell(finding.evidence_grade.as_str()),
            finding.n.to_string(),
            amount(impact.map(|impact| impact.annualized.to_f64())),
            amount(impact.map(|impact| impact.low.to_f64() * pace)),
            amount(impact.map(|impact| impact.high.to_f64() * pace)),
            amount(impact.map(|impact| impact.value.to_f64())),
            cell(impact.map_or("", |impact| impact.value.currency.as_str())),
            cell(finding.start.as_deref().unwrap_or_default()),
            cell(&finding.id),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell of a table that no spreadsheet takes for a formula.
pub fn cell(text: &str) -> String {
    let guarded =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// Letters, digits and a few signs of the run's name.
pub fn file_name(name: &str, extension: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let safe: String = stem
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-_. ".contains(letter) { letter } else { '_' })
        .take(80)
        .collect();
    let safe = safe.trim_matches(['.', ' ']);
    format!("{}.{extension}", if safe.is_empty() { "findings" } else { safe })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_cells_and_text() {
        for (text, written) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1), x", "\"'@SUM(A1), x\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn names_of_files_are_safe_in_a_header() {
        for (name, written) in [
            ("JOBCOST_SEP25.csv", "JOBCOST_SEP25.xlsx"),
            ("a\"b\r\nc.csv", "a_b__c.xlsx"),
            ("..", "findings.xlsx"),
            ("Übersicht März", "_bersicht M_rz.xlsx"),
        ] {
            assert_eq!(file_name(name, "xlsx"), written);
        }
    }
}
