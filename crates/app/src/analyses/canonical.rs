//! The canonical tables of a run, kept beside its result: whoever looks at rows opens them instead of joining the customer's
//! files again.
//!
//! They follow from readings and mappings, which are kept anyway, so that they may go at any time: with the run, with an
//! upload behind it, and when newer runs of the plant stand above it. What is gone is joined again when somebody asks.

use crate::{
    Backing, Error, Scratch, archive,
    files::{blob_id, discard},
};
use clients::blobs::{BlobError, Key, Kind};
use domain::{
    Currency, Issue, Settings,
    analysis::Rows,
    id::{AnalysisId, DatasetId, FacilityId, OrgId},
};
use explorer::{Described, Explorer};
use ontology::{Entity, FieldId};
use store::{Tx, analyses, datasets};

/// Newest runs of a plant whose tables are kept. Pages show the newest; the one before it is what people go back to.
const KEPT: u32 = 2;

/// What is kept beside the tables themselves.
pub(crate) struct Kept {
    /// What they were made of, in order. A run over other datasets by now has other tables.
    pub(crate) datasets: Vec<String>,
    pub(crate) files: Vec<String>,
    pub(crate) tables: Vec<KeptTable>,
    pub(crate) rows: Rows,
    pub(crate) issues: Vec<Issue>,
    pub(crate) currency: Option<Currency>,
}

pub(crate) struct KeptTable {
    pub(crate) entity: String,
    pub(crate) rows: u64,
    pub(crate) fields: Vec<(FieldId, f64)>,
}

/// The tables as people look at them.
pub(crate) fn explorer(canonical: &analyzers::Canonical) -> Explorer {
    let tables = canonical.tables.iter().map(|(entity, table)| {
        let described =
            Described { parquet: table.path.clone(), rows: table.rows, fields: table.fields.clone() };
        (*entity, described)
    });
    Explorer::new(canonical.files.clone(), tables)
}

/// Keeps the tables of a run. What stands beside them says that they are whole, and comes last.
pub(super) async fn keep(
    backing: &Backing,
    org: OrgId,
    id: AnalysisId,
    datasets: &[DatasetId],
    canonical: &analyzers::Canonical,
) -> Result<(), Error> {
    for (entity, table) in &canonical.tables {
        let [rows, aside] = places(org, id, *entity);
        backing.blobs.write_file(&rows, &table.path).await?;
        backing.blobs.write_file(&aside, &Explorer::beside(&table.path)).await?;
    }
    let kept = Kept {
        datasets: datasets.iter().map(ToString::to_string).collect(),
        files: canonical.files.clone(),
        tables: canonical
            .tables
            .iter()
            .map(|(entity, table)| KeptTable {
                entity: entity.as_str().to_owned(),
                rows: table.rows,
                fields: table.fields.iter().map(|(field, fill)| (*field, *fill)).collect(),
            })
            .collect(),
        rows: canonical.rows.clone(),
        issues: canonical.issues.clone(),
        currency: canonical.currency.clone(),
    };
    backing.blobs.write_bytes(&Key::new(org, Kind::Canonical, id.0), archive::encode(&kept)).await?;
    Ok(())
}

