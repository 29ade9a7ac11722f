//! Who reads: the session behind a page, and the frame that it gives every page.

use app::{
    Backing, Caller, Error, accounts::sessions, analyses, datasets, facilities, members, organisations, usage,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use domain::{Role, id::FacilityId};
use pages::{
    component::{Link, Tone, notice::Notice},
    layout::{Counts, Place, Reader as Person, Shell, Theme},
};
use store::{
    Page,
    analyses::{Analysis, AnalysisState, Filter},
    datasets::DatasetState,
};

use translation::Tongue;

use super::{answer, tongue::Chosen};
use crate::{
    ServerState,
    who::{Browser, Who, browser},
};

/// The cookie that remembers which plant is looked at.
pub(super) const PLANT: &str = "plantintel-plant";
/// The cookie that remembers light or dark.
pub(super) const THEME: &str = "plantintel-theme";
/// The cookie that carries one sentence to the next page.
pub(super) const SAID: &str = "plantintel-said";

/// The signed-in reader of a page.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) caller: Caller,
    pub(super) shell: Shell,
    /// The plant that is looked at; none is the whole organisation.
    pub(super) facility: Option<FacilityId>,
    pub(super) tongue: Tongue,
    /// The newest run with a result, of the plant that is looked at.
    pub(super) newest: Option<Analysis>,
}

impl Reader {
    pub(super) fn may(&self, role: Role) -> bool {
        self.caller.actor.may(role)
    }

    /// The page, or what went wrong as a page in the reader's frame.
    pub(super) fn answer(&self, result: Result<Response, Error>) -> Response {
        result.unwrap_or_else(|error| answer::error(&self.shell, error))
    }
}

impl FromRequestParts<ServerState> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Response> {
        let caller = match parts.extensions.get::<Who>() {
            Some(Who(caller)) => caller.clone(),
            None => return Err(answer::see("/sign-in")),
        };
        let csrf =
            parts.extensions.get::<Browser>().map(|browser| browser.form_token.clone()).unwrap_or_default();
        let mut shell = Shell { csrf, theme: theme(&parts.headers), ..Shell::default() };
        let chosen = parts.extensions.get::<Chosen>().cloned().unwrap_or_default();
        match load(state, caller, &parts.headers, &chosen, shell.clone()).await {
            Ok(reader) => Ok(reader),
            Err(error) => {
                "PlantIntel".clone_into(&mut shell.title);
                Err(answer::error(&shell, error))
            }
        }
    }
}

async fn load(
    state: &ServerState,
    caller: Caller,
    headers: &HeaderMap,
    chosen: &Chosen,
    mut shell: Shell,
) -> Result<Reader, Error> {
    let (desk, backing) = (&state.desk, state.backing());
    let org = organisations::get(desk, &caller).await?;
    let member = members::own(desk, &caller).await?;
    chosen.prefer(&member.preferences);
    let plants = facilities::list(backing, &caller, false).await?;
    let belongings = sessions::organisations(desk, &caller).await?;
    let wanted = browser::cookie(headers, PLANT).and_then(|id| id.parse::<FacilityId>().ok());
    let plant = plants.iter().find(|plant| Some(plant.id) == wanted).or(if plants.len() == 1 {
        plants.first()
    } else {
        None
    });
    let facility = plant.map(|plant| plant.id);

    shell.plant = plant.map_or_else(
        || if plants.is_empty() { org.name.clone() } else { "All plants".to_owned() },
        |plant| plant.name.clone(),
    );
    shell.organisation = org.name.clone();
    shell.reader = Some(Person {
        name: if member.name.is_empty() { member.email.clone() } else { member.name.clone() },
        email: member.email.clone(),
        role: pages::words::sentence_case(caller.actor.role.name()),
    });
    if plants.len() > 1 {
        shell.places.push(place("All plants", "/plant/all".to_owned(), facility.is_none()));
        shell.places.extend(
            plants
                .iter()
                .map(|plant| place(&plant.name, format!("/plant/{}", plant.id), Some(plant.id) == facility)),
        );
    }
    if belongings.len() > 1 {
        shell.places.extend(
            belongings
                .iter()
                .filter(|other| other.org_id != caller.actor.org)
                .map(|other| place(&other.org_name, format!("/organisation/{}", other.org_id), false)),
        );
    }
    if let Some(said) = browser::cookie(headers, SAID) {
        let words: String = url::form_urlencoded::parse(format!("said={said}").as_bytes())
            .map(|(_, words)| words.into_owned())
            .collect();
        shell.notices.push(Notice::new(Tone::Gain, words, ""));
    }
    let filter = Filter { state: Some(AnalysisState::Completed), facility, ..Filter::default() };
    let newest = analyses::list(backing, &caller, filter, Page::first(1)).await?.items.into_iter().next();
    shell.counts = Counts {
        findings: newest.as_ref().and_then(|run| u64::try_from(run.findings).ok()).filter(|count| *count > 0),
        actions: None,
        data: waiting(backing, &caller, facility).await?,
    };
    if org.reviewed {
        let waits = Filter { state: Some(AnalysisState::InReview), facility, ..Filter::default() };
        if !analyses::list(backing, &caller, waits, Page::first(1)).await?.items.is_empty() {
            shell.notices.push(Notice::new(
                Tone::Accent,
                "Results are being reviewed.",
                "They are published here once they are approved, mostly within four hours; you are told then.",
            ));
        }
    }
    let standing = usage::standing(backing, &caller).await?;
    let now = backing.clock.now();
    shell.quota = quota(&standing);
    shell.notices.extend(limits(&standing, now));
    for said in organisations::announced(desk, &caller).await? {
        shell.notices.push(Notice::new(Tone::Accent, said.title, said.body));
    }
    Ok(Reader { caller, shell, facility, tongue: chosen.tongue(), newest })
}

