//! Customers: all of them, and one with everything that belongs to it.

use app::{
    Error, analyses, configurations, facilities, mapping_profiles,
    operation::{self, customers},
};
use axum::{
    Form, Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use domain::{Settings, id::OrgId, settings::definitions};
use pages::{
    page::{
        console::{
            customers::{self as sheets, Counters, Customer, Line, Noted},
            reason_page,
        },
        settings::analysis::AnalysisSettings,
    },
    words,
};
use serde::Deserialize;
use store::{Page, analyses::Filter, operator::customers::CustomerStatus, orgs::OrgState};

use super::{Fields, count, judged, money, reason, shown, written};
use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
    web::{
        answer, overview,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/console", get(index))
        .route("/console/search", post(search))
        .route("/console/customers", post(create))
        .route("/console/customers/{id}", get(show).merge(post(save)))
        .route("/console/customers/{id}/state", post(set_state))
        .route("/console/customers/{id}/settings", get(show_settings).merge(post(save_settings)))
        .route("/console/customers/{id}/settings/preset", post(save_settings))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    search: String,
    status: String,
}

async fn index(State(state): State<ServerState>, Query(asked): Query<Asked>, reader: Reader) -> Response {
    let result = list(&state, &reader, &asked, None).await;
    shown(&reader, "/console", result)
}

async fn list(
    state: &ServerState,
    reader: &Reader,
    asked: &Asked,
    fresh: Option<&str>,
) -> Result<Response, Error> {
    let (desk, caller) = (&state.desk, &reader.caller);
    let status = CustomerStatus::parse(&asked.status);
    let all = customers::list(desk, caller, "", None).await?;
    let found = customers::list(desk, caller, &asked.search, status).await?;
    let reviews = operation::reviews::list(desk, caller).await?;
    let counted = customers::counters(&all, &reviews);
    let savings: Vec<String> =
        counted.verified.iter().map(|(currency, sum)| money(*sum, currency.as_deref())).collect();
    let counters = Counters {
        waiting: counted.reviews_waiting.to_string(),
        pilots: counted.pilots.to_string(),
        savings: if savings.is_empty() { "none yet".to_owned() } else { savings.join(", ") },
        met: counted.guarantees_met.to_string(),
    };
    let lines: Vec<Line> = found
        .iter()
        .map(|one| Line {
            id: one.org.org_id.to_string(),
            name: one.org.name.clone(),
            contact: one.customer.as_ref().map(|noted| noted.contact_name.clone()).unwrap_or_default(),
            plan: words::sentence_case(&one.org.plan),
            status: one.customer.as_ref().map(|noted| noted.status.name().to_owned()).unwrap_or_default(),
            state: one.org.state.name().to_owned(),
            savings: savings_of(one),
            left: left(one),
        })
        .collect();
    let plans = plan_names(state, reader).await?;
    Ok(answer::ok(&sheets::index(
        &reader.shell,
        &counters,
        &lines,
        &plans,
        &asked.search,
        &asked.status,
        fresh,
    )))
}

fn savings_of(one: &customers::Known) -> String {
    let verified: Vec<String> = one
        .savings
        .iter()
        .filter(|sum| !sum.verified.is_zero())
        .map(|sum| money(sum.verified, sum.currency.as_deref()))
        .collect();
    let verified = if verified.is_empty() { "none verified".to_owned() } else { verified.join(", ") };
    match &one.customer {
        Some(noted) if !noted.savings_target.is_zero() => {
            format!(
                "{verified} of {}",
                domain::number::grouped(
                    rust_decimal::prelude::ToPrimitive::to_f64(&noted.savings_target).unwrap_or_default(),
                    0
                )
            )
        }
        _ => verified,
    }
}

fn left(one: &customers::Known) -> String {
    match one.days_left {
        Some(days) if days >= 0 => format!("{days} days left"),
        Some(days) => format!("ended {} days ago", -days),
        None => String::new(),
    }
}

async fn plan_names(state: &ServerState, reader: &Reader) -> Result<Vec<(String, String)>, Error> {
    let plans = operation::running::list_plans(&state.desk, &reader.caller).await?;
    Ok(plans.into_iter().map(|plan| (plan.plan.clone(), words::sentence_case(&plan.plan))).collect())
}

async fn search(Form(form): Form<Fields>) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("search", written(&form, "words"))
        .append_pair("status", written(&form, "status"))
        .finish();
    answer::see(format!("/console?{query}"))
}

async fn create(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    let result = async {
        let [name, email, plan] = ["name", "email", "plan"].map(|field| written(&form, field));
        let link = customers::create(&state.desk, &reader.caller, name, email, plan).await?;
        list(&state, &reader, &Asked::default(), Some(&link)).await
    };
    let result = result.await;
    shown(&reader, "/console", result)
}

