//! What can be taken along: workbooks, pages, tables.

use app::{Error, analyses as runs, shares, usage};
use axum::{
    Extension, Form, Router,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{Analysis, Role, id::AnalysisId};
use pages::page::reports::{self, Download, Shared};
use report::Caption;
use serde::Deserialize;
use store::{
    Page,
    analyses::{Analysis as Run, AnalysisState, Filter},
    usage::UsageType,
};

use super::{
    analyses, answer,
    kept::Kept,
    overview,
    reader::{self, Reader},
};
use crate::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/reports", get(show))
        .route("/reports/shares", post(share))
        .route("/reports/shares/{id}/revoke", post(revoke))
        .route("/reports/{file}", get(download))
        .route("/findings/{key}/page.pdf", get(one_page))
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = page(&state, &reader, None).await;
    reader.answer(result)
}

/// `fresh` is a link that was made just now.
async fn page(state: &ServerState, reader: &Reader, fresh: Option<&str>) -> Result<Response, Error> {
    let filter =
        Filter { state: Some(AnalysisState::Completed), facility: reader.facility, ..Filter::default() };
    let runs = runs::list(state.backing(), &reader.caller, filter, Page::default()).await?.items;
    let downloads: Vec<Download> = runs
        .iter()
        .map(|run| Download {
            id: run.id.to_string(),
            name: run.name.clone(),
            when: overview::day(run.finished_at.unwrap_or(run.created_at)),
            rows: domain::number::count(u64::try_from(run.rows_used).unwrap_or_default()),
            findings: run.findings.to_string(),
            links: overview::exports(&run.id.to_string()),
        })
        .collect();
    let shares = shared(state, reader, &runs).await?;
    Ok(answer::ok(&reports::page(&reader.shell, &downloads, shares.as_deref(), fresh)))
}

