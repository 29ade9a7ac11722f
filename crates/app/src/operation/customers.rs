//! The installation's customers: what the operator knows of them, and what they have.

use domain::id::{OrgId, UserId};
use jiff::{civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use store::{
    Page,
    analyses::{AnalysisState, Filter},
    audit::{self, Event, Outcome},
    operator::{
        customers::{self, Customer, CustomerForm, CustomerPlan, CustomerStatus},
        orgs, plans, running,
    },
    orgs::{Org, OrgKind},
};

use super::{begin, checked, present, reviews};
use crate::{
    Caller, Error,
    accounts::{Desk, links},
    deed,
    error::Flaw,
    findings::calibration::{self, Calibration},
};

/// An organisation with what is noted of it as a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub org: Org,
    /// None until somebody notes something.
    pub customer: Option<Customer>,
    pub savings: Vec<running::Savings>,
    /// Days until the pilot ends; below zero once it has.
    pub days_left: Option<i64>,
}

impl Known {
    /// How much of the promised savings is verified, in percent, where one currency says.
    pub fn progress(&self) -> Option<Decimal> {
        let target = self.customer.as_ref()?.savings_target;
        let [only] = self.savings.as_slice() else { return None };
        if target.is_zero() { None } else { (only.verified * Decimal::from(100)).checked_div(target) }
    }
}

/// The customers that match, by name. The look stands in the installation's trail.
pub async fn list(
    desk: &Desk,
    caller: &Caller,
    search: &str,
    status: Option<CustomerStatus>,
) -> Result<Vec<Known>, Error> {
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "list of customers", &caller.trace.to_string()).await?;
    let words = search.trim().to_lowercase();
    let noted = customers::list(&mut tx, None, None).await?;
    let savings = running::savings(&mut tx).await?;
    let all = orgs::list(&mut tx).await?;
    tx.commit().await?;
    let today = today(desk);
    // Demo organisations are nobody's customer.
    let known = all.into_iter().filter(|org| org.kind != OrgKind::Demo).map(|org| {
        let customer = noted.iter().find(|one| one.org_id == org.org_id).cloned();
        let savings = savings.iter().filter(|one| one.org_id == org.org_id).cloned().collect();
        known(org, customer, savings, today)
    });
    Ok(known
        .filter(|one| {
            let text = match &one.customer {
                Some(customer) => format!(
                    "{} {} {} {} {}",
                    one.org.name,
                    customer.name,
                    customer.contact_name,
                    customer.contact_email,
                    customer.notes
                ),
                None => one.org.name.clone(),
            };
            let is = one.customer.as_ref().map(|customer| customer.status);
            text.to_lowercase().contains(&words) && status.is_none_or(|wanted| is == Some(wanted))
        })
        .collect())
}

fn known(org: Org, customer: Option<Customer>, savings: Vec<running::Savings>, today: Date) -> Known {
    let ends = customer.as_ref().and_then(|customer| customer.pilot_ends_on);
    let days_left =
        ends.and_then(|day| today.until((jiff::Unit::Day, day)).ok()).map(|span| i64::from(span.get_days()));
    Known { org, customer, savings, days_left }
}

fn today(desk: &Desk) -> Date {
    TimeZone::UTC.to_datetime(desk.backing.clock.now()).date()
}

/// One customer with its numbers, for a reason that it can read in its trail.
pub async fn get(
    desk: &Desk,
    caller: &Caller,
    id: OrgId,
    reason: &str,
) -> Result<(Known, orgs::Statistics), Error> {
    let mut tx = begin(desk, caller).await?;
    let org = present(&mut tx, id).await?;
    tx.enter(id, checked(reason)?, &caller.trace.to_string()).await?;
    let customer = customers::get(&mut tx, id).await?;
    let savings = running::savings(&mut tx).await?.into_iter().filter(|one| one.org_id == id).collect();
    let has = orgs::statistics(&mut tx, id).await?;
    tx.commit().await?;
    Ok((known(org, customer, savings, today(desk)), has))
}

