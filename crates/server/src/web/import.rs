//! The four steps of an import.

use app::{
    Error, analyses as runs,
    datasets::{
        self,
        abilities::Preview,
        decision::{ColumnDecision, TableDecision},
        mapping::{self, Grouping},
    },
    files, mapping_profiles,
};
use axum::{
    Form, Router,
    extract::{Multipart, Path, State, multipart::Field},
    response::Response,
    routing::{get, post},
};
use bytes::Bytes;
use domain::{
    Granularity, Issue, Role, TableProfile,
    id::DatasetId,
    mapping::{Detail, Status},
    number,
};
use ontology::FieldId;
use pages::{
    component::{Button, Link},
    layout::Crumb,
    page::import::{
        MatchPage, ProgressPage, ReviewPage, UploadPage,
        columns::{Ability, ExampleOrder, Input, KnownFile, Order, Sides},
        progress::{Step, StepState},
    },
    route, words,
};
use serde::Deserialize;
use serde_json::Value;
use store::{
    Page,
    analyses::{Analysis as Run, AnalysisState, Filter},
    datasets::{DatasetState, MappingState},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    answer, overview, preparation,
    reader::{self, Reader},
};
use crate::{ServerState, extract::Query};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/data/new", get(choose))
        .route("/data/{id}/match", get(show_columns))
        .route("/data/{id}/columns/{index}", post(decide))
        .route("/data/{id}/grain", post(decide_grain))
        .route("/data/{id}/confirmation", post(confirm))
        .route("/data/{id}/known", post(take_known))
        .route("/data/{id}/afresh", post(start_afresh))
        .route("/data/{id}/rows", get(review))
        .route("/data/{id}/analysis", get(progress).post(analyze))
        .route("/analyses/{id}/stop", post(stop))
}

async fn choose(State(state): State<ServerState>, reader: Reader) -> Response {
    answer::ok(&UploadPage::new(&reader.shell, &overview::limit(&state)))
}

pub(super) async fn upload(State(state): State<ServerState>, reader: Reader, form: Multipart) -> Response {
    let result = take(&state, &reader, form).await;
    reader.answer(result)
}

async fn take(state: &ServerState, reader: &Reader, mut form: Multipart) -> Result<Response, Error> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        Error::Input(format!(
            "the upload broke off; nothing of it was kept. Send it again ({})",
            error.body_text()
        ))
    };
    let mut taken = Vec::new();
    let mut analyze_known = false;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned).filter(|name| !name.is_empty()) else {
            // A box that is not ticked is not sent.
            analyze_known |= field.name() == Some("analyze_known");
            continue;
        };
        taken.push(receive(state, reader, &name, field).await?);
    }
    if taken.is_empty() {
        return Err(Error::Input("no file was chosen; choose a CSV or Excel file".to_owned()));
    }
    let new = datasets::NewImport {
        facility: reader.facility,
        files: taken,
        analyze_known,
        ..datasets::NewImport::default()
    };
    let import = datasets::create(state.backing(), &reader.caller, &new).await?;
    Ok(answer::see(route::import(&import.dataset.id.to_string(), "match")))
}

