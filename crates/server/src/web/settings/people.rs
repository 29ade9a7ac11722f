//! Members with their roles, and invitations.

use app::{Error, invitations, members};
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
};
use domain::Role;
use pages::page::settings::people::{self, Invitation, Member};
use serde::Deserialize;

use crate::{
    ServerState,
    boxed::{get, post},
    web::{
        answer, overview,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/settings/members", get(show))
        .route("/settings/members/role", post(set_role))
        .route("/settings/members/{id}/remove", post(remove))
        .route("/settings/invitations", post(invite))
        .route("/settings/invitations/{id}/withdraw", post(withdraw))
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = page(&state, &reader, None).await;
    reader.answer(result)
}

/// `link` is that of an invitation for which no letter could be sent: whoever invited passes it on.
async fn page(state: &ServerState, reader: &Reader, link: Option<&str>) -> Result<Response, Error> {
    let own = reader.caller.actor.user();
    let members: Vec<Member> = members::list(&state.desk, &reader.caller)
        .await?
        .into_iter()
        .map(|member| Member {
            id: member.user_id.to_string(),
            name: if member.name.is_empty() { member.email.clone() } else { member.name },
            email: member.email,
            role: member.role.name().to_owned(),
            since: overview::day(member.created_at),
            yourself: Some(member.user_id) == own,
        })
        .collect();
    let may_change = reader.may(Role::Admin);
    let open = if may_change { invitations::list(&state.desk, &reader.caller).await? } else { Vec::new() };
    let open: Vec<Invitation> = open
        .into_iter()
        .map(|invitation| Invitation {
            id: invitation.id.to_string(),
            email: invitation.email,
            role: invitation.role.name().to_owned(),
            until: overview::day(invitation.expires_at),
        })
        .collect();
    Ok(answer::ok(&people::page(&reader.shell, &members, &open, link, may_change)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewRole {
    member: String,
    role: String,
}

fn role(name: &str) -> Result<Role, Error> {
    Role::parse(name).ok_or_else(|| Error::invalid("role", "choose a role of the list"))
}

async fn set_role(State(state): State<ServerState>, reader: Reader, Form(form): Form<NewRole>) -> Response {
    let result = async {
        let member = form.member.parse().map_err(|_| Error::NotFound("member"))?;
        members::set_role(&state.desk, &reader.caller, member, None, role(&form.role)?).await?;
        Ok(reader::see_and_say(&state, "/settings/members", "Role changed."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn remove(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let member = id.parse().map_err(|_| Error::NotFound("member"))?;
        members::remove(&state.desk, &reader.caller, member).await?;
        Ok(reader::see_and_say(&state, "/settings/members", "Member removed."))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Invited {
    email: String,
    #[serde(rename = "invited-role")]
    role: String,
}

async fn invite(State(state): State<ServerState>, reader: Reader, Form(form): Form<Invited>) -> Response {
    let result = async {
        let written =
            invitations::create(&state.desk, &reader.caller, &form.email, role(&form.role)?).await?;
        match written.link {
            Some(link) => page(&state, &reader, Some(&link)).await,
            None => Ok(reader::see_and_say(&state, "/settings/members", "Invitation sent.")),
        }
    };
    let result = result.await;
    reader.answer(result)
}

async fn withdraw(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("invitation"))?;
        invitations::delete(&state.desk, &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, "/settings/members", "Invitation withdrawn."))
    };
    let result = result.await;
    reader.answer(result)
}
