//! `plantintel admin`: accounts and keys for whoever runs the installation.

use std::path::Path;

use app::{
    Caller,
    accounts::{Desk, email_key, links},
    api_keys::{self, Form},
    organisations,
};
use domain::{Actor, Role, TraceId, actor::Means};
use store::gate;

use super::operate;
use crate::{
    cli::AdminCommand,
    config::Config,
    failure::Failure,
    output,
    service::{Foundation, desk},
};

pub(crate) fn run(file: Option<&Path>, command: AdminCommand) -> Result<(), Failure> {
    let config = Config::load_to_serve(file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let foundation = Foundation::beside(&config).await?;
        let outcome = match desk(&config, &foundation) {
            Ok(desk) => act(&desk, command).await,
            Err(failure) => Err(failure),
        };
        foundation.leave().await;
        output::line(&outcome?)
    })
}

async fn act(desk: &Desk, command: AdminCommand) -> Result<String, Failure> {
    match command {
        AdminCommand::CreateOwner { email, organization } => {
            Ok(links::create_owner(desk, &email, &organization).await?)
        }
        AdminCommand::SignInLink { email } => Ok(links::sign_in_link(desk, &email).await?),
        AdminCommand::AllowEverywhere { email } => {
            let caller = member(desk, &email).await?;
            organisations::allow_everywhere(desk, &caller).await?;
            Ok("the organization is let in from every address again".to_owned())
        }
        AdminCommand::Operate(command) => operate::act(desk, *command).await,
        AdminCommand::CreateKey { email, name, role, scope } => {
            let role = Role::parse(&role).ok_or_else(|| {
                Failure::Usage("a role is viewer, analyst, reviewer, admin or owner".to_owned())
            })?;
            let caller = member(desk, &email).await?;
            let form = Form { name, role, scopes: scope, expires_at: None };
            let made = api_keys::create(desk, &caller, &form).await?;
            made.secret.ok_or_else(|| Failure::Work(anyhow::anyhow!("the key was made before")))
        }
    }
}

/// A member, acting in the first organisation that it belongs to.
async fn member(desk: &Desk, email: &str) -> Result<Caller, Failure> {
    let database = |error: store::Error| Failure::from(app::Error::from(error));
    let mut gate = desk.backing.store.gate().await.map_err(database)?;
    let user = gate::users::get_by_email(&mut gate, &email_key(email)).await.map_err(database)?;
    let Some(user) = user else { return Err(Failure::Input(format!("there is no account of {email}"))) };
    let belongings = gate::memberships::list(&mut gate, user.id).await.map_err(database)?;
    let Some(home) = belongings.first() else {
        return Err(Failure::Input(format!("{email} belongs to no organization")));
    };
    let actor = Actor { org: home.org_id, role: home.role, means: Means::Token { user: user.id } };
    Ok(Caller::new(actor, TraceId::new(app::accounts::secret::random()), None))
}
