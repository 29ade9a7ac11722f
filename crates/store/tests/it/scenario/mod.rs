//! One organisation lives through everything that the store can do, so that every statement runs on a real Postgres; and the
//! property tests get organisations with rows in every table.

mod analysis;
mod data;
mod machinery;
mod organisation;

use domain::id::*;
use jiff::Timestamp;
use testkit::{Database, Org};
use uuid::Uuid;

pub(crate) fn now() -> Timestamp {
    "2026-03-11T12:00:00Z".parse().unwrap()
}

/// What the organisation ends up with.
#[derive(Debug, Clone)]
pub(crate) struct Lived {
    pub facility: FacilityId,
    pub file: FileId,
    pub dataset: DatasetId,
    pub profile: ProfileId,
    pub configuration: ConfigurationId,
    pub analysis: AnalysisId,
    pub finding: FindingId,
    pub conversation: ConversationId,
    pub job: JobId,
}

/// Lives through it. Every organisation does the same, with the same names and keys, so that a shared unique key would show.
pub(crate) async fn live(database: &Database, org: &Org) -> Lived {
    let store = &database.store;
    let lived = Lived {
        facility: FacilityId(Uuid::new_v4()),
        file: FileId(Uuid::new_v4()),
        dataset: DatasetId(Uuid::new_v4()),
        profile: ProfileId(Uuid::new_v4()),
        configuration: ConfigurationId(Uuid::new_v4()),
        analysis: AnalysisId(Uuid::new_v4()),
        finding: FindingId(Uuid::new_v4()),
        conversation: ConversationId(Uuid::new_v4()),
        job: JobId(Uuid::new_v4()),
    };
    organisation::live(database, org, &lived).await;
    data::live(database, org, &lived).await;
    analysis::live(database, org, &lived).await;
    machinery::live(database, org, &lived).await;
    store.ping().await.unwrap();
    lived
}

#[tokio::test]
async fn an_organisation_lives_through_everything() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "unlimited").await;
    live(&database, &org).await;
    database.store.close().await;
}
