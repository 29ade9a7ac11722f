//! What a customer's analyses use.

use app::{
    Caller,
    accounts::Desk,
    configurations::{self, Form, settings},
    operation,
};
use domain::{id::OrgId, settings::definitions};
use serde_json::Value;

use super::said::Said;
use crate::failure::Failure;

/// Every setting as it stands, of the organization and of each plant that has its own.
pub(super) async fn show(desk: &Desk, caller: &Caller, id: OrgId, reason: &str) -> Result<Said, Failure> {
    let acting = operation::act_in(desk, caller, id, reason).await?;
    let all = configurations::list(&desk.backing, &acting).await?;
    let mut rows = Vec::new();
    for kept in &all {
        let changes: settings::Changes =
            serde_json::from_value(kept.settings.clone()).map_err(anyhow::Error::from)?;
        let values = settings::settings(&kept.preset, &changes)?;
        let whose = kept.facility_id.map(|plant| plant.to_string()).unwrap_or_default();
        rows.extend(definitions().iter().map(|one| {
            let changed = if changes.contains_key(one.name) { "changed" } else { "" };
            vec![
                whose.clone(),
                kept.preset.clone(),
                one.name.to_owned(),
                settings::shown(one.name, values.get(one.name)).to_string(),
                changed.to_owned(),
                one.unit.to_owned(),
            ]
        }));
    }
    if rows.is_empty() {
        return Ok(Said::done("nothing is kept: analyses use the balanced preset"));
    }
    Ok(Said::list(&["facility_id", "preset", "setting", "value", "changed", "unit"], rows))
}

/// Every state that was kept, of the organization and of each plant that has its own, newest first.
pub(super) async fn history(desk: &Desk, caller: &Caller, id: OrgId, reason: &str) -> Result<Said, Failure> {
    let acting = operation::act_in(desk, caller, id, reason).await?;
    let mut rows = Vec::new();
    for kept in configurations::list(&desk.backing, &acting).await? {
        let whose = kept.facility_id.map(|plant| plant.to_string()).unwrap_or_default();
        for state in configurations::history(&desk.backing, &acting, kept.id).await? {
            rows.push(vec![
                whose.clone(),
                state.number.to_string(),
                state.created_at.to_string(),
                state.preset,
                state.settings.to_string(),
                state.note,
                state.changed_by.map(|user| user.to_string()).unwrap_or_default(),
            ]);
        }
    }
    let heads = ["facility_id", "number", "at", "preset", "changes", "note", "changed_by"];
    Ok(Said::list(&heads, rows))
}

pub(super) async fn set(
    desk: &Desk,
    caller: &Caller,
    id: OrgId,
    preset: Option<String>,
    set: &[String],
    reason: &str,
) -> Result<Said, Failure> {
    let mut given = settings::Changes::new();
    for pair in set {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| Failure::Usage(format!("{pair:?}: write NAME=VALUE")))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        given.insert(name.trim().to_owned(), value);
    }
    let acting = operation::act_in(desk, caller, id, reason).await?;
    let backing = &desk.backing;
    let all = configurations::list(backing, &acting).await?;
    let kept = all.into_iter().find(|kept| kept.facility_id.is_none());
    let changes = if given.is_empty() {
        None
    } else {
        let none = || Value::Object(serde_json::Map::new());
        let before = kept.as_ref().map_or_else(none, |kept| kept.settings.clone());
        let mut changes: settings::Changes = serde_json::from_value(before).map_err(anyhow::Error::from)?;
        changes.extend(given);
        Some(changes)
    };
    let form = Form { name: None, preset, changes, note: "set by the operator".to_owned() };
    let after = match kept {
        Some(kept) => configurations::update(backing, &acting, kept.id, None, &form).await?,
        None => configurations::create(backing, &acting, None, &form).await?,
    };
    Ok(Said::done(&format!("the next analyses use {} as of change {}", after.preset, after.number)))
}