/// Streams one file to its place while it comes in: what is sent and what is written go on side by side.
async fn receive(
    state: &ServerState,
    reader: &Reader,
    name: &str,
    mut field: Field<'_>,
) -> Result<domain::id::FileId, Error> {
    let (pieces, body) = mpsc::channel::<std::io::Result<Bytes>>(8);
    let sending = async move {
        loop {
            let piece = match field.chunk().await {
                Ok(Some(bytes)) => Ok(bytes),
                Ok(None) => break,
                Err(error) => Err(std::io::Error::other(error.body_text())),
            };
            let ends = piece.is_err();
            if pieces.send(piece).await.is_err() || ends {
                break;
            }
        }
    };
    let receiving = files::receive(state.backing(), &reader.caller, name, None, ReceiverStream::new(body));
    let ((), stored) = tokio::join!(sending, receiving);
    Ok(stored?.file.id)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Looked {
    table: usize,
    column: Option<usize>,
    /// The decision that can be taken back: its column, and the field that it had.
    changed: Option<usize>,
    was: Option<String>,
    order: String,
}

async fn show_columns(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(looked): Query<Looked>,
    reader: Reader,
) -> Response {
    let result = columns(&state, &id, &looked, &reader).await;
    reader.answer(result)
}

async fn columns(state: &ServerState, id: &str, looked: &Looked, reader: &Reader) -> Result<Response, Error> {
    let dataset = dataset_id(id)?;
    let (backing, caller) = (state.backing(), &reader.caller);
    let import = datasets::get(backing, caller, dataset).await?;
    let settling = import.dataset.state == DatasetState::Mapping
        && datasets::is_settling(backing, caller, dataset).await?;
    match import.dataset.state {
        DatasetState::Queued | DatasetState::Reading | DatasetState::Mapping
            if settling || import.dataset.state != DatasetState::Mapping =>
        {
            let mut page = ProgressPage::new(&reader.shell, id, &import.dataset.name, true);
            "Reading your files".clone_into(&mut page.title);
            "Every row is read. You can leave this page; reading goes on.".clone_into(&mut page.lead);
            page.address = route::import(id, "match");
            // The match page takes this one's place without a reload, and keeps what stands above.
            page.shell.title = format!("Match columns of {}", import.dataset.name);
            page.shell.crumbs =
                vec![Crumb::link("Data", route::DATA), Crumb::here(import.dataset.name.clone())];
            page.stepper.current = 0;
            page.share = share(&import.progress);
            page.steps = if settling {
                vec![
                    step("Read the files", StepState::Done, ""),
                    step("Compare with saved mappings", StepState::Running, ""),
                ]
            } else {
                vec![step("Read the files", StepState::Running, &message(&import.progress))]
            };
            return Ok(answer::ok(&page));
        }
        DatasetState::Failed | DatasetState::Deleted => {
            let mut page = ProgressPage::new(&reader.shell, id, &import.dataset.name, false);
            "This upload could not be read".clone_into(&mut page.title);
            page.lead = answer::sentence(import.dataset.reason.as_deref().unwrap_or("no reason is known"));
            page.stepper.current = 0;
            page.next = Some(Link::new("Upload another file", route::UPLOAD));
            return Ok(answer::ok(&page));
        }
        // It was known, and went on by itself: what is left to see is how far it is.
        DatasetState::Ready if running(state, reader, dataset).await? => {
            return Ok(answer::see(route::import(id, "analysis")));
        }
        _ => {}
    }
    let mapped = mapping::get(backing, caller, dataset).await?;
    let readings = datasets::readings(backing, caller, dataset).await?;
    let table = mapped.tables.get(looked.table).ok_or(Error::NotFound("table"))?;
    let profile_name = match table.profile {
        Some((profile, _)) => mapping_profiles::get(backing, caller, profile)
            .await
            .map(|(profile, _)| profile.name)
            .unwrap_or_default(),
        None => String::new(),
    };
    let preview = datasets::abilities::preview(backing, caller, dataset).await?;
    let input = Input {
        dataset: id.to_owned(),
        tables: mapped.tables.iter().map(|table| table.mapping.file.clone()).collect(),
        table: looked.table,
        column: looked.column,
        grain_confirmed: table.state == MappingState::Confirmed,
        abilities: abilities(&preview),
        reach: reach(&preview),
        order: Order::named(&looked.order),
        profile: profile_name,
        undo: looked.changed.zip(looked.was.clone()),
        version: mapped.version.to_string(),
        may_decide: reader.may(Role::Analyst),
        sides: sides(
            table,
            mapping::groupings(backing, caller, dataset).await?.into_iter().nth(looked.table),
        ),
        known: known_files(datasets::known::known(backing, caller, dataset).await?),
    };
    let profile = readings.get(looked.table).map(|reading| &reading.profile);
    Ok(answer::ok(&MatchPage::new(&reader.shell, &table.mapping, profile, input)))
}

/// How rows of a table become orders, in the page's words.
fn sides(table: &mapping::MappedTable, grouping: Option<Grouping>) -> Sides {
    let Some(grouping) = grouping else { return Sides::default() };
    let of = &table.mapping;
    Sides {
        key: grouping.key.join(" / "),
        header: grouping.header.iter().map(|column| column.source.clone()).collect(),
        detail: grouping
            .detail
            .iter()
            .map(|column| (column.source.clone(), words::gathered(column.gathered.as_str())))
            .collect(),
        example: grouping.example.map(|example| ExampleOrder {
            order: example.order,
            rows: example.rows,
            header: grouping.header.iter().map(|column| column.source.clone()).zip(example.header).collect(),
            detail: example.detail,
            totals: example.totals,
        }),
        aggregated: of.detail == Detail::Aggregate,
        below: matches!(of.granularity, Granularity::Operation | Granularity::Labor),
    }
}

/// Whether an analysis of the import is on its way.
async fn running(state: &ServerState, reader: &Reader, dataset: DatasetId) -> Result<bool, Error> {
    let filter = Filter { dataset: Some(dataset), ..Filter::default() };
    let newest = runs::list(state.backing(), &reader.caller, filter, Page::first(1)).await?;
    let on_its_way = |run: &Run| matches!(run.state, AnalysisState::Queued | AnalysisState::Running);
    Ok(newest.items.first().is_some_and(on_its_way))
}

fn known_files(known: Vec<datasets::known::Known>) -> Vec<KnownFile> {
    known
        .into_iter()
        .map(|known| KnownFile {
            file: known.file,
            profile: known.profile,
            new: known.new,
            missing: known.missing,
            drift: known.drift,
            endangered: known.endangered,
            others: known
                .others
                .iter()
                .map(|(name, likeness)| format!("{name} ({} alike)", number::percent(*likeness, 0)))
                .collect(),
        })
        .collect()
}

/// A known export in one step: its mapping is confirmed as it is read, and the analysis starts.
async fn take_known(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(confirmed): Form<Confirmed>,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        let (backing, caller) = (state.backing(), &reader.caller);
        if datasets::known::known(backing, caller, dataset).await?.is_empty() {
            return Ok(answer::see(route::import(&id, "match")));
        }
        let version = confirmed.version.parse().ok();
        mapping::confirm(backing, caller, dataset, version, &[], &mapping::Confirmation::default()).await?;
        let new =
            runs::NewRun { datasets: vec![dataset], facility: reader.facility, ..runs::NewRun::default() };
        runs::start(backing, caller, &new).await?;
        Ok(answer::see(route::import(&id, "analysis")))
    };
    let result = result.await;
    reader.answer(result)
}

