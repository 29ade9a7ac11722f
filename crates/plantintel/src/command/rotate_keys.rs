//! `plantintel rotate-keys`: a new secret for the installation, and a new key for the ends of the audit trail.

use std::path::Path;

use app::accounts::secret::Keys;
use store::{
    Connection,
    installation::{Rotation, mark},
};

use crate::{
    cli::RotateArgs,
    config::{Config, Secret},
    failure::Failure,
    output,
    service::{self, Reached, secrets},
};

pub(crate) fn run(file: Option<&Path>, args: &RotateArgs) -> Result<(), Failure> {
    let config = Config::load_to_serve(file)?;
    let both = !args.audit && !args.secret;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if args.secret || both {
            let reached = if args.secret_is_lost {
                Reached::with_any_secret(&config).await?
            } else {
                Reached::alone(&config).await?
            };
            let outcome = secret(&config, &reached, args).await;
            reached.leave().await;
            output::line(&outcome?)?;
        }
        if args.audit || both {
            let data = config.data()?;
            service::private_folder(&data)?;
            secrets::rotate_audit_key(&data)?;
            output::line("the ends of the audit trail are signed with a new key from the next start on")?;
        }
        Ok(())
    })
}

async fn secret(config: &Config, reached: &Reached, args: &RotateArgs) -> Result<String, Failure> {
    let given = match &args.new_secret_file {
        Some(file) => Some(Secret::of_file(file)?),
        None => None,
    };
    if args.secret_is_lost && given.is_none() {
        // The present one is the new one: what was sealed with the lost one goes.
        store::migrate(&reached.connection).await.map_err(|error| service::database(&error))?;
        let removed = remove_sealed(&reached.connection, &reached.secret).await?;
        return Ok(format!(
            "the database goes by the present secret now; {removed} secrets and waiting letters were removed"
        ));
    }
    let kept = secrets::is_kept(config);
    let new = match (kept, given) {
        (true, None) => secrets::prepare(&reached.data)?,
        (false, Some(given)) => given,
        (false, None) => {
            return Err(Failure::Usage(
                "secret_key is configured, so the new one must be given: --new-secret-file FILE; make one with: \
                 (umask 077; openssl rand -base64 48 > FILE)"
                    .to_owned(),
            ));
        }
        (true, Some(_)) => {
            return Err(Failure::Usage(
                "the secret is kept in the data folder and is made there; leave --new-secret-file out"
                    .to_owned(),
            ));
        }
    };
    store::migrate(&reached.connection).await.map_err(|error| service::database(&error))?;
    let resealed = reseal(config, reached, &new).await?;
    if kept {
        secrets::finish(&reached.data)?;
        return Ok(format!(
            "the secret is a new one; {resealed} secrets and waiting letters were sealed anew"
        ));
    }
    Ok(format!(
        "the database goes by the new secret now; {resealed} secrets and waiting letters were sealed anew; set secret_key to it on every \
         machine and start the service again"
    ))
}

/// Opens with the old secret, seals with the new one: all in one transaction.
async fn reseal(config: &Config, reached: &Reached, new: &str) -> Result<usize, Failure> {
    let (old_keys, new_keys) = (Keys::derive(reached.secret.as_bytes()), Keys::derive(new.as_bytes()));
    let database = |error: store::Error| service::database(&error);
    let mut rotation = Rotation::begin(&reached.connection).await.map_err(database)?;
    let sealed = rotation.sealed().await.map_err(database)?;
    for one in &sealed {
        let fresh = old_keys.open(&one.bytes, &one.to).and_then(|plain| new_keys.seal(&plain, &one.to));
        if fresh.is_none() && one.may_be_lost() {
            rotation.remove(one).await.map_err(database)?;
            continue;
        }
        let Some(fresh) = fresh else {
            return Err(Failure::Work(anyhow::anyhow!(
                "{one:?} cannot be opened with the present secret; nothing was changed"
            )));
        };
        rotation.replace(one, &fresh).await.map_err(database)?;
    }
    let with = match config.database_url.reveal() {
        Some(url) => Connection::url(url, new).map_err(database)?,
        None => reached.connection.clone(),
    };
    rotation.commit(&with, &mark(new)).await.map_err(database)?;
    Ok(sealed.len())
}

/// Removes what only the lost secret opens, and lets the database go by this one. Gives back how much went.
pub(super) async fn remove_sealed(connection: &Connection, secret: &str) -> Result<usize, Failure> {
    let keys = Keys::derive(secret.as_bytes());
    let database = |error: store::Error| service::database(&error);
    let mut rotation = Rotation::begin(connection).await.map_err(database)?;
    let mut removed = 0;
    for one in rotation.sealed().await.map_err(database)? {
        if keys.open(&one.bytes, &one.to).is_none() {
            rotation.remove(&one).await.map_err(database)?;
            removed += 1;
        }
    }
    rotation.commit(connection, &mark(secret)).await.map_err(database)?;
    Ok(removed)
}
