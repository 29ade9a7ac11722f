//! Customers: listed, shown, made and changed.

use app::{
    Caller,
    accounts::Desk,
    analyses, facilities, mapping_profiles,
    operation::{
        self,
        customers::{self, Form},
    },
};
use domain::id::OrgId;
use store::{Page, analyses::Filter, operator::customers::CustomerStatus};

use super::said::Said;
use crate::{cli::operate::CustomerChange, failure::Failure};

/// Where nobody has noted another number.
const UPLOADS_OF_A_PILOT: i64 = 10;

pub(super) async fn list(
    desk: &Desk,
    caller: &Caller,
    search: &str,
    status: Option<&str>,
) -> Result<Said, Failure> {
    let status = match status {
        None => None,
        Some(name) => Some(
            CustomerStatus::parse(name)
                .ok_or_else(|| Failure::Usage("a status is trial, active or inactive".to_owned()))?,
        ),
    };
    let found = customers::list(desk, caller, search, status).await?;
    let rows = found.iter().map(|one| {
        let verified = one.savings.iter().map(|sum| {
            format!("{} {}", sum.verified, sum.currency.as_deref().unwrap_or_default()).trim().to_owned()
        });
        vec![
            one.org.org_id.to_string(),
            one.org.name.clone(),
            one.org.plan.clone(),
            one.org.state.name().to_owned(),
            one.customer.as_ref().map(|noted| noted.status.name().to_owned()).unwrap_or_default(),
            verified.collect::<Vec<_>>().join(", "),
            one.days_left.map(|days| days.to_string()).unwrap_or_default(),
        ]
    });
    let heads = ["id", "name", "plan", "state", "status", "verified_savings", "days_left"];
    Ok(Said::list(&heads, rows.collect()))
}

pub(super) async fn count(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
    let counted = customers::count(desk, caller).await?;
    let facts = vec![
        ("reviews_waiting", counted.reviews_waiting.to_string()),
        ("pilots", counted.pilots.to_string()),
        ("guarantees_met", counted.guarantees_met.to_string()),
    ];
    let sums = counted.verified.into_iter();
    let verified = sums.map(|(currency, sum)| vec![currency.unwrap_or_default(), sum.to_string()]).collect();
    Ok(Said::one(facts, vec![("verified_savings", Said::list(&["currency", "amount"], verified))]))
}

pub(super) async fn show(desk: &Desk, caller: &Caller, id: OrgId, reason: &str) -> Result<Said, Failure> {
    let (known, has) = customers::get(desk, caller, id, reason).await?;
    let acting = operation::act_in(desk, caller, id, reason).await?;
    let backing = &desk.backing;
    let plants = facilities::list(backing, &acting, false).await?;
    let profiles = mapping_profiles::list(backing, &acting, None, Page::first(20)).await?.items;
    let runs = analyses::list(backing, &acting, Filter::default(), Page::first(20)).await?.items;
    let noted = known.customer.as_ref();
    let text = |of: fn(&store::operator::customers::Customer) -> String| noted.map(of).unwrap_or_default();
    let verified = known.savings.iter().map(|sum| {
        format!("{} {}", sum.verified, sum.currency.as_deref().unwrap_or_default()).trim().to_owned()
    });
    let facts = vec![
        ("id", id.to_string()),
        ("organization", known.org.name.clone()),
        ("plan", known.org.plan.clone()),
        ("state", known.org.state.name().to_owned()),
        ("reviewed", known.org.reviewed.to_string()),
        ("name", text(|one| one.name.clone())),
        ("contact_name", text(|one| one.contact_name.clone())),
        ("contact_email", text(|one| one.contact_email.clone())),
        ("contact_phone", text(|one| one.contact_phone.clone())),
        ("address", text(|one| one.address.clone())),
        ("notes", text(|one| one.notes.clone())),
        ("pays", text(|one| one.plan.name().to_owned())),
        ("status", text(|one| one.status.name().to_owned())),
        ("csv_upload_limit", text(|one| one.csv_upload_limit.to_string())),
        ("savings_target", text(|one| one.savings_target.to_string())),
        ("pilot_ends_on", text(|one| one.pilot_ends_on.map(|day| day.to_string()).unwrap_or_default())),
        ("days_left", known.days_left.map(|days| days.to_string()).unwrap_or_default()),
        ("verified_savings", verified.collect::<Vec<_>>().join(", ")),
        ("members", has.members.to_string()),
        ("files", has.files.to_string()),
        ("findings_accepted", has.accepted.to_string()),
    ];
    let plants = plants.into_iter().map(|one| vec![one.id.to_string(), one.name, one.currency]);
    let profiles = profiles.into_iter().map(|one| vec![one.id.to_string(), one.name, one.source_system]);
    let runs = runs.into_iter().map(|run| {
        vec![run.id.to_string(), run.name, run.state.name().to_owned(), run.created_at.to_string()]
    });
    let parts = vec![
        ("facilities", Said::list(&["id", "name", "currency"], plants.collect())),
        ("mapping_profiles", Said::list(&["id", "name", "source_system"], profiles.collect())),
        ("analyses", Said::list(&["id", "name", "state", "created_at"], runs.collect())),
    ];
    Ok(Said::one(facts, parts))
}