fn org(id: &str) -> Result<OrgId, Error> {
    id.parse().map_err(|_| Error::NotFound("organisation"))
}

async fn show(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    let at = format!("/console/customers/{id}");
    let result = async {
        let Some(reason) = reason(&headers) else {
            return Ok(answer::ok(&reason_page(&reader.shell, &at)));
        };
        let id = org(&id)?;
        let (known, has) = customers::get(&state.desk, &reader.caller, id, &reason).await?;
        let acting = operation::act_in(&state.desk, &reader.caller, id, &reason).await?;
        let about = customers::context(&state.desk, &acting).await?;
        let backing = state.backing();
        let plants = facilities::list(backing, &acting, false).await?;
        let profiles = mapping_profiles::list(backing, &acting, None, Page::first(20)).await?.items;
        let runs = analyses::list(backing, &acting, Filter::default(), Page::first(20)).await?.items;
        let settings = configurations::list(backing, &acting).await?;
        let kept = settings.iter().find(|kept| kept.facility_id.is_none());
        let noted = known.customer.as_ref();
        // Until somebody notes a customer it is as it introduced itself.
        let introduced = |field: &str| {
            known.org.profile.get(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        };
        let customer = Customer {
            id: known.org.org_id.to_string(),
            name: known.org.name.clone(),
            state: known.org.state.name().to_owned(),
            since: format!("since {}", overview::day(known.org.created_at)),
            savings: savings_of(&known),
            left: left(&known),
            noted: Noted {
                name: noted.map_or_else(|| known.org.name.clone(), |one| one.name.clone()),
                contact_name: noted.map_or_else(|| introduced("contact"), |one| one.contact_name.clone()),
                contact_email: noted
                    .map_or_else(|| about.owner_email.clone(), |one| one.contact_email.clone()),
                contact_phone: noted.map_or_else(|| introduced("phone"), |one| one.contact_phone.clone()),
                address: noted.map_or_else(|| introduced("address"), |one| one.address.clone()),
                notes: noted.map(|one| one.notes.clone()).unwrap_or_default(),
                pays: noted.map_or("pilot", |one| one.plan.name()).to_owned(),
                status: noted.map_or("trial", |one| one.status.name()).to_owned(),
                plan: known.org.plan.clone(),
                csv_upload_limit: noted.map_or(10, |one| one.csv_upload_limit).to_string(),
                savings_target: noted
                    .map_or_else(|| "50000".to_owned(), |one| one.savings_target.to_string()),
                pilot_ends_on: noted
                    .and_then(|one| one.pilot_ends_on)
                    .map(|day| day.to_string())
                    .unwrap_or_default(),
                reviewed: known.org.reviewed,
                version: noted.map_or(0, |one| one.version).to_string(),
            },
            plans: plan_names(&state, &reader).await?,
            numbers: [
                ("Members", has.members),
                ("Stored files", has.files),
                ("Saved mappings", has.profiles),
                ("Analyses", has.analyses),
                ("Findings accepted or further", has.accepted),
            ]
            .map(|(what, number)| (what.to_owned(), count(number)))
            .to_vec(),
            facilities: plants.into_iter().map(|plant| (plant.name, plant.currency)).collect(),
            profiles: profiles.into_iter().map(|one| (one.name, one.source_system)).collect(),
            analyses: runs
                .into_iter()
                .map(|run| {
                    let state = run.state.name().replace('_', " ");
                    [run.name, overview::day(run.created_at), state, run.findings.to_string()]
                })
                .collect(),
            judged: judged(&about.judged),
            settings: kept.map_or_else(
                || "balanced".to_owned(),
                |kept| {
                    let changes = kept.settings.as_object().map_or(0, serde_json::Map::len);
                    if changes == 0 {
                        kept.preset.clone()
                    } else {
                        format!("{}, {changes} changed", kept.preset)
                    }
                },
            ),
            company: known
                .org
                .profile
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| {
                    let value = value.as_str().filter(|value| !value.is_empty())?;
                    Some((words::sentence_case(&name.replace('_', " ")), value.to_owned()))
                })
                .collect(),
        };
        Ok(answer::ok(&sheets::show(&reader.shell, &customer)))
    };
    let result = result.await;
    shown(&reader, &at, result)
}

