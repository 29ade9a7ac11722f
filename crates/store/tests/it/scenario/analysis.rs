//! Its analyses, findings and conversations.

use domain::id::*;
use serde_json::json;
use store::Page;
use store::analyses::reviews::{self, ReviewForm, ReviewState};
use store::analyses::{self, AnalysisState, NewAnalysis, Totals};
use store::configurations::{self, ConfigurationForm};
use store::conversations::{self, Author, NewMessage};
use store::finding_views::{self, NewFindingView};
use store::findings::status::{self, Status, StatusForm};
use store::findings::{self, NewEvidence, NewFinding};
use store::opportunities::{self, NewOpportunity};
use store::report_answers::{self, NewReportAnswer};
use testkit::{Database, Org};
use uuid::Uuid;

use super::{Lived, now};

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

pub(super) async fn live(database: &Database, org: &Org, lived: &Lived) {
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
    let completed = analyses::completed(&mut tx, 10).await.unwrap();
    let [only] = completed.as_slice() else { panic!("{completed:?}") };
    assert_eq!((only.id, only.datasets.as_slice()), (lived.analysis, &[lived.dataset.0][..]));
    assert_eq!((only.name.as_str(), only.currency.as_deref()), ("March", Some("EUR")));
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
