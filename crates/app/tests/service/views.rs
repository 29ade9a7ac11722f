//! Views of the list of findings: whose they are, who sees them, who changes them.

use app::{Error, findings::views};
use domain::Role;

use super::house::{House, caller};

#[tokio::test]
async fn a_view_is_ones_own_until_it_is_shared_and_changed_by_its_owner_or_an_admin() {
    let Some(house) = House::open().await else { return };
    let backing = &house.backing;
    let (analyst, viewer) = (&house.caller, caller(&house.org.viewer));
    let admin = caller(&house.org.admin);
    let kept = views::keep(backing, analyst, " Turning ", "place=T-7&group=part", false).await.unwrap();
    assert_eq!(kept.name, "Turning");
    let again = views::keep(backing, analyst, "turning", "group=owner", false).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    for (name, query) in [("", "group=part"), ("No filters", "")] {
        let refused = views::keep(backing, analyst, name, query, false).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{name}: {refused:?}");
    }

    // Nobody else sees it, and it is not there for them.
    assert!(views::list(backing, &viewer).await.unwrap().is_empty());
    for other in [&viewer, &admin] {
        let gone = views::delete(backing, other, kept.id).await;
        assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    }
    // The same name for somebody else; sharing takes an analyst.
    let own = views::keep(backing, &viewer, "Turning", "group=owner", false).await.unwrap();
    let refused = views::update(backing, &viewer, own.id, "Turning", true).await;
    assert!(matches!(refused, Err(Error::Forbidden { needed: Role::Analyst })), "{refused:?}");

    let shared = views::update(backing, analyst, kept.id, "Turning shop", true).await.unwrap();
    assert!(shared.shared && shared.name == "Turning shop");
    let seen = views::list(backing, &viewer).await.unwrap();
    let told: Vec<(&str, bool, bool)> =
        seen.iter().map(|one| (one.view.name.as_str(), one.own, one.may_change)).collect();
    assert_eq!(told, [("Turning", true, true), ("Turning shop", false, false)]);
    let refused = views::update(backing, &viewer, kept.id, "Mine", true).await;
    assert!(matches!(refused, Err(Error::Forbidden { needed: Role::Admin })), "{refused:?}");
    views::delete(backing, &admin, kept.id).await.unwrap();

    // What somebody kept for themselves goes with them.
    let leaving = house.org.viewer.user().unwrap();
    app::members::remove(&house.desk(), &admin, leaving).await.unwrap();
    let mut tx = backing.store.begin(&house.org.admin).await.unwrap();
    assert_eq!(store::finding_views::get(&mut tx, own.id).await.unwrap(), None);
}