/// The tables of a run as they were kept; `None` where they were not, are gone, or are of other datasets.
pub(super) async fn open(
    backing: &Backing,
    org: OrgId,
    id: AnalysisId,
    datasets: &[DatasetId],
    settings: &Settings,
    scratch: &Scratch,
) -> Result<Option<analyzers::Canonical>, Error> {
    let kept: Kept = match backing.blobs.read_bytes(&Key::new(org, Kind::Canonical, id.0)).await {
        Ok(bytes) => match archive::decode(&bytes) {
            Ok(kept) => kept,
            // Of another release: joined again.
            Err(_) => return Ok(None),
        },
        Err(BlobError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let now = datasets.iter().map(ToString::to_string);
    if !now.eq(kept.datasets.iter().cloned()) {
        return Ok(None);
    }
    let dir = scratch.folder("canonical")?;
    let mut tables = std::collections::BTreeMap::new();
    for table in kept.tables {
        let Some(entity) = Entity::ALL.into_iter().find(|entity| entity.as_str() == table.entity) else {
            return Ok(None);
        };
        let [rows, aside] = places(org, id, entity);
        let name = analyzers::canonical::file_name(entity);
        let path = match backing.blobs.lay_out(&rows, &dir, name).await {
            Ok(path) => path,
            Err(BlobError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let beside = Explorer::beside(&path);
        let name = beside.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match backing.blobs.lay_out(&aside, &dir, name).await {
            Ok(_) | Err(BlobError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let fields = table.fields.into_iter().collect();
        tables.insert(entity, analyzers::canonical::CanonicalTable { path, rows: table.rows, fields });
    }
    Ok(Some(analyzers::Canonical {
        dir,
        files: kept.files,
        tables,
        rows: kept.rows,
        issues: kept.issues,
        currency: kept.currency,
        limits: analyzers::Limits::new(scratch.folder("spill")?).saying(settings),
    }))
}

/// Everything that may be kept of a run here. What says that it is whole goes first.
pub(crate) fn keys(org: OrgId, id: AnalysisId) -> Vec<Key> {
    let tables = Entity::ALL.into_iter().flat_map(|entity| places(org, id, entity));
    std::iter::once(Key::new(org, Kind::Canonical, id.0)).chain(tables).collect()
}

/// The tables of all runs over a dataset that goes.
pub(crate) async fn of_dataset(tx: &mut Tx, dataset: DatasetId) -> Result<Vec<Key>, Error> {
    let runs = analyses::over(tx, dataset).await?;
    let org = tx.org();
    Ok(runs.into_iter().flat_map(|run| keys(org, run)).collect())
}

/// Lets go of the tables of runs that fell behind with the newest one, and of its own where an upload behind it went
/// meanwhile. Its result is kept already, so that nothing here makes the run fail: what stays now goes with the next one.
pub(super) async fn let_go(
    backing: &Backing,
    actor: &domain::Actor,
    id: AnalysisId,
    facility: Option<FacilityId>,
) {
    match unneeded(backing, actor, id, facility).await {
        Ok(keys) => discard(backing, &keys).await,
        Err(error) => tracing::warn!(%id, %error, "tables that nobody needs any more stay for now"),
    }
}

async fn unneeded(
    backing: &Backing,
    actor: &domain::Actor,
    id: AnalysisId,
    facility: Option<FacilityId>,
) -> Result<Vec<Key>, Error> {
    let mut tx = backing.store.begin(actor).await?;
    let mut runs = analyses::behind(&mut tx, facility, KEPT).await?;
    for dataset in analyses::datasets(&mut tx, id).await? {
        if datasets::get(&mut tx, dataset).await?.is_none() {
            runs.push(id);
        }
    }
    tx.rollback().await?;
    Ok(runs.into_iter().flat_map(|run| keys(actor.org, run)).collect())
}

/// The blobs of one table: its rows, and what was worked out about them.
fn places(org: OrgId, id: AnalysisId, entity: Entity) -> [Key; 2] {
    ["rows", "aside"]
        .map(|what| Key::new(org, Kind::Canonical, blob_id(&format!("{id}/{}/{what}", entity.as_str()))))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_table_has_places_of_its_own() {
        let org = OrgId(Uuid::from_u128(1));
        let of = |id| keys(org, AnalysisId(Uuid::from_u128(id)));
        let all: std::collections::BTreeSet<Key> = of(2).into_iter().chain(of(3)).collect();
        assert_eq!(all.len(), 26);
        assert_eq!(of(2)[0].to_string(), Key::new(org, Kind::Canonical, Uuid::from_u128(2)).to_string());
    }
}