/// What is known of a customer before somebody looks at its results.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// Its first owner: whom to write to until somebody else is noted.
    pub owner_email: String,
    pub plants: Vec<String>,
    /// The systems that its saved mappings are of.
    pub systems: Vec<String>,
    /// The newest complete analysis: when it was made, what it is called, what its data allow.
    pub newest: Option<(jiff::Timestamp, String, Option<i16>)>,
    /// How earlier findings were judged, by kind.
    pub judged: Vec<Calibration>,
}

/// The context of the customer in whose organisation an operator acts.
pub async fn context(desk: &Desk, acting: &Caller) -> Result<Context, Error> {
    let mut tx = deed::begin(&desk.backing, acting).await?;
    let mut owners = store::members::list(&mut tx).await?;
    owners.retain(|member| member.role == domain::Role::Owner);
    let first = owners.into_iter().min_by_key(|owner| owner.created_at);
    let plants = store::facilities::list(&mut tx, false).await?.into_iter().map(|one| one.name).collect();
    let profiles = store::profiles::list(&mut tx, None, Page::first(store::LIMIT_MAX)).await?.items;
    let mut systems: Vec<String> =
        profiles.into_iter().map(|one| one.source_system).filter(|system| !system.is_empty()).collect();
    systems.sort();
    systems.dedup();
    let complete = Filter { state: Some(AnalysisState::Completed), ..Filter::default() };
    let newest = store::analyses::list(&mut tx, complete, Page::first(1)).await?.items.into_iter().next();
    let judged = calibration::of(&mut tx).await?;
    tx.rollback().await?;
    Ok(Context {
        owner_email: first.map(|owner| owner.email).unwrap_or_default(),
        plants,
        systems,
        newest: newest.map(|run| (run.created_at, run.name, run.data_tier)),
        judged,
    })
}

/// A new organisation with its owner, and the link that signs the owner in.
pub async fn create(
    desk: &Desk,
    caller: &Caller,
    name: &str,
    email: &str,
    plan: &str,
) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Error::invalid("name", "give a name of 1 to 200 characters"));
    }
    let mut tx = begin(desk, caller).await?;
    if !plans::list(&mut tx).await?.iter().any(|one| one.plan == plan) {
        return Err(Error::invalid("plan", "choose a plan of the list"));
    }
    tx.enter(audit::INSTALLATION, "new customer", &caller.trace.to_string()).await?;
    tx.commit().await?;
    links::create_owner_on(desk, email, name, plan).await
}

/// What the operator says of a customer; what it is called, whom to ask, how it pays, what its limits are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    pub name: String,
    pub contact_name: String,
    pub contact_email: String,
    pub contact_phone: String,
    pub address: String,
    pub notes: String,
    /// pilot or subscription.
    pub pays: String,
    /// trial, active or inactive.
    pub status: String,
    /// The plan whose limits hold.
    pub plan: String,
    pub csv_upload_limit: i64,
    pub savings_target: Decimal,
    pub pilot_ends_on: Option<Date>,
    /// Whether a reviewer looks at results before the customer does.
    pub reviewed: bool,
    /// That of the customer as it was read; 0 for one that is noted first.
    pub version: i64,
}