pub(super) async fn create(
    desk: &Desk,
    caller: &Caller,
    name: &str,
    email: &str,
    plan: &str,
) -> Result<Said, Failure> {
    let link = customers::create(desk, caller, name, email, plan).await?;
    Ok(Said::one(vec![("sign_in_link", link)], Vec::new()))
}

/// Changes what is given; the rest stays as somebody noted it, or begins as on the console's page.
pub(super) async fn edit(desk: &Desk, caller: &Caller, change: CustomerChange) -> Result<Said, Failure> {
    let id = super::org(&change.organization)?;
    let (known, _) = customers::get(desk, caller, id, &change.reason).await?;
    let before = known.customer;
    let text = |given: Option<String>, of: fn(&store::operator::customers::Customer) -> &str| {
        given.unwrap_or_else(|| before.as_ref().map(of).unwrap_or_default().to_owned())
    };
    let target = match &change.savings_target {
        Some(amount) => amount
            .parse()
            .map_err(|_| Failure::Usage(format!("{amount:?} is no amount; write one as in 50000")))?,
        None => before.as_ref().map(|one| one.savings_target).unwrap_or_default(),
    };
    let ends = match &change.pilot_ends_on {
        Some(day) => Some(
            day.parse()
                .map_err(|_| Failure::Usage(format!("{day:?} is no day; write one as in 2026-12-31")))?,
        ),
        None => before.as_ref().and_then(|one| one.pilot_ends_on),
    };
    let organization = known.org.name.clone();
    let form = Form {
        name: change
            .name
            .or_else(|| before.as_ref().map(|one| one.name.clone()))
            .unwrap_or_else(|| organization.clone()),
        contact_name: text(change.contact_name, |one| &one.contact_name),
        contact_email: text(change.contact_email, |one| &one.contact_email),
        contact_phone: text(change.contact_phone, |one| &one.contact_phone),
        address: text(change.address, |one| &one.address),
        notes: text(change.notes, |one| &one.notes),
        pays: change
            .pays
            .unwrap_or_else(|| before.as_ref().map_or("pilot", |one| one.plan.name()).to_owned()),
        status: change
            .status
            .unwrap_or_else(|| before.as_ref().map_or("trial", |one| one.status.name()).to_owned()),
        plan: change.plan.unwrap_or_else(|| known.org.plan.clone()),
        csv_upload_limit: change
            .csv_upload_limit
            .or(before.as_ref().map(|one| one.csv_upload_limit))
            .unwrap_or(UPLOADS_OF_A_PILOT),
        savings_target: target,
        pilot_ends_on: ends,
        reviewed: change.reviewed.unwrap_or(known.org.reviewed),
        version: before.as_ref().map_or(0, |one| one.version),
    };
    let after = customers::save(desk, caller, id, &form, &change.reason).await?;
    Ok(Said::done(&format!("{} is noted as {}, {}", after.name, after.plan.name(), after.status.name())))
}
