//! One organisation lives through everything that the store can do, so that every statement runs on a real Postgres; and the
//! property tests get organisations with rows in every table.

use domain::Role;
use domain::id::*;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::analyses::reviews::{self, ReviewForm, ReviewState};
use store::analyses::{self, AnalysisState, NewAnalysis, Totals};
use store::api_keys::{self, NewApiKey};
use store::audit::{self, Event, Outcome};
use store::configurations::{self, ConfigurationForm};
use store::conversations::{self, Author, NewMessage};
use store::datasets::{self, DatasetState, Facts, MappingState, NewDataset};
use store::facilities::{self, FacilityForm};
use store::files::{self, FileState, NewFile, pieces};
use store::finding_views::{self, NewFindingView};
use store::findings::status::{self, Status, StatusForm};
use store::findings::{self, NewEvidence, NewFinding};
use store::idempotency::{self, Key, Known};
use store::invitations::{self, NewInvitation};
use store::jobs::{self, Done, JobState, NewJob, Pulse};
use store::members::{self, Changed, ProfileForm};
use store::models::{self, NewModelSetting, Provider, Spent};
use store::notices;
use store::opportunities::{self, NewOpportunity};
use store::profiles::{self, NewVersion, ProfileForm as MappingForm};
use store::report_answers::{self, NewReportAnswer};
use store::reports;
use store::rule_templates::{self, NewRuleTemplate};
use store::shares;
use store::sources;
use store::usage::{self, Meter, Taken, UsageType};
use store::webhooks;
use store::{Error, Page};
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
    organisation(database, org, &lived).await;
    data(database, org, &lived).await;
    analysis(database, org, &lived).await;
    machinery(database, org, &lived).await;
    store.ping().await.unwrap();
    lived
}