/// Notes a customer, or changes what is noted. The number of uploads of a pilot is the customer's own; a subscription has its
/// plan's.
pub async fn save(
    desk: &Desk,
    caller: &Caller,
    id: OrgId,
    form: &Form,
    reason: &str,
) -> Result<Customer, Error> {
    let mut flaws = Vec::new();
    let mut flaw = |field: &str, message: &str| {
        flaws.push(Flaw { field: field.to_owned(), message: message.to_owned() });
    };
    let (pays, status) = (CustomerPlan::parse(&form.pays), CustomerStatus::parse(&form.status));
    if form.name.trim().is_empty() || form.name.chars().count() > 200 {
        flaw("name", "give a name of 1 to 200 characters");
    }
    if pays.is_none() {
        flaw("pays", "give pilot or subscription");
    }
    if status.is_none() {
        flaw("status", "give trial, active or inactive");
    }
    if form.csv_upload_limit < 0 {
        flaw("csv_upload_limit", "give 0 or more");
    }
    if form.savings_target < Decimal::ZERO {
        flaw("savings_target", "give 0 or more");
    }
    let (Some(pays), Some(status), true) = (pays, status, flaws.is_empty()) else {
        return Err(Error::Invalid(flaws));
    };
    let mut tx = begin(desk, caller).await?;
    let before = present(&mut tx, id).await?;
    if !plans::list(&mut tx).await?.iter().any(|one| one.plan == form.plan) {
        return Err(Error::invalid("plan", "choose a plan of the list"));
    }
    tx.enter(id, checked(reason)?, &caller.trace.to_string()).await?;
    let row = CustomerForm {
        name: form.name.trim(),
        contact_name: form.contact_name.trim(),
        contact_email: form.contact_email.trim(),
        contact_phone: form.contact_phone.trim(),
        address: form.address.trim(),
        notes: form.notes.trim(),
        plan: pays,
        status,
        csv_upload_limit: form.csv_upload_limit,
        savings_target: form.savings_target,
        pilot_ends_on: form.pilot_ends_on,
    };
    let after = customers::put(&mut tx, id, form.version, &row).await?.ok_or(Error::Stale("customer"))?;
    if form.plan != before.plan {
        orgs::set_plan(&mut tx, &form.plan).await?;
    }
    let own_limit = (pays == CustomerPlan::Pilot).then_some(form.csv_upload_limit);
    orgs::set_rules(&mut tx, form.reviewed, own_limit).await?;
    let event = Event::new("customer.update", Outcome::Done)
        .by_operator(tx.operator().user)
        .on("org", id)
        .traced(caller.trace.to_string())
        .detail("plan", form.plan.as_str())
        .detail("status", status.name());
    audit::record(&mut tx, &event).await?;
    tx.commit().await?;
    desk.forget_recent();
    Ok(after)
}

/// The counters of the console: reviews that wait, pilots, verified savings by currency, promises kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counters {
    pub reviews_waiting: usize,
    pub pilots: usize,
    pub verified: Vec<(Option<String>, Decimal)>,
    pub guarantees_met: usize,
}

/// The counters of the whole installation.
pub async fn count(desk: &Desk, caller: &Caller) -> Result<Counters, Error> {
    let known = list(desk, caller, "", None).await?;
    Ok(counters(&known, &reviews::list(desk, caller).await?))
}

/// Counts over all customers.
pub fn counters(known: &[Known], reviews: &[running::OperatedReview]) -> Counters {
    use store::analyses::reviews::ReviewState;
    let mut verified: Vec<(Option<String>, Decimal)> = Vec::new();
    for one in known.iter().flat_map(|one| &one.savings) {
        match verified.iter_mut().find(|(currency, _)| *currency == one.currency) {
            Some((_, sum)) => *sum += one.verified,
            None => verified.push((one.currency.clone(), one.verified)),
        }
    }
    verified.retain(|(_, sum)| !sum.is_zero());
    let pilots = known.iter().filter_map(|one| one.customer.as_ref());
    Counters {
        reviews_waiting: reviews.iter().filter(|one| one.state != ReviewState::Published).count(),
        pilots: pilots
            .filter(|one| one.plan == CustomerPlan::Pilot && one.status != CustomerStatus::Inactive)
            .count(),
        verified,
        guarantees_met: known
            .iter()
            .filter(|one| one.progress().is_some_and(|share| share >= Decimal::from(100)))
            .count(),
    }
}

/// Who acts, for lists of names.
pub fn is_operator(desk: &Desk, user: UserId) -> bool {
    desk.settings.operators.contains(&user)
}
