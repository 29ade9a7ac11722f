//! What the values of a table ask for, and what a person does not want to be asked again.

use domain::{Role, id::DatasetId};
use preparation::suggest::{self, Suggestion};
use store::{Tx, rule_templates};

use super::{preparation::raw_reading, signature::of_headers};
use crate::{Backing, Caller, Error, deed, reading::Reading};

/// A suggestion, and whether somebody has dismissed it for exports with these headers.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub suggestion: Suggestion,
    pub dismissed: bool,
}

/// Suggestions that may be dismissed of one table.
const DISMISSED_MAX: usize = 1_000;

/// What the values of a table ask for, in the order of its columns; the dismissed ones too.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
) -> Result<Vec<Offer>, Error> {
    caller.require(Role::Viewer)?;
    let reading = raw_reading(backing, caller, id, table).await?;
    let mut tx = deed::begin(backing, caller).await?;
    let dismissed = dismissed(&mut tx, &reading).await?;
    tx.rollback().await?;
    let offer = |suggestion: Suggestion| Offer { dismissed: dismissed.contains(&suggestion.id), suggestion };
    Ok(suggest::suggest(&reading.profile).into_iter().map(offer).collect())
}

/// Those that nobody has dismissed.
pub async fn open(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
) -> Result<Vec<Suggestion>, Error> {
    let all = list(backing, caller, id, table).await?;
    Ok(all.into_iter().filter(|offer| !offer.dismissed).map(|offer| offer.suggestion).collect())
}

/// Takes these suggestions out of sight for all exports with the headers of the table, and shows all others again.
pub async fn set_dismissed(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
    suggestions: &[String],
) -> Result<Vec<Offer>, Error> {
    caller.require(Role::Analyst)?;
    if suggestions.len() > DISMISSED_MAX {
        return Err(Error::invalid("suggestions", format!("name up to {DISMISSED_MAX}")));
    }
    let reading = raw_reading(backing, caller, id, table).await?;
    let mut tx = deed::begin(backing, caller).await?;
    if rule_templates::set_dismissed(&mut tx, &signature(&reading), suggestions).await? {
        let event =
            deed::done(caller, "suggestion.dismiss", "dataset", id).detail("dismissed", suggestions.len());
        deed::commit(tx, caller, event).await?;
    } else {
        tx.rollback().await?;
    }
    list(backing, caller, id, table).await
}

/// One more that is not wanted.
pub async fn dismiss(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
    suggestion: &str,
) -> Result<(), Error> {
    let all = list(backing, caller, id, table).await?;
    if !all.iter().any(|offer| offer.suggestion.id == suggestion) {
        return Err(Error::NotFound("suggestion"));
    }
    let wanted = |offer: &Offer| offer.dismissed || offer.suggestion.id == suggestion;
    let ids: Vec<String> =
        all.iter().filter(|offer| wanted(offer)).map(|offer| offer.suggestion.id.clone()).collect();
    set_dismissed(backing, caller, id, table, &ids).await?;
    Ok(())
}

/// Ids of what is not wanted for a table.
pub(super) async fn dismissed(tx: &mut Tx, reading: &Reading) -> Result<Vec<String>, Error> {
    Ok(rule_templates::dismissed(tx, &signature(reading)).await?)
}

fn signature(reading: &Reading) -> String {
    of_headers([reading.profile.columns.iter().map(|column| column.header.as_str())].into_iter())
}
