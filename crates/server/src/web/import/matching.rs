//! Step 2: what columns mean, decided and confirmed; a known export in one step.

use app::{
    Error, analyses as runs,
    datasets::{
        self,
        abilities::Preview,
        decision::{ColumnDecision, TableDecision},
        mapping::{self, Grouping},
    },
    mapping_profiles,
};
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use domain::{Granularity, Role, id::DatasetId, mapping::Detail, number};
use ontology::FieldId;
use pages::{
    component::Link,
    layout::Crumb,
    page::import::{
        MatchPage, ProgressPage,
        columns::{Ability, ExampleOrder, Input, KnownFile, Order, Ran, Sides},
        progress::StepState,
    },
    route, words,
};
use serde::Deserialize;
use store::{
    Page,
    analyses::{Analysis as Run, AnalysisState, Filter},
    datasets::{DatasetState, MappingState},
};
use translation::Tongue;

use super::{
    dataset_id,
    progress::{message, share, step},
};
use crate::{
    ServerState,
    extract::Query,
    web::{
        answer, overview,
        reader::{self, Reader},
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    table: usize,
    column: Option<usize>,
    /// The decision that can be taken back: its column, and the field that it had.
    changed: Option<usize>,
    was: Option<String>,
    order: String,
}

pub(super) async fn show_columns(
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
        ran: ran(state, reader, dataset).await?.map(|ran| ran.shown),
    };
    let profile = readings.get(looked.table).map(|reading| &reading.profile);
    let mut page = MatchPage::new(&reader.shell, &table.mapping, profile, input);
    if let Some(system) = &table.mapping.source_system {
        page.system = own_name(&system.name, table.mapping.granularity, reader.tongue);
    }
    Ok(answer::ok(&page))
}

/// What a mapping is called where nobody says, in the language of whoever saves it: `Odoo, operation`.
fn own_name(system: &str, granularity: Granularity, tongue: Tongue) -> String {
    let row = tongue.pick(match granularity {
        Granularity::Header => ["work order", "Fertigungsauftrag", "orden de fabricación"],
        Granularity::Operation => ["operation", "Arbeitsgang", "operación"],
        Granularity::Labor => ["booking", "Rückmeldung", "registro"],
        Granularity::Material => ["material line", "Materialposition", "línea de material"],
        Granularity::Event => ["event", "Ereignis", "evento"],
    });
    format!("{system}, {row}")
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

/// The analysis of the import, in the page's words.
pub(super) struct Analyzed {
    pub(super) shown: Ran,
    /// Whether it could not use some rows.
    pub(super) unused: bool,
}

/// The analysis of the import, where there is one.
pub(super) async fn ran(
    state: &ServerState,
    reader: &Reader,
    dataset: DatasetId,
) -> Result<Option<Analyzed>, Error> {
    let ran = runs::again::ran(state.backing(), &reader.caller, dataset).await?;
    Ok(ran.map(|ran| {
        // The overview shows the newest of the plant; that of an older upload is told where it ran.
        let newest = reader.newest.as_ref().is_some_and(|newest| newest.id == ran.run.id);
        let address =
            if newest { route::OVERVIEW.to_owned() } else { route::import(&dataset.to_string(), "analysis") };
        let when = overview::day(ran.run.created_at);
        let result = Link::new("See the result", address);
        Analyzed {
            shown: Ran { when, result, changed: ran.changed },
            unused: ran.run.rows_used < ran.run.rows_read,
        }
    }))
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
pub(super) async fn take_known(
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
pub(super) async fn start_afresh(
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
pub(super) struct Decided {
    table: usize,
    field: String,
    granularity: String,
    detail: String,
    order: String,
}

pub(super) async fn decide(
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

pub(super) async fn decide_grain(
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
pub(super) struct Confirmed {
    name: String,
    version: String,
    as_new: String,
}

pub(super) async fn confirm(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_called_in_the_language_of_whoever_saves_it() {
        for (tongue, name) in [
            (Tongue::English, "Odoo, operation"),
            (Tongue::German, "Odoo, Arbeitsgang"),
            (Tongue::Spanish, "Odoo, operación"),
        ] {
            assert_eq!(own_name("Odoo", Granularity::Operation, tongue), name);
        }
    }
}
