//! The demo organisation: the sample plant in an organisation of its own, apart from every customer. Who looks at it sees the
//! product at work, and nothing of it ends up among their own data.

use domain::{
    Actor, Role,
    actor::Means,
    id::{DatasetId, OrgId},
};
use store::{
    Page,
    audit::{self, Event, Outcome},
    gate::{self, memberships::MembershipSource},
    orgs::OrgKind,
};
use uuid::Uuid;

use crate::{Caller, Error, accounts::Desk, datasets, facilities, sample};

/// The demo organisation of a person, and the import in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    pub org: OrgId,
    pub dataset: DatasetId,
}

/// Opens the person's demo organisation: made at the first time under this name, found again afterwards.
pub async fn open(desk: &Desk, caller: &Caller, name: &str) -> Result<Demo, Error> {
    let Means::Session { user, .. } = caller.actor.means else {
        return Err(Error::Conflict("this is only for somebody who signed in with a browser".to_owned()));
    };
    let mut gate = desk.backing.store.gate().await?;
    let belongings = gate::memberships::list(&mut gate, user).await?;
    let mut found = None;
    for one in belongings {
        let org = gate::orgs::get(&mut gate, one.org_id).await?;
        if org.is_some_and(|org| org.kind == OrgKind::Demo) {
            found = Some(one.org_id);
            break;
        }
    }
    let org = if let Some(org) = found {
        org
    } else {
        let person = gate::users::get(&mut gate, user).await?.ok_or(Error::NotFound("account"))?;
        let org = OrgId(Uuid::now_v7());
        gate::orgs::insert(&mut gate, org, name, OrgKind::Demo, "unlimited", None).await?;
        // One's own to try everything out in.
        let (role, source) = (Role::Owner, MembershipSource::Local);
        gate::memberships::put(&mut gate, user, role, source, &person.email, &person.name).await?;
        let event = Event::new("org.create", Outcome::Done)
            .by(&caller.actor)
            .on("org", org)
            .traced(caller.trace.to_string())
            .detail("kind", "demo");
        audit::record(&mut gate, &event).await?;
        gate.commit().await?;
        desk.forget_recent();
        org
    };
    let actor = Actor { org, role: Role::Owner, means: caller.actor.means.clone() };
    let acting = Caller::new(actor, caller.trace, caller.address);
    let known = datasets::list(&desk.backing, &acting, None, Page::first(1)).await?.items.into_iter().next();
    let dataset = if let Some(dataset) = known {
        dataset.id
    } else {
        let plants = facilities::list(&desk.backing, &acting, false).await?;
        let plant = if let Some(plant) = plants.into_iter().next() {
            plant
        } else {
            let form = facilities::Form { name: Some(name.to_owned()), ..facilities::Form::default() };
            facilities::create(&desk.backing, &acting, &form).await?
        };
        sample::open(&desk.backing, &acting, Some(plant.id), name).await?.dataset.id
    };
    Ok(Demo { org, dataset })
}