async fn organisation(database: &Database, org: &Org, lived: &Lived) {
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    let before = store::orgs::get(&mut tx).await.unwrap().unwrap();
    let profile = json!({"industry": "machining", "note": "a NUL \0 in a form"});
    let after = store::orgs::update(&mut tx, before.version, "Works \0 Ltd", &profile, &[], Some(now()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((after.name.as_str(), after.version), ("Works ␀ Ltd", before.version + 1));
    assert_eq!(after.profile["note"], "a NUL ␀ in a form");
    assert!(after.updated_at > before.updated_at);
    assert!(
        store::orgs::update(&mut tx, before.version, "late", &profile, &[], None).await.unwrap().is_none()
    );

    let form =
        FacilityForm { name: "Plant 1", code: Some("P1"), time_zone: "Europe/Berlin", currency: "EUR" };
    facilities::insert(&mut tx, lived.facility, &form).await.unwrap();
    let plant = facilities::get(&mut tx, lived.facility).await.unwrap().unwrap();
    let renamed = FacilityForm { name: "Plant One", ..form.clone() };
    assert!(facilities::update(&mut tx, lived.facility, plant.version, &renamed).await.unwrap().is_some());
    assert!(facilities::update(&mut tx, lived.facility, plant.version, &form).await.unwrap().is_none());
    let spare = FacilityId(Uuid::new_v4());
    facilities::insert(&mut tx, spare, &form).await.unwrap();
    assert!(facilities::set_archived(&mut tx, spare, Some(now())).await.unwrap());
    assert_eq!(facilities::list(&mut tx, false).await.unwrap().len(), 1);
    assert_eq!(facilities::list(&mut tx, true).await.unwrap().len(), 2);
    assert!(facilities::delete(&mut tx, spare).await.unwrap());

    let viewer = org.viewer.user().unwrap();
    let member = members::get(&mut tx, viewer).await.unwrap().unwrap();
    let preferences = json!({"theme": "dark"});
    let form =
        ProfileForm { name: "Vera", title: "Buyer", phone: "1", department: "P", preferences: &preferences };
    let member = members::update(&mut tx, viewer, member.version, &form).await.unwrap().unwrap();
    assert_eq!((member.name.as_str(), member.role), ("Vera", Role::Viewer));
    assert_eq!(members::list(&mut tx).await.unwrap().len(), 5);
    assert_eq!(members::set_role(&mut tx, viewer, Role::Analyst).await.unwrap(), Changed::Done);
    let owner = org.owner.user().unwrap();
    assert_eq!(members::set_role(&mut tx, owner, Role::Viewer).await.unwrap(), Changed::LastOwner);
    assert_eq!(members::delete(&mut tx, owner).await.unwrap(), Changed::LastOwner);
    assert_eq!(members::delete(&mut tx, UserId(Uuid::new_v4())).await.unwrap(), Changed::Absent);

    let key = NewApiKey {
        id: ApiKeyId(Uuid::new_v4()),
        name: "ERP",
        prefix: "pi_abcd",
        key_hash: &[7; 32],
        role: Role::Analyst,
        scopes: &["files:write".to_owned()],
        created_by: owner,
        expires_at: Some(now()),
    };
    let made = api_keys::insert(&mut tx, &key).await.unwrap();
    assert_eq!(api_keys::get(&mut tx, key.id).await.unwrap(), Some(made));
    assert!(api_keys::revoke(&mut tx, key.id, now()).await.unwrap());
    assert!(!api_keys::revoke(&mut tx, key.id, now()).await.unwrap());
    assert_eq!(api_keys::list(&mut tx).await.unwrap().len(), 1);

    let invitation = NewInvitation {
        id: InvitationId(Uuid::new_v4()),
        email: "New@Example.com",
        email_key: "new@example.com",
        role: Role::Analyst,
        invited_by: owner,
        token_hash: &[1; 32],
        expires_at: now(),
    };
    invitations::insert(&mut tx, &invitation).await.unwrap();
    let again = NewInvitation { id: InvitationId(Uuid::new_v4()), ..invitation };
    invitations::insert(&mut tx, &again).await.unwrap();
    assert_eq!(invitations::list(&mut tx).await.unwrap().len(), 1);
    assert!(!invitations::delete(&mut tx, invitation.id).await.unwrap());
    assert!(invitations::delete(&mut tx, again.id).await.unwrap());
    let kept = NewInvitation { id: InvitationId(Uuid::new_v4()), ..invitation };
    invitations::insert(&mut tx, &kept).await.unwrap();
    tx.commit().await.unwrap();
}

async fn data(database: &Database, org: &Org, lived: &Lived) {
    let mut tx = database.store.begin(&org.analyst).await.unwrap();
    let new = NewFile { id: lived.file, name: "Jobs \0.csv", object_key: "blob/1", declared_bytes: Some(10) };
    let file = files::insert(&mut tx, &new).await.unwrap();
    assert_eq!((file.name.as_str(), file.state), ("Jobs ␀.csv", FileState::Receiving));
    assert!(files::advance(&mut tx, lived.file, 0, 6).await.unwrap());
    assert!(!files::advance(&mut tx, lived.file, 0, 7).await.unwrap());
    let file = files::set_stored(&mut tx, lived.file, 10, &[9; 32], "text/csv").await.unwrap().unwrap();
    assert_eq!(files::get(&mut tx, lived.file).await.unwrap(), Some(file));
    assert_eq!(files::list_by_content(&mut tx, &[9; 32]).await.unwrap().len(), 1);
    for i in 0..3_u8 {
        let id = FileId(Uuid::new_v4());
        files::insert(&mut tx, &NewFile { id, object_key: &format!("x/{i}"), ..new.clone() }).await.unwrap();
        assert!(if i == 0 {
            files::set_refused(&mut tx, id, "a bomb").await.unwrap()
        } else {
            files::set_stored(&mut tx, id, 1, &[i; 32], "text/csv").await.unwrap().is_some()
        });
        if i == 2 {
            // A piece that begins where another one does is not a second one.
            pieces::insert(&mut tx, id, 0, 5, "p/0").await.unwrap();
            pieces::insert(&mut tx, id, 5, 5, "p/5").await.unwrap();
            assert_eq!(pieces::list(&mut tx, id).await.unwrap()[1].start, 5);
            assert_eq!(pieces::delete_all(&mut tx, id).await.unwrap(), 2);
            pieces::insert(&mut tx, id, 0, 5, "p/0").await.unwrap();
            assert_eq!(pieces::list_idle(&mut tx, Timestamp::UNIX_EPOCH).await.unwrap(), []);
        }
        if i == 1 {
            assert_eq!(files::delete(&mut tx, id).await.unwrap().as_deref(), Some("x/1"));
            assert_eq!(files::delete(&mut tx, id).await.unwrap(), None);
        }
    }
    let first = files::list(&mut tx, Page::first(1)).await.unwrap();
    let second = files::list(&mut tx, Page { after: first.next, limit: 1 }).await.unwrap();
    assert_eq!((second.items[0].id, second.next), (lived.file, None));

    let new = NewDataset {
        id: lived.dataset,
        name: "March",
        facility: Some(lived.facility),
        replaces: None,
        files: &[lived.file],
    };
    datasets::insert(&mut tx, &new).await.unwrap();
    let stranger =
        NewDataset { id: DatasetId(Uuid::new_v4()), files: &[FileId(Uuid::new_v4())], ..new.clone() };
    let mut other = database.store.begin(&org.analyst).await.unwrap();
    assert!(matches!(datasets::insert(&mut other, &stranger).await, Err(Error::Reference { .. })));
    drop(other);
    let mapping = json!({"columns": [{"source": "Job\0", "field": "work_order_id"}]});
    let first = NewVersion {
        note: "first",
        document: &mapping,
        header_signature: "abc",
        headers: &["Job".to_owned(), "Qty".to_owned()],
    };
    let variables = json!({"rate": "1.1"});
    let form = MappingForm {
        name: "Epicor",
        description: "d",
        source_system: "Epicor",
        active: true,
        variables: &variables,
    };
    let profile = profiles::insert(&mut tx, lived.profile, &form, &first).await.unwrap();
    assert_eq!(profile.current_version, 1);
    let second = NewVersion { note: "second", ..first.clone() };
    assert_eq!(profiles::add_version(&mut tx, lived.profile, Some(1), None, &second).await.unwrap(), Some(2));
    assert_eq!(profiles::add_version(&mut tx, lived.profile, Some(1), None, &second).await.unwrap(), None);
    assert_eq!(profiles::add_version(&mut tx, lived.profile, None, Some(1), &first).await.unwrap(), Some(3));
    let restored = profiles::get_version(&mut tx, lived.profile, 3).await.unwrap().unwrap();
    assert_eq!((restored.parent, &restored.document["columns"][0]["source"]), (Some(1), &json!("Job␀")));
    assert_eq!(profiles::list_versions(&mut tx, lived.profile).await.unwrap().len(), 3);
    assert_eq!(profiles::list_by_signature(&mut tx, "abc").await.unwrap().len(), 1);
    assert_eq!(profiles::list(&mut tx, Some("EPIC"), Page::default()).await.unwrap().items.len(), 1);
    assert_eq!(profiles::list(&mut tx, Some("sap"), Page::default()).await.unwrap().items.len(), 0);
    assert!(profiles::count_use(&mut tx, lived.profile, now()).await.unwrap());
    let records = profiles::records(&mut tx, &[lived.profile]).await.unwrap();
    assert_eq!((records.len(), records[0].profile_id, records[0].succeeded), (1, lived.profile, 0));
    let recipe = json!({"column": "Rate"});
    let id = Uuid::new_v4();
    let template = NewRuleTemplate { id, name: "Night", category: "labor", reads: "Start", recipe: &recipe };
    rule_templates::insert(&mut tx, &template).await.unwrap();
    let again = NewRuleTemplate { id: Uuid::new_v4(), name: "Spare", ..template.clone() };
    rule_templates::insert(&mut tx, &again).await.unwrap();
    assert!(rule_templates::delete(&mut tx, again.id).await.unwrap());
    assert_eq!(rule_templates::list(&mut tx).await.unwrap().len(), 1);
    assert_eq!(rule_templates::get(&mut tx, id).await.unwrap().unwrap().recipe, recipe);
    let hidden = ["shift:start".to_owned(), "blanks:part".to_owned()];
    assert!(rule_templates::set_dismissed(&mut tx, "sig", &hidden).await.unwrap());
    assert!(rule_templates::set_dismissed(&mut tx, "sig", &hidden[..1]).await.unwrap());
    assert!(!rule_templates::set_dismissed(&mut tx, "sig", &hidden[..1]).await.unwrap());
    assert_eq!(rule_templates::dismissed(&mut tx, "sig").await.unwrap(), hidden[..1]);
    let profile = profiles::get(&mut tx, lived.profile).await.unwrap().unwrap();
    let form = MappingForm { name: "Epicor 2", ..form };
    assert!(profiles::update(&mut tx, lived.profile, profile.version, &form).await.unwrap().is_some());
    let spare = ProfileId(Uuid::new_v4());
    profiles::insert(&mut tx, spare, &form, &first).await.unwrap();
    assert!(profiles::delete(&mut tx, spare).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = database.store.begin(&org.worker()).await.unwrap();
    let (queued, ready) = (&[DatasetState::Queued], DatasetState::Ready);
    assert!(datasets::set_state(&mut tx, lived.dataset, queued, ready, None).await.unwrap());
    assert!(!datasets::set_state(&mut tx, lived.dataset, queued, ready, None).await.unwrap());
    let reading = json!({"delimiter": ";"});
    let facts =
        Facts { rows: 5, columns: 2, source_system: "Epicor", granularity: "header", document: &reading };
    assert!(datasets::set_facts(&mut tx, lived.dataset, &facts).await.unwrap());
    assert!(datasets::set_reading(&mut tx, lived.dataset, lived.file, 5, 2, "t/1", &reading).await.unwrap());
    let (id, file) = (lived.dataset, lived.file);
    let proposed = MappingState::Proposed;
    assert!(datasets::set_mapping(&mut tx, id, file, None, &mapping, proposed, None).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = database.store.begin(&org.analyst).await.unwrap();
    let version = datasets::files(&mut tx, id).await.unwrap()[0].version;
    let (confirmed, from) = (MappingState::Confirmed, Some((lived.profile, 3)));
    assert!(
        datasets::set_mapping(&mut tx, id, file, Some(version), &mapping, confirmed, from).await.unwrap()
    );
    assert!(
        !datasets::set_mapping(&mut tx, id, file, Some(version), &mapping, confirmed, from).await.unwrap()
    );
    let file = datasets::files(&mut tx, id).await.unwrap().remove(0);
    assert_eq!((file.rows, file.profile_number, file.file_name.as_str()), (5, Some(3), "Jobs ␀.csv"));
    assert_eq!(datasets::of_file(&mut tx, lived.file).await.unwrap(), [lived.dataset]);
    let dataset = datasets::get(&mut tx, id).await.unwrap().unwrap();
    let changed =
        datasets::update(&mut tx, id, dataset.version, "Spring", dataset.facility_id).await.unwrap();
    assert_eq!(changed.unwrap().name, "Spring");
    assert_eq!(datasets::list(&mut tx, Some(lived.facility), Page::default()).await.unwrap().items.len(), 1);
    let spare = NewDataset { id: DatasetId(Uuid::new_v4()), replaces: Some(id), ..new };
    datasets::insert(&mut tx, &spare).await.unwrap();
    assert!(datasets::delete(&mut tx, spare.id).await.unwrap());
    assert_eq!(datasets::get(&mut tx, spare.id).await.unwrap(), None);
    assert!(matches!(profiles::delete(&mut tx, lived.profile).await, Err(Error::Reference { .. })));
    drop(tx);
}

pub(crate) fn finding(id: FindingId, key: &str, file: FileId) -> NewFinding {
    NewFinding {
        id,
        key: key.to_owned(),
        type_: "material_price_variance".to_owned(),
        analyzer: "material_price".to_owned(),
        title: "Steel got 12 % dearer".to_owned(),
        priority: 87,
        grade: "strong".to_owned(),
        currency: Some("EUR".to_owned()),
        impact: Some("86400.25".parse().unwrap()),
        impact_low: Some(71_000.into()),
        impact_high: Some(102_000.into()),
        annualized: None,
        addressable: Some(60_480.into()),
        effect: Some(1.12),
        effect_low: Some(1.1),
        effect_high: Some(1.14),
        p: Some(1e-9),
        q: Some(1e-7),
        units: 148,
        start_on: Some(jiff::civil::date(2025, 6, 3)),
        entities: vec![
            ("supplier_id".to_owned(), "S03".to_owned()),
            ("material_id".to_owned(), "M\0".to_owned()),
        ],
        document: json!({"observations": ["x\0y"]}),
        evidence: (0..3)
            .map(|i| NewEvidence {
                file: (i == 0).then_some(file),
                file_name: "Jobs.csv".to_owned(),
                file_row: 8214 + i,
                cells: if i == 2 { json!({}) } else { json!({"Price": "1\0"}) },
            })
            .collect(),
    }
}

async fn analysis(database: &Database, org: &Org, lived: &Lived) {
    let mut tx = database.store.begin(&org.admin).await.unwrap();
    let settings = json!({"oee_target": 0.8});
    let form = ConfigurationForm { name: "Ours", preset: "balanced", settings: &settings, note: "start" };
    let made = configurations::insert(&mut tx, lived.configuration, None, &form).await.unwrap();
    let plant = ConfigurationId(Uuid::new_v4());
    configurations::insert(&mut tx, plant, Some(lived.facility), &form).await.unwrap();
    let changed =
        configurations::update(&mut tx, lived.configuration, made.version, &form).await.unwrap().unwrap();
    assert_eq!(changed.number, 2);
    assert!(
        configurations::update(&mut tx, lived.configuration, made.version, &form).await.unwrap().is_none()
    );
    assert_eq!(configurations::history(&mut tx, lived.configuration).await.unwrap().len(), 2);
    assert_eq!(configurations::get_for(&mut tx, Some(lived.facility)).await.unwrap().unwrap().id, plant);
    assert!(configurations::delete(&mut tx, plant).await.unwrap());
    assert_eq!(configurations::get_for(&mut tx, Some(lived.facility)).await.unwrap().unwrap().id, changed.id);
    assert_eq!(configurations::list(&mut tx).await.unwrap().len(), 1);
    assert!(configurations::get(&mut tx, plant).await.unwrap().is_none());

    let new = NewAnalysis {
        id: lived.analysis,
        name: "March",
        facility: Some(lived.facility),
        repeats: None,
        configuration: Some((lived.configuration, 2)),
        settings: &settings,
        datasets: &[lived.dataset],
    };
    assert_eq!(analyses::insert(&mut tx, &new).await.unwrap().state, AnalysisState::Queued);
    let (failed, cancelled) = (AnalysisId(Uuid::new_v4()), AnalysisId(Uuid::new_v4()));
    for id in [failed, cancelled] {
        analyses::insert(&mut tx, &NewAnalysis { id, repeats: Some(lived.analysis), ..new.clone() })
            .await
            .unwrap();
    }
    assert!(analyses::cancel(&mut tx, cancelled).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = database.store.begin(&org.worker()).await.unwrap();
    assert!(analyses::set_running(&mut tx, lived.analysis).await.unwrap());
    assert!(analyses::set_progress(&mut tx, lived.analysis, &json!({"done": 0.5})).await.unwrap());
    assert!(!analyses::set_running(&mut tx, cancelled).await.unwrap());
    assert!(analyses::fail(&mut tx, failed, "no rows").await.unwrap());
    let found = vec![
        finding(lived.finding, "steel", lived.file),
        finding(FindingId(Uuid::new_v4()), "copper", lived.file),
    ];
    assert_eq!(findings::replace_all(&mut tx, lived.analysis, &found).await.unwrap(), 2);
    assert_eq!(findings::replace_all(&mut tx, lived.analysis, &found).await.unwrap(), 2);
    let totals = Totals {
        data_tier: 3,
        analyzers_run: &["material_price".to_owned()],
        currency: Some("EUR"),
        rows_read: 5,
        rows_used: 4,
        planned_cost: Some(1000.into()),
        actual_cost: Some("1200.5".parse().unwrap()),
        variance: Some("200.5".parse().unwrap()),
        explained: None,
        remainder: None,
        findings: 2,
        document: &json!({"kpis": []}),
        document_key: Some("a/1"),
    };
    assert!(analyses::complete(&mut tx, lived.analysis, &totals).await.unwrap());
    assert!(!analyses::complete(&mut tx, lived.analysis, &totals).await.unwrap());
    reviews::insert(&mut tx, lived.analysis).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = database.store.begin(&org.reviewer).await.unwrap();
    let run = analyses::get(&mut tx, lived.analysis).await.unwrap().unwrap();
    assert_eq!((run.state, run.actual_cost), (AnalysisState::Completed, totals.actual_cost));
    assert_eq!(analyses::datasets(&mut tx, lived.analysis).await.unwrap(), [lived.dataset]);
    let filter = analyses::Filter {
        state: Some(AnalysisState::Completed),
        facility: Some(lived.facility),
        dataset: Some(lived.dataset),
    };
    assert_eq!(analyses::list(&mut tx, filter, Page::default()).await.unwrap().items.len(), 1);
    let here = Some(lived.facility);
    for (facility, kept, fell_behind) in
        [(here, 0, vec![lived.analysis]), (here, 1, Vec::new()), (None, 0, Vec::new())]
    {
        assert_eq!(
            analyses::behind(&mut tx, facility, kept).await.unwrap(),
            fell_behind,
            "{facility:?} {kept}"
        );
    }
    let over = analyses::over(&mut tx, lived.dataset).await.unwrap();
    assert_eq!((over.len(), over.contains(&lived.analysis)), (3, true));
    assert!(analyses::delete(&mut tx, cancelled).await.unwrap());
    let steel = findings::get(&mut tx, lived.finding).await.unwrap().unwrap();
    assert_eq!(steel.impact, found[0].impact);
    assert_eq!(steel.start_on, found[0].start_on);
    assert_eq!(steel.document, json!({"observations": ["x␀y"]}));
    assert_eq!(findings::get_by_key(&mut tx, lived.analysis, "steel").await.unwrap(), Some(steel));
    let filter = findings::Filter {
        type_: Some("material_price_variance".to_owned()),
        entity: Some(("supplier_id".to_owned(), "S03".to_owned())),
        after_position: Some(0),
    };
    assert_eq!(findings::list(&mut tx, lived.analysis, &filter, 50).await.unwrap()[0].key, "copper");
    let rows = findings::evidence(&mut tx, lived.finding, 1, 10).await.unwrap();
    assert_eq!((rows.len(), rows[0].file_row, &rows[0].cells), (2, 8215, &json!({"Price": "1␀"})));
    let standing = status::get(&mut tx, "steel").await.unwrap().unwrap();
    assert_eq!((standing.status, standing.expected), (Status::New, Some(60_480.into())));
    let form = StatusForm {
        status: Status::Verified,
        owner: org.analyst.user(),
        due_on: Some(jiff::civil::date(2026, 4, 1)),
        reason: "renegotiated",
        captured: Some(50_000.into()),
    };
    assert!(status::update(&mut tx, "steel", standing.version, &form).await.unwrap().is_some());
    assert!(status::update(&mut tx, "steel", standing.version, &form).await.unwrap().is_none());
    assert_eq!(status::history(&mut tx, "steel").await.unwrap()[0].number, 1);
    assert_eq!(
        status::list_by_keys(&mut tx, &["steel".to_owned(), "tin".to_owned()]).await.unwrap().len(),
        1
    );
    let entities = json!([{"field": "supplier_id", "value": "S03"}]);
    let accepted = NewOpportunity {
        key: "steel",
        facility: Some(lived.facility),
        title: "Steel costs more",
        type_: "material_price_variance",
        entities: &entities,
        problem_since: Some(jiff::civil::date(2026, 1, 5)),
        currency: Some("USD"),
        promised: Some(60_480.into()),
    };
    opportunities::insert(&mut tx, &accepted).await.unwrap();
    opportunities::insert(&mut tx, &NewOpportunity { promised: Some(1.into()), ..accepted }).await.unwrap();
    assert!(
        opportunities::update(&mut tx, "steel", Some(jiff::civil::date(2026, 3, 2)), "new price")
            .await
            .unwrap()
    );
    let kept = opportunities::get(&mut tx, "steel").await.unwrap().unwrap();
    assert_eq!((kept.promised, kept.status), (Some(60_480.into()), Status::Verified));
    assert!(opportunities::get(&mut tx, "tin").await.unwrap().is_none());
    let totals = status::totals(&mut tx).await.unwrap();
    assert_eq!(
        totals.iter().map(|total| (total.status, total.findings)).collect::<Vec<_>>(),
        [(Status::New, 1), (Status::Verified, 1)]
    );
    assert_eq!(reviews::list(&mut tx, ReviewState::Pending).await.unwrap().len(), 1);
    let review = reviews::get(&mut tx, lived.analysis).await.unwrap().unwrap();
    let form = ReviewForm {
        state: ReviewState::Published,
        reviewer: org.reviewer.user(),
        checklist: &json!({"sums": true}),
        notes: "fine",
        now: now(),
    };
    let review = reviews::update(&mut tx, lived.analysis, review.version, &form).await.unwrap().unwrap();
    assert_eq!(review.published_at, Some(now()));
    let edit = reviews::NewEdit { key: "steel", hidden: true, title: "", note: "not theirs" };
    reviews::put_edit(&mut tx, lived.analysis, &edit).await.unwrap();
    assert!(reviews::edits(&mut tx, lived.analysis).await.unwrap()[0].hidden);
    tx.commit().await.unwrap();

    let mut tx = database.store.begin(&org.viewer).await.unwrap();
    let (user, id) = (org.viewer.user().unwrap(), lived.conversation);
    conversations::insert(&mut tx, id, user, Some(lived.analysis), "Why steel?").await.unwrap();
    let document = json!({"cites": ["steel"]});
    for (number, author) in [(1, Author::User), (2, Author::Tool), (3, Author::Assistant)] {
        let new = NewMessage { author, body: "text\0", document: &document, tokens_in: 1, tokens_out: 2 };
        assert_eq!(conversations::add_message(&mut tx, user, id, &new).await.unwrap(), Some(number));
        // Another person of the same organisation does not write into it.
        let other = org.owner.user().unwrap();
        assert_eq!(conversations::add_message(&mut tx, other, id, &new).await.unwrap(), None);
    }
    let answer = NewReportAnswer {
        id: Uuid::new_v4(),
        analysis: lived.analysis,
        said: (id, 3),
        question: "Why steel?",
        body: "text",
        document: &document,
    };
    assert!(report_answers::insert(&mut tx, &answer, Some(user)).await.unwrap().is_some());
    assert!(
        report_answers::insert(&mut tx, &answer, Some(user)).await.unwrap().is_none(),
        "it is there already"
    );
    keep_views(&mut tx, user, org.owner.user().unwrap()).await;
    let said = conversations::messages(&mut tx, id, Some(3), 1).await.unwrap();
    assert_eq!((said.len(), said[0].author, said[0].body.as_str()), (1, Author::Tool, "text␀"));
    assert!(conversations::set_title(&mut tx, user, id, None, "Steel").await.unwrap());
    assert!(!conversations::set_title(&mut tx, user, id, Some(9_999), "Stale").await.unwrap());
    assert_eq!(conversations::get(&mut tx, user, id).await.unwrap().unwrap().messages, 3);
    let listing = conversations::list(&mut tx, user, Some(lived.analysis), Page::default()).await.unwrap();
    assert_eq!(listing.items.len(), 1);
    let spare = ConversationId(Uuid::new_v4());
    conversations::insert(&mut tx, spare, user, None, "").await.unwrap();
    assert_eq!(conversations::delete(&mut tx, user, &[spare]).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn machinery(database: &Database, org: &Org, lived: &Lived) {
    let store = &database.store;
    let mut tx = store.begin(&org.analyst).await.unwrap();
    let key = Key { principal: "user:1", operation: "POST /x", key: "k", request_hash: &[3; 32] };
    assert_eq!(idempotency::take(&mut tx, key).await.unwrap(), Known::New);
    idempotency::keep(&mut tx, key, 201, &json!({"id": 1})).await.unwrap();
    let again = idempotency::take(&mut tx, key).await.unwrap();
    assert_eq!(again, Known::Answered { status: 201, response: json!({"id": 1}) });
    let other = Key { request_hash: &[4; 32], ..key };
    assert_eq!(idempotency::take(&mut tx, other).await.unwrap(), Known::Different);
    assert_eq!(idempotency::prune(&mut tx).await.unwrap(), 0);

    assert!(matches!(
        usage::take(&mut tx, Meter::Uploads, 1, now()).await.unwrap(),
        Taken::Done { used: 1, .. }
    ));
    usage::refund(&mut tx, Meter::Uploads, 1, now()).await.unwrap();
    assert_eq!(usage::used(&mut tx, Meter::Uploads, now()).await.unwrap(), 0);
    assert!(usage::record_event(&mut tx, UsageType::CsvUpload, "file:1", 1).await.unwrap());
    assert!(!usage::record_event(&mut tx, UsageType::CsvUpload, "file:1", 1).await.unwrap());
    let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    assert_eq!(usage::totals(&mut tx, from, until).await.unwrap()[0].quantity, 1);
    assert_eq!(usage::subscription(&mut tx).await.unwrap(), None);
    let (notice, facts) = (Uuid::new_v4(), json!({"meter": "uploads"}));
    assert!(notices::raise(&mut tx, notice, "limit.near", "uploads/1", &facts, "t1").await.unwrap());
    let again = Uuid::new_v4();
    assert!(!notices::raise(&mut tx, again, "limit.near", "uploads/1", &facts, "t1").await.unwrap());
    assert_eq!(notices::get(&mut tx, notice).await.unwrap().unwrap().facts, facts);
    assert_eq!(notices::list(&mut tx, 10).await.unwrap().len(), 1);
    let (endpoint, source) = (Uuid::new_v4(), Uuid::new_v4());
    let new = sources::NewSource {
        id: source,
        name: "Monthly",
        kind: sources::SourceKind::Push,
        place: "",
        secret: None,
        facility: Some(lived.facility),
        every_minutes: 15,
        next_at: now(),
    };
    sources::insert(&mut tx, &new).await.unwrap();
    assert_eq!(sources::get(&mut tx, source).await.unwrap().unwrap().facility_id, Some(lived.facility));
    let new = NewModelSetting {
        answers: true,
        mapping: false,
        provider: Provider::OpenAi,
        address: "",
        model: "m-1",
        secret: Some(b"sealed"),
        tokens_max: Some(1_000),
        money_max: None,
        price_read: None,
        price_written: None,
        patience_seconds: 8,
    };
    let set = models::set(&mut tx, None, &new).await.unwrap().unwrap();
    assert_eq!(models::set(&mut tx, Some(set.version + 1), &new).await.unwrap(), None);
    assert_eq!(models::get(&mut tx).await.unwrap().unwrap().secret.as_deref(), Some(&b"sealed"[..]));
    let most = Spent { tokens: 600, ..Spent::default() };
    assert!(models::reserve(&mut tx, most, Some(1_000), None, now()).await.unwrap());
    assert!(!models::reserve(&mut tx, most, Some(1_000), None, now()).await.unwrap());
    let real = Spent { tokens: 100, ..Spent::default() };
    models::settle(&mut tx, most, real, now()).await.unwrap();
    assert!(models::reserve(&mut tx, most, Some(1_000), None, now()).await.unwrap());
    assert_eq!(models::spending(&mut tx, now()).await.unwrap().tokens, 700);
    webhooks::insert(&mut tx, endpoint, "https://example.com", &[], b"sealed").await.unwrap();
    assert_eq!(webhooks::list(&mut tx).await.unwrap().len(), 1);
    assert!(webhooks::set_active(&mut tx, endpoint, true).await.unwrap());
    let (share, schedule) = (ShareId(Uuid::new_v4()), Uuid::new_v4());
    let new = shares::NewShare {
        id: share,
        analysis: lived.analysis,
        finding: Some(lived.finding),
        token_hash: &[9; 32],
        password_hash: None,
        expires_at: now(),
    };
    shares::insert(&mut tx, &new).await.unwrap();
    assert!(shares::revoke(&mut tx, share, now()).await.unwrap());
    assert!(!shares::revoke(&mut tx, share, now()).await.unwrap());
    assert_eq!(shares::get(&mut tx, share).await.unwrap().unwrap().revoked_at, Some(now()));
    assert_eq!(shares::page(&mut tx, Page::default()).await.unwrap().items.len(), 1);
    let new = reports::NewSchedule {
        id: schedule,
        name: "Monday review",
        every: reports::Every::Week,
        day: 1,
        hour: 6,
        time_zone: "Europe/Berlin",
        language: "de",
        format: reports::Format::Pdf,
        facility: Some(lived.facility),
        recipients: &["a@example.com".to_owned()],
        next_at: now(),
    };
    assert_eq!(reports::insert_schedule(&mut tx, &new).await.unwrap().recipients, ["a@example.com"]);
    assert_eq!(reports::schedules(&mut tx).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let mut tx = store.begin(&org.worker()).await.unwrap();
    let due = reports::due(&mut tx, now()).await.unwrap();
    assert_eq!(due.iter().map(|one| one.id).collect::<Vec<_>>(), [schedule]);
    reports::set_next(&mut tx, schedule, now() + SignedDuration::from_hours(24)).await.unwrap();
    reports::set_trouble(&mut tx, schedule, "").await.unwrap();
    let made = reports::Report {
        id: Uuid::new_v4(),
        schedule_id: schedule,
        due_at: now(),
        analysis_id: lived.analysis,
        name: "Monday review.pdf".to_owned(),
        format: reports::Format::Pdf,
        document_key: "k".to_owned(),
        bytes: 1,
        created_at: now(),
    };
    assert!(reports::insert(&mut tx, &made).await.unwrap());
    let again = reports::Report { id: Uuid::new_v4(), ..made.clone() };
    assert!(!reports::insert(&mut tx, &again).await.unwrap(), "once for a moment");
    assert_eq!(reports::of_schedule(&mut tx, schedule).await.unwrap().len(), 1);
    assert_eq!(reports::page(&mut tx, Page::default()).await.unwrap().items.len(), 1);
    assert!(reports::get(&mut tx, made.id).await.unwrap().is_some());
    assert!(reports::schedule(&mut tx, schedule).await.unwrap().is_some());
    tx.commit().await.unwrap();
    let mut tx = store.begin(&org.worker()).await.unwrap();
    let delivery = Uuid::new_v4();
    assert!(webhooks::insert_delivery(&mut tx, delivery, endpoint, notice).await.unwrap());
    assert!(!webhooks::insert_delivery(&mut tx, Uuid::new_v4(), endpoint, notice).await.unwrap());
    assert!(sources::due(&mut tx, now()).await.unwrap().is_empty(), "a pushed source is never due");
    let state = sources::SourceFileState::Taken;
    assert!(sources::take(&mut tx, source, "a.csv", "m1", Some(lived.dataset), state, "").await.unwrap());
    assert!(!sources::take(&mut tx, source, "a.csv", "m1", None, state, "").await.unwrap());
    assert!(sources::is_known(&mut tx, source, "a.csv", "m1").await.unwrap());
    assert!(!sources::is_known(&mut tx, source, "a.csv", "m2").await.unwrap());
    let state = sources::SourceFileState::Analyzed;
    assert!(sources::set_state(&mut tx, lived.dataset, state, "").await.unwrap());
    assert_eq!(sources::files(&mut tx, source, 9).await.unwrap()[0].state, state);
    let state = webhooks::DeliveryState::Delivered;
    assert!(webhooks::record_attempt(&mut tx, delivery, state, 200, "taken").await.unwrap());
    assert_eq!(webhooks::get_delivery(&mut tx, delivery).await.unwrap().unwrap().attempts, 1);
    tx.commit().await.unwrap();
    let mut tx = store.begin(&org.analyst).await.unwrap();

    let event = Event::new("file.create", Outcome::Done)
        .on("file", lived.file)
        .traced("t1")
        .detail("bytes", 10)
        .about(org.viewer.user(), "Vera")
        .from_address("192.0.2.1", "Firefox\0");
    let seq = audit::record(&mut tx, &event).await.unwrap();
    audit::record_all(&mut tx, &[event.clone(), Event::new("file.read", Outcome::Denied)]).await.unwrap();
    let filter = audit::Filter {
        actor_id: org.analyst.user().map(|user| user.to_string()),
        action: Some("file.".to_owned()),
        resource_type: Some("file".to_owned()),
        resource_id: Some(lived.file.to_string()),
        outcome: Some(Outcome::Done),
        from: Some(from),
        until: Some(until),
        before_seq: Some(seq + 1),
    };
    let rows = audit::list(&mut tx, &filter, 10).await.unwrap();
    assert_eq!((rows.len(), rows[0].seq, rows[0].address.as_deref()), (1, seq, Some("192.0.2.1")));
    let filter = audit::Filter { action: Some("file.read".to_owned()), ..audit::Filter::default() };
    assert_eq!(audit::list(&mut tx, &filter, 10).await.unwrap().len(), 1);

    let mut new = NewJob::new(lived.job, "import", json!({"dataset": "1\0"}));
    new.unique_key = Some("dataset:1");
    new.priority = 5;
    assert_eq!(jobs::enqueue(&mut tx, &new).await.unwrap(), lived.job);
    let twin = NewJob { id: JobId(Uuid::new_v4()), ..new.clone() };
    assert_eq!(jobs::enqueue(&mut tx, &twin).await.unwrap(), lived.job);
    let (dead, waiting) = (JobId(Uuid::new_v4()), JobId(Uuid::new_v4()));
    jobs::enqueue(&mut tx, &NewJob::new(dead, "import", Value::Null)).await.unwrap();
    let late = NewJob { delay: SignedDuration::from_hours(1), ..NewJob::new(waiting, "import", Value::Null) };
    jobs::enqueue(&mut tx, &late).await.unwrap();
    tx.commit().await.unwrap();

    let claim = store.claim("w1", &["import"], jobs::LEASE, 10).await.unwrap().unwrap();
    assert_eq!((claim.org, claim.job.id, &claim.job.payload["dataset"]), (org.id, lived.job, &json!("1␀")));
    assert!(store.claim("w1", &["other"], jobs::LEASE, 10).await.unwrap().is_none());
    assert!(store.claim("w1", &["import"], jobs::LEASE, 1).await.unwrap().is_none(), "the cap holds");
    assert!(
        store.queue_depth().await.unwrap().iter().any(|queue| queue.state == "running" && queue.jobs == 1)
    );
    assert_eq!(store.rescue_jobs().await.unwrap(), 0);
    let mut tx = store.begin(&claim.actor()).await.unwrap();
    assert_eq!(jobs::beat(&mut tx, &claim, jobs::LEASE).await.unwrap(), Pulse::Held);
    assert!(jobs::set_progress(&mut tx, &claim, &json!({"rows": 3})).await.unwrap());
    assert_eq!(jobs::finish(&mut tx, &claim, &Done::Completed).await.unwrap(), JobState::Completed);
    tx.commit().await.unwrap();
    let claim = store.claim("w1", &["import"], jobs::LEASE, 10).await.unwrap().unwrap();
    let mut tx = store.begin(&claim.actor()).await.unwrap();
    let done = Done::GiveUp { reason: "not a table".to_owned() };
    assert_eq!(jobs::finish(&mut tx, &claim, &done).await.unwrap(), JobState::Failed);
    tx.commit().await.unwrap();
    let mut tx = store.begin(&org.admin).await.unwrap();
    let failed = jobs::list(&mut tx, Some(JobState::Failed), Page::default()).await.unwrap();
    assert_eq!((failed.items.len(), failed.items[0].reason.as_deref()), (1, Some("not a table")));
    assert_eq!(jobs::cancel(&mut tx, waiting).await.unwrap(), Some(JobState::Cancelled));
    assert_eq!(jobs::cancel(&mut tx, JobId(Uuid::new_v4())).await.unwrap(), None);
    assert!(jobs::retry(&mut tx, dead).await.unwrap());
    assert_eq!(jobs::get(&mut tx, dead).await.unwrap().unwrap().state, JobState::Queued);
    jobs::cancel(&mut tx, dead).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.release_jobs("w1").await.unwrap(), 0);
    assert!(store.active_orgs().await.unwrap().contains(&org.id));
    assert_eq!(store.prune_idempotency_keys().await.unwrap(), 0);
    assert_eq!(store.prune_jobs(std::time::Duration::ZERO).await.unwrap(), 0);
    assert!(
        store.take_rate(&format!("org:{}", org.id), 2, SignedDuration::from_secs(60)).await.unwrap().allowed
    );
    assert_eq!(store.prune_rates(std::time::Duration::from_hours(1)).await.unwrap(), 0);
}

#[tokio::test]
async fn an_organisation_lives_through_everything() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "unlimited").await;
    live(&database, &org).await;
    database.store.close().await;
}

/// One of a person stays; nobody else sees it before it is shared.
async fn keep_views(tx: &mut store::Tx, user: UserId, other: UserId) {
    let new =
        NewFindingView { id: Uuid::new_v4(), name: "Turning", query: "place=T-7&group=part", shared: false };
    let kept = finding_views::insert(tx, user, &new).await.unwrap();
    assert_eq!((kept.name.as_str(), kept.owner_id, kept.shared), ("Turning", user, false));
    assert!(finding_views::list(tx, other).await.unwrap().is_empty());
    assert!(finding_views::update(tx, new.id, "Turning shop", true).await.unwrap());
    assert_eq!(finding_views::list(tx, other).await.unwrap()[0].name, "Turning shop");
    assert_eq!(finding_views::get(tx, new.id).await.unwrap().unwrap().query, new.query);
    let own = NewFindingView { id: Uuid::new_v4(), name: "Mine", ..new };
    let spare = NewFindingView { id: Uuid::new_v4(), name: "Spare", ..new };
    finding_views::insert(tx, other, &own).await.unwrap();
    finding_views::insert(tx, user, &spare).await.unwrap();
    assert_eq!(finding_views::delete_private(tx, other).await.unwrap(), 1);
    assert!(finding_views::delete(tx, spare.id).await.unwrap());
    assert_eq!(finding_views::list(tx, user).await.unwrap().len(), 1);
}