async fn save(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(form): Form<Fields>,
) -> Response {
    let at = format!("/console/customers/{id}");
    let result = async {
        let text = |name: &str| written(&form, name).to_owned();
        let number = |name: &str| text(name).replace(',', "");
        let day = text("pilot_ends_on");
        let noted = customers::Form {
            name: text("name"),
            contact_name: text("contact_name"),
            contact_email: text("contact_email"),
            contact_phone: text("contact_phone"),
            address: text("address"),
            notes: text("notes"),
            pays: text("pays"),
            status: text("status"),
            plan: text("plan"),
            csv_upload_limit: number("csv_upload_limit")
                .parse()
                .map_err(|_| Error::invalid("csv_upload_limit", "write a number such as 10"))?,
            savings_target: number("savings_target")
                .parse()
                .map_err(|_| Error::invalid("savings_target", "write an amount such as 50000"))?,
            pilot_ends_on: if day.is_empty() {
                None
            } else {
                Some(
                    day.parse()
                        .map_err(|_| Error::invalid("pilot_ends_on", "write a day such as 2026-12-31"))?,
                )
            },
            reviewed: form.contains_key("reviewed"),
            version: text("version").parse().unwrap_or(0),
        };
        customers::save(&state.desk, &reader.caller, org(&id)?, &noted, "customer record changed").await?;
        Ok(reader::see_and_say(&state, &at, "Customer saved."))
    };
    let result = result.await;
    shown(&reader, &at, result)
}

async fn set_state(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    reader: Reader,
    Form(form): Form<Fields>,
) -> Response {
    let at = format!("/console/customers/{id}");
    let result = async {
        let to = OrgState::parse(written(&form, "state"))
            .ok_or_else(|| Error::invalid("state", "give one of active, suspended, closed"))?;
        let why = reason(&headers).unwrap_or_else(|| "state changed in the console".to_owned());
        operation::set_state(&state.desk, &reader.caller, org(&id)?, to, &why).await?;
        Ok(reader::see_and_say(&state, &at, "State changed."))
    };
    let result = result.await;
    shown(&reader, &at, result)
}

fn settings_of(kept: &store::configurations::Configuration) -> Result<Settings, Error> {
    let changes =
        kept.settings.as_object().map(|changes| changes.clone().into_iter().collect()).unwrap_or_default();
    configurations::settings::settings(&kept.preset, &changes)
}

/// All 39 settings of a customer, with the presets.
async fn show_settings(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    let at = format!("/console/customers/{id}/settings");
    let result = async {
        let Some(reason) = reason(&headers) else {
            return Ok(answer::ok(&reason_page(&reader.shell, &at)));
        };
        let acting = operation::act_in(&state.desk, &reader.caller, org(&id)?, &reason).await?;
        let all = configurations::list(state.backing(), &acting).await?;
        let kept = all.iter().find(|kept| kept.facility_id.is_none());
        let settings = kept.map_or_else(|| Ok(Settings::default()), settings_of)?;
        let version = kept.map(|kept| kept.version.to_string()).unwrap_or_default();
        let mut page = AnalysisSettings::new(&reader.shell, &settings, &[], &version, true);
        page.moved_to(&at);
        Ok(answer::ok(&page))
    };
    let result = result.await;
    shown(&reader, &at, result)
}

async fn save_settings(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    reader: Reader,
    Form(form): Form<std::collections::BTreeMap<String, String>>,
) -> Response {
    let at = format!("/console/customers/{id}/settings");
    let result = async {
        let why = reason(&headers).unwrap_or_else(|| "settings changed in the console".to_owned());
        let acting = operation::act_in(&state.desk, &reader.caller, org(&id)?, &why).await?;
        let all = configurations::list(state.backing(), &acting).await?;
        let kept = all.iter().find(|kept| kept.facility_id.is_none());
        let before = kept.map_or_else(|| Ok(Settings::default()), settings_of)?;
        let configuration = if let Some(preset) = form.get("preset") {
            configurations::Form {
                name: None,
                preset: Some(preset.clone()),
                changes: Some(configurations::settings::Changes::new()),
                note: "set by the operator".to_owned(),
            }
        } else {
            let base = Settings::preset(before.preset);
            let mut wanted = base.clone();
            for setting in definitions() {
                if let Some(value) = form.get(setting.name) {
                    wanted
                        .set(setting.name, &value.trim().replace(',', "."))
                        .map_err(|error| Error::invalid(setting.name, error.to_string()))?;
                }
            }
            let changes = configurations::settings::changes(&wanted);
            configurations::Form {
                name: None,
                preset: Some(before.preset.as_str().to_owned()),
                changes: Some(
                    changes.as_object().map(|all| all.clone().into_iter().collect()).unwrap_or_default(),
                ),
                note: "set by the operator".to_owned(),
            }
        };
        match kept {
            Some(kept) => {
                let version = form.get("version").and_then(|version| version.parse().ok());
                configurations::update(state.backing(), &acting, kept.id, version, &configuration).await?;
            }
            None => {
                configurations::create(state.backing(), &acting, None, &configuration).await?;
            }
        }
        Ok(reader::see_and_say(&state, &at, "Settings saved; the customer's next analysis uses them."))
    };
    let result = result.await;
    shown(&reader, &at, result)
}