/// The links that still open something; none for somebody who may not share.
async fn shared(state: &ServerState, reader: &Reader, runs: &[Run]) -> Result<Option<Vec<Shared>>, Error> {
    if !reader.caller.actor.may(Role::Analyst) {
        return Ok(None);
    }
    let now = state.backing().clock.now();
    let links = shares::page(&state.desk, &reader.caller, Page::default()).await?.items;
    let open = links.into_iter().filter(|link| link.revoked_at.is_none() && link.expires_at > now);
    let shown = open.map(|link| {
        let run = runs.iter().find(|run| run.id == link.analysis_id);
        Shared {
            id: link.id.to_string(),
            name: run.map_or_else(|| "An analysis".to_owned(), |run| run.name.clone()),
            what: if link.finding_id.is_some() { "one finding" } else { "the whole report" }.to_owned(),
            password: link.password_hash.is_some(),
            until: overview::day(link.expires_at),
            opened: link.opened.to_string(),
        }
    });
    Ok(Some(shown.collect()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewShare {
    analysis: String,
    days: String,
    password: String,
}

async fn share(State(state): State<ServerState>, reader: Reader, Form(form): Form<NewShare>) -> Response {
    let result = async {
        let wanted = shares::Form {
            analysis: form.analysis.parse().map_err(|_| Error::NotFound("analysis"))?,
            finding: None,
            days: form.days.parse().ok(),
            password: Some(form.password),
        };
        let made = shares::create(&state.desk, &reader.caller, wanted).await?;
        page(&state, &reader, made.link.as_deref()).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn revoke(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("share"))?;
        shares::revoke(&state.desk, &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, "/reports", "Link revoked; it shows nothing any more."))
    };
    let result = result.await;
    reader.answer(result)
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Workbook,
    Page,
    Table,
    Pack,
}

async fn download(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Path(file): Path<String>,
    reader: Reader,
) -> Response {
    let result = make(&state, &kept, &file, &reader).await;
    reader.answer(result)
}

async fn make(state: &ServerState, kept: &Kept, file: &str, reader: &Reader) -> Result<Response, Error> {
    let missing = || Error::NotFound("report");
    let (id, extension) = file.rsplit_once('.').ok_or_else(missing)?;
    let kind = match extension {
        "xlsx" => Kind::Workbook,
        "html" => Kind::Page,
        "csv" => Kind::Table,
        "pdf" => Kind::Pack,
        _ => return Err(missing()),
    };
    let id: AnalysisId = id.parse().map_err(|_| missing())?;
    let run = runs::get(state.backing(), &reader.caller, id).await?.analysis;
    let analysis = analyses::result(state, kept, reader, id).await?;
    let caption = caption(&run);
    let bytes = tokio::task::spawn_blocking(move || write(kind, &analysis, &caption))
        .await
        .map_err(|error| Error::Work(format!("making a report broke: {error}")))??;
    let taken = match kind {
        Kind::Workbook => Some(UsageType::ExportXlsx),
        Kind::Table => Some(UsageType::ExportCsv),
        Kind::Pack => Some(UsageType::ExportPdf),
        Kind::Page => None,
    };
    if let Some(taken) = taken {
        usage::exported(state.backing(), &reader.caller, taken, ("analysis", &id.to_string())).await?;
    }
    let content_type = match kind {
        Kind::Workbook => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Kind::Page => "text/html; charset=utf-8",
        Kind::Table => "text/csv; charset=utf-8",
        Kind::Pack => "application/pdf",
    };
    Ok(attached(bytes, content_type, &file_name(&run.name, extension)))
}

/// One finding on one page, of the newest analysis.
async fn one_page(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Path(key): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        let run = reader.newest.clone().ok_or(Error::NotFound("finding"))?;
        let analysis = analyses::result(&state, &kept, &reader, run.id).await?;
        let caption = caption(&run);
        let title = analysis.findings.iter().find(|finding| finding.id == key);
        // The ending of a file name goes; that of a sentence with a decimal point must not.
        let name = file_name(&format!("{}.pdf", title.map_or("finding", |finding| &finding.title)), "pdf");
        let made = tokio::task::spawn_blocking(move || report::pdf::finding(&analysis, &key, &caption))
            .await
            .map_err(|error| Error::Work(format!("making a report broke: {error}")))?
            .map_err(|error| Error::Work(error.to_string()))?;
        let made = made.ok_or(Error::NotFound("finding"))?;
        let on = run.id.to_string();
        usage::exported(state.backing(), &reader.caller, UsageType::ExportPdf, ("analysis", &on)).await?;
        Ok(attached(made, "application/pdf", &name))
    };
    let result = result.await;
    reader.answer(result)
}

fn attached(bytes: Vec<u8>, content_type: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Always a download: the page of a report carries its style inside and would not pass our own policy.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn caption(run: &Run) -> Caption {
    let preset = run.settings["preset"].as_str().unwrap_or("balanced");
    let changes = run.settings["changes"].as_object().map_or(0, serde_json::Map::len);
    let changed = if changes == 0 { String::new() } else { format!(", {changes} changed") };
    Caption {
        files: vec![run.name.clone()],
        settings: format!("Settings: {preset}{changed}."),
        confidence_level: run.settings["values"]["confidence_level"].as_f64().unwrap_or_default(),
    }
}

fn write(kind: Kind, analysis: &Analysis, caption: &Caption) -> Result<Vec<u8>, Error> {
    let broke = |error: report::ReportError| Error::Work(error.to_string());
    match kind {
        Kind::Workbook => report::workbook::workbook(analysis, caption).map_err(broke),
        Kind::Page => report::page::page(analysis, caption).map(String::into_bytes).map_err(broke),
        Kind::Table => Ok(table(analysis).into_bytes()),
        Kind::Pack => report::pdf::pack(analysis, caption).map_err(broke),
    }
}

/// Findings as RFC 4180, amounts as plain numbers. A cell that a spreadsheet would take for a formula is kept text.
fn table(analysis: &Analysis) -> String {
    let mut text = "finding,type,evidence,units,a_year,low,high,so_far,currency,since,id\r\n".to_owned();
    for finding in analysis.findings_by_money() {
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

pub(super) fn cell(text: &str) -> String {
    let guarded =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// Letters, digits and a few signs of the run's name.
fn file_name(name: &str, extension: &str) -> String {
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