/// What was saved of earlier exports is left aside.
async fn start_afresh(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(confirmed): Form<Confirmed>,
) -> Response {
    let result = async {
        let version = confirmed.version.parse().ok();
        mapping::afresh(state.backing(), &reader.caller, dataset_id(&id)?, version).await?;
        let said = "Proposed anew, from what the files themselves say.";
        Ok(reader::see_and_say(&state, &route::import(&id, "match"), said))
    };
    let result = result.await;
    reader.answer(result)
}

/// What the files can answer, all of them together.
fn abilities(preview: &Preview) -> Vec<Ability> {
    let spelled =
        |fields: &[FieldId]| fields.iter().map(|field| words::field(*field).to_lowercase()).collect();
    preview
        .abilities
        .iter()
        .map(|ability| Ability {
            name: words::analyzer(ability.analyzer),
            missing: spelled(&ability.missing),
            sparse: spelled(&ability.sparse),
            switched_off: ability.switched_off,
        })
        .collect()
}

/// The tier, how much is understood, and what the next tier takes.
fn reach(preview: &Preview) -> Vec<String> {
    let tier = &preview.tiers[usize::from(preview.tier)];
    let next = preview.tiers.iter().find(|tier| !tier.reached);
    let mut lines = vec![
        format!("Tier {} of {}: {}.", preview.tier, preview.tiers.len() - 1, tier.name),
        format!(
            "{} of {} analyses can run; {} of {} columns mean something.",
            preview.runs(),
            preview.abilities.len(),
            preview.meant,
            preview.columns
        ),
    ];
    lines.extend(next.map(|tier| words::plain(&tier.sentence)));
    lines
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Decided {
    table: usize,
    field: String,
    granularity: String,
    detail: String,
    order: String,
}

async fn decide(
    State(state): State<ServerState>,
    Path((id, index)): Path<(String, usize)>,
    reader: Reader,
    Form(decided): Form<Decided>,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        let field =
            match decided.field.as_str() {
                "" => None,
                name => Some(FieldId::named(name).ok_or_else(|| {
                    Error::invalid("field", "there is no such field; choose one of the list")
                })?),
            };
        let before = mapping::get(state.backing(), &reader.caller, dataset).await?;
        let was = before
            .tables
            .get(decided.table)
            .and_then(|table| table.mapping.columns.get(index))
            .and_then(|column| column.field)
            .map_or("", FieldId::as_str);
        let decision = TableDecision {
            table: decided.table,
            columns: vec![ColumnDecision { index, field, unit: None }],
            ..TableDecision::default()
        };
        mapping::decide(state.backing(), &reader.caller, dataset, None, &[decision]).await?;
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("table", &decided.table.to_string())
            .append_pair("changed", &index.to_string())
            .append_pair("was", was)
            .append_pair("order", Order::named(&decided.order).name())
            .finish();
        Ok(answer::see(format!("{}?{query}#c{}", route::import(&id, "match"), index + 1)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn decide_grain(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(decided): Form<Decided>,
) -> Response {
    let result = async {
        let granularity = Granularity::named(&decided.granularity);
        let detail = Detail::named(&decided.detail);
        if granularity.is_none() && detail.is_none() {
            return Err(Error::invalid("granularity", "choose one of the list"));
        }
        let decision =
            TableDecision { table: decided.table, granularity, detail, ..TableDecision::default() };
        mapping::decide(state.backing(), &reader.caller, dataset_id(&id)?, None, &[decision]).await?;
        Ok(answer::see(format!("{}?table={}", route::import(&id, "match"), decided.table)))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Confirmed {
    name: String,
    version: String,
    as_new: String,
}

async fn confirm(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(confirmed): Form<Confirmed>,
) -> Response {
    let result = async {
        let name = confirmed.name.trim();
        let confirmation = mapping::Confirmation {
            profile_name: (!name.is_empty()).then(|| name.to_owned()),
            note: String::new(),
            as_new: confirmed.as_new == "on",
        };
        let version = confirmed.version.parse().ok();
        let mapped =
            mapping::confirm(state.backing(), &reader.caller, dataset_id(&id)?, version, &[], &confirmation)
                .await?;
        let rows = route::import(&id, "rows");
        Ok(if mapped.tables.iter().any(|table| table.profile.is_none()) {
            reader::see_and_say(
                &state,
                &rows,
                "Confirmed for this import alone: your plan saves no more mappings this month, so the next export asks again.",
            )
        } else {
            answer::see(rows)
        })
    };
    let result = result.await;
    reader.answer(result)
}

async fn review(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(tried): Query<preparation::fixes::Tried>,
    reader: Reader,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        let mapped = mapping::get(state.backing(), &reader.caller, dataset).await?;
        let readings = datasets::readings(state.backing(), &reader.caller, dataset).await?;
        let issues: Vec<Issue> = readings
            .iter()
            .flat_map(|reading| &reading.profile.issues)
            .chain(mapped.tables.iter().flat_map(|table| &table.mapping.issues))
            .cloned()
            .collect();
        let open = mapped.tables.iter().flat_map(|table| &table.mapping.columns);
        let open = open.filter(|column| column.status == Status::YourCall).count();
        let rows = readings.iter().map(|reading| reading.profile.rows).sum();
        let may_decide = reader.may(Role::Analyst);
        let mut page =
            ReviewPage::new(&reader.shell, &id, &mapped.dataset.name, rows, &issues, open, may_decide);
        page.unconfirmed = mapped.dataset.state == DatasetState::Mapping;
        let mut known = Vec::new();
        for (profile, _) in mapped.tables.iter().filter_map(|table| table.profile) {
            if !known.contains(&profile) {
                known.push(profile);
            }
        }
        for profile in known {
            let (saved, _) = mapping_profiles::get(state.backing(), &reader.caller, profile).await?;
            let address = format!("{}/{}", route::MAPPINGS, saved.id);
            page.variables.push(Link::own(saved.name, address));
        }
        let profiles: Vec<&TableProfile> = readings.iter().map(|reading| &reading.profile).collect();
        preparation::fixes::fill(&state, &reader, dataset, &profiles, &mut page).await?;
        preparation::fixes::attempt(&state, &reader, dataset, &tried, &mut page).await?;
        Ok(answer::ok(&page))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Started {
    /// `on` where rows were mended since the mapping was confirmed.
    confirm: String,
}

async fn analyze(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(started): Form<Started>,
) -> Response {
    let result = async {
        if started.confirm == "on" {
            let confirmation = mapping::Confirmation {
                note: "Rows mended while they were reviewed".to_owned(),
                ..mapping::Confirmation::default()
            };
            let dataset = dataset_id(&id)?;
            mapping::confirm(state.backing(), &reader.caller, dataset, None, &[], &confirmation).await?;
        }
        let new = runs::NewRun {
            datasets: vec![dataset_id(&id)?],
            facility: reader.facility,
            ..runs::NewRun::default()
        };
        runs::start(state.backing(), &reader.caller, &new).await?;
        Ok(answer::see(route::import(&id, "analysis")))
    };
    let result = result.await;
    reader.answer(result)
}

async fn progress(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        let import = datasets::get(state.backing(), &reader.caller, dataset).await?;
        let filter = Filter { dataset: Some(dataset), ..Filter::default() };
        let run = runs::list(state.backing(), &reader.caller, filter, Page::first(1))
            .await?
            .items
            .into_iter()
            .next();
        let Some(run) = run else { return Ok(answer::see(route::import(&id, "match"))) };
        let run = runs::get(state.backing(), &reader.caller, run.id).await?;
        Ok(answer::ok(&run_page(&reader, &id, &import.dataset.name, &run)))
    };
    let result = result.await;
    reader.answer(result)
}

fn run_page(reader: &Reader, dataset: &str, name: &str, run: &runs::Run) -> ProgressPage {
    let analysis: &Run = &run.analysis;
    let running = matches!(analysis.state, AnalysisState::Queued | AnalysisState::Running);
    let mut page = ProgressPage::new(&reader.shell, dataset, name, running);
    let button = |label: &str, action: String| Button {
        label: label.to_owned(),
        action,
        csrf: reader.shell.csrf.clone(),
        ..Button::default()
    };
    let again = || button("Try again", route::import(dataset, "analysis"));
    let read = step("Read the files", StepState::Done, "");
    match analysis.state {
        AnalysisState::Queued | AnalysisState::Running => {
            page.share = share(&run.progress);
            let state =
                if analysis.state == AnalysisState::Queued { StepState::Waiting } else { StepState::Running };
            page.steps = vec![read, step("Look for losses", state, &message(&run.progress))];
            page.button = reader
                .may(Role::Analyst)
                .then(|| button("Stop the analysis", format!("/analyses/{}/stop", analysis.id)));
        }
        AnalysisState::Completed => {
            let found = words::counted(analysis.findings.unsigned_abs(), "finding");
            page.steps = vec![read, step("Look for losses", StepState::Done, &found)];
            page.next = Some(Link::new("See where the money goes", route::OVERVIEW));
        }
        AnalysisState::InReview => {
            "A reviewer looks at the result".clone_into(&mut page.title);
            "It is published here once it is approved, mostly within four hours; you are told then."
                .clone_into(&mut page.lead);
            page.steps = vec![
                read,
                step("Look for losses", StepState::Done, ""),
                step("Review", StepState::Waiting, ""),
            ];
        }
        AnalysisState::Failed => {
            "The analysis stopped".clone_into(&mut page.title);
            let reason = answer::sentence(analysis.reason.as_deref().unwrap_or("no reason is known"));
            page.lead = format!("{reason} Your upload is kept.");
            page.steps = vec![read, step("Look for losses", StepState::Failed, "")];
            page.button = reader.may(Role::Analyst).then(again);
        }
        AnalysisState::Cancelled => {
            "The analysis was stopped".clone_into(&mut page.title);
            "Your upload is kept.".clone_into(&mut page.lead);
            page.steps = vec![read];
            page.button = reader.may(Role::Analyst).then(again);
        }
    }
    page
}

async fn stop(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("analysis"))?;
        let run = runs::cancel(state.backing(), &reader.caller, id).await?;
        let back = run
            .datasets
            .first()
            .map_or_else(|| route::DATA.to_owned(), |id| route::import(&id.to_string(), "analysis"));
        Ok(reader::see_and_say(&state, &back, "The analysis stops within a few seconds."))
    };
    let result = result.await;
    reader.answer(result)
}

fn dataset_id(id: &str) -> Result<DatasetId, Error> {
    id.parse().map_err(|_| Error::NotFound("dataset"))
}

fn step(name: &str, state: StepState, note: &str) -> Step {
    Step { name: name.to_owned(), state, note: note.to_owned() }
}

fn message(progress: &Value) -> String {
    progress["message"].as_str().unwrap_or_default().to_owned()
}

fn share(progress: &Value) -> Option<u8> {
    progress["share"].as_f64().map(|share| (share.clamp(0.0, 1.0) * 100.0) as u8)
}
