//! Its files, datasets and saved mappings.

use domain::id::*;
use jiff::Timestamp;
use serde_json::json;
use store::datasets::{self, DatasetState, Facts, MappingState, NewDataset};
use store::files::{self, FileState, NewFile, pieces};
use store::profiles::{self, NewVersion, ProfileForm as MappingForm};
use store::rule_templates::{self, NewRuleTemplate};
use store::{Error, Page};
use testkit::{Database, Org};
use uuid::Uuid;

use super::{Lived, now};

pub(super) async fn live(database: &Database, org: &Org, lived: &Lived) {
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
