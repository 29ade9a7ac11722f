//! Step 3: rows by what is wrong with them.

use app::{
    Error,
    datasets::{self, mapping},
    mapping_profiles,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Issue, Role, TableProfile, id::DatasetId, mapping::Status};
use pages::{component::Link, page::import::ReviewPage, route};
use store::datasets::DatasetState;

use super::{dataset_id, matching};
use crate::{
    ServerState,
    extract::Query,
    web::{answer, preparation, reader::Reader},
};

pub(super) async fn review(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(tried): Query<preparation::fixes::Tried>,
    reader: Reader,
) -> Response {
    let result = async { Ok(answer::ok(&page(&state, &reader, dataset_id(&id)?, &tried).await?)) };
    let result = result.await;
    reader.answer(result)
}

/// The page of an import's rows, with what a wanted fix would do.
pub(super) async fn page(
    state: &ServerState,
    reader: &Reader,
    dataset: DatasetId,
    tried: &preparation::fixes::Tried,
) -> Result<ReviewPage, Error> {
    let id = dataset.to_string();
    let (backing, caller) = (state.backing(), &reader.caller);
    let mapped = mapping::get(backing, caller, dataset).await?;
    let readings = datasets::readings(backing, caller, dataset).await?;
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
    let mut page = ReviewPage::new(&reader.shell, &id, &mapped.dataset.name, rows, &issues, open, may_decide);
    let ran = matching::ran(state, reader, dataset).await?;
    page.ran = ran.as_ref().map(|ran| ran.shown.clone());
    page.unconfirmed = mapped.dataset.state == DatasetState::Mapping;
    let mut known = Vec::new();
    for (profile, _) in mapped.tables.iter().filter_map(|table| table.profile) {
        if !known.contains(&profile) {
            known.push(profile);
        }
    }
    for profile in known {
        let (saved, _) = mapping_profiles::get(backing, caller, profile).await?;
        let address = format!("{}/{}", route::MAPPINGS, saved.id);
        page.variables.push(Link::own(saved.name, address));
    }
    let profiles: Vec<&TableProfile> = readings.iter().map(|reading| &reading.profile).collect();
    let unread: Vec<Vec<(u64, usize)>> = readings
        .iter()
        .map(|reading| reading.source.unreadable.iter().map(|cell| (cell.row, cell.column)).collect())
        .collect();
    preparation::fixes::fill(state, reader, dataset, &profiles, &unread, &mut page).await?;
    let unreadable = readings.iter().any(|reading| !reading.source.unreadable.is_empty());
    let unused = ran.as_ref().is_some_and(|ran| ran.unused);
    if unreadable || unused || page.done.iter().any(|done| done.href.is_empty()) {
        let address = |ending: &str| format!("{}/problems.{ending}", route::import(&id, "rows"));
        page.downloads = vec![Link::new("Excel", address("xlsx")), Link::new("CSV", address("csv"))];
    }
    preparation::fixes::attempt(state, reader, dataset, tried, &mut page).await?;
    Ok(page)
}