fn place(name: &str, action: String, current: bool) -> Place {
    Place { name: name.to_owned(), action, current }
}

/// Uploads that wait for a decision.
async fn waiting(
    backing: &Backing,
    caller: &Caller,
    facility: Option<FacilityId>,
) -> Result<Option<u64>, Error> {
    let uploads = datasets::list(backing, caller, facility, Page::default()).await?.items;
    let waiting = uploads.iter().filter(|upload| upload.state == DatasetState::Mapping).count();
    Ok((waiting > 0).then_some(waiting as u64))
}

/// What stands at the foot of the rail: the uploads of the month.
fn quota(standing: &[usage::Allowance]) -> Option<String> {
    let uploads = standing.iter().find(|one| one.meter == store::usage::Meter::Uploads)?;
    Some(format!("{} of {} uploads used this month", uploads.used, uploads.limit?))
}

/// Says which limit is near or reached, on every page: whoever meets it later knew.
fn limits(standing: &[usage::Allowance], now: jiff::Timestamp) -> Option<Notice> {
    let worst = standing.iter().rev().filter(|one| one.standing() != usage::Standing::Free);
    let worst = worst.max_by_key(|one| one.standing() == usage::Standing::Reached)?;
    let (used, limit) = (worst.used, worst.limit?);
    let count = |number: i64| domain::number::count(u64::try_from(number).unwrap_or_default());
    let title = format!("{} of {} {} used this month.", count(used), count(limit), usage::words(worst.meter));
    let (tone, text) = if worst.standing() == usage::Standing::Reached {
        (Tone::Loss, "What you have stays readable. New ones wait for the next month or another plan.")
    } else {
        (Tone::Warn, "")
    };
    let anew = format!("The count starts again on {}.", super::overview::day(usage::resets_at(now)));
    let text = if text.is_empty() { anew } else { format!("{text} {anew}") };
    Some(Notice { link: Some(Link::new("Usage", "/settings/usage")), ..Notice::new(tone, title, text) })
}

/// Light or dark, where the reader chose.
pub(super) fn theme(headers: &HeaderMap) -> Theme {
    browser::cookie(headers, THEME).map(Theme::named).unwrap_or_default()
}

/// A redirect that takes one sentence along.
pub(super) fn see_and_say(state: &ServerState, address: &str, words: &str) -> Response {
    let mut response = answer::see(address);
    let value: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    // Long enough for the page that follows, and for none after it.
    if let Some(cookie) = browser::set_cookie(&state.settings, SAID, &value, Some(5)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
