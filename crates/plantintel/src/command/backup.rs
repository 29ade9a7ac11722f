//! `plantintel backup` and `plantintel restore`.

use std::{fs, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::Context;
use app::backup::{self, Manifest};
use serde_json::{Value, json};
use store::audit::{self, Event, Outcome, checkpoint};

use crate::{
    command::audit::{examine, show},
    config::Config,
    failure::Failure,
    output,
    service::{self, CHECKPOINTS, Foundation, Reached, secrets},
};

/// What of the data folder goes beside the rows and the bytes.
const INSTALLATION: &str = "installation";

/// Writes a backup, beside the running service.
pub(crate) fn write(
    file: Option<&Path>,
    folder: &Path,
    with_secrets: bool,
    json: bool,
) -> Result<(), Failure> {
    let config = Config::load_to_serve(file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let manifest = runtime.block_on(async {
        let foundation = Foundation::beside(&config).await?;
        let outcome = write_all(&foundation, folder, with_secrets).await;
        foundation.leave().await;
        outcome
    })?;
    if json {
        output::json(&told(&manifest))?;
    } else {
        output::line(&format!(
            "backed up {} rows and {} files ({} bytes) as of {} into {}",
            manifest.rows(),
            manifest.blobs,
            manifest.blob_bytes,
            manifest.made_at,
            folder.display()
        ))?;
        if !with_secrets {
            output::message(
                "the secret and the audit key are not in it: keep `secret` and `audit.key` of the data folder elsewhere",
            );
        }
    }
    if manifest.missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Work(anyhow::anyhow!(
        "{} files that the database speaks of are not there, and so not in the backup: {}",
        manifest.missing.len(),
        manifest.missing.join(", ")
    )))
}

async fn write_all(foundation: &Foundation, folder: &Path, with_secrets: bool) -> Result<Manifest, Failure> {
    let backing = &foundation.backing;
    // Its row in the trail is part of the backup.
    note(foundation, Event::new("backup.create", Outcome::Done)).await?;
    let signer = secrets::signer(&foundation.data)?;
    let ends = foundation.data.join(CHECKPOINTS);
    let now = backing.clock.now();
    checkpoint::write_due(&backing.store, &signer, &ends, now).await.map_err(anyhow::Error::from)?;
    let manifest =
        backup::write(&foundation.connection, &backing.blobs, folder, env!("CARGO_PKG_VERSION"), now).await?;
    let beside = folder.join(INSTALLATION);
    fs::create_dir(&beside).with_context(|| beside.display().to_string())?;
    if ends.exists() {
        fs::copy(&ends, beside.join(CHECKPOINTS)).context("the signed ends of the audit trail")?;
    }
    secrets::remember_audit_keys(&beside, &secrets::audit_keys(&foundation.data)?)?;
    if with_secrets {
        for name in [secrets::SECRET, secrets::AUDIT_KEY] {
            let from = foundation.data.join(name);
            if from.exists() {
                let bytes = fs::read(&from).with_context(|| from.display().to_string())?;
                secrets::write_private(&beside.join(name), &bytes)?;
            }
        }
    }
    fs::File::open(&beside)?.sync_all()?;
    Ok(manifest)
}

/// Restores a backup into an empty installation, and verifies it.
pub(crate) fn restore(
    file: Option<&Path>,
    folder: &Path,
    secret_is_lost: bool,
    json: bool,
) -> Result<(), Failure> {
    let config = Config::load_to_serve(file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let (manifest, removed) = bring_back(&config, folder, secret_is_lost).await?;
        let foundation = Foundation::lay(&config).await?;
        let outcome = async {
            note(
                &foundation,
                Event::new("backup.restore", Outcome::Done).detail("made_at", manifest.made_at.as_str()),
            )
            .await?;
            examine(&foundation).await
        }
        .await;
        foundation.leave().await;
        let trails = outcome?;
        if json {
            let mut value = told(&manifest);
            value["second_factors_removed"] = removed.into();
            value["chains"] = trails.to_json();
            output::json(&value)?;
        } else {
            output::line(&format!(
                "restored {} rows and {} files as of {}; all are what was written",
                manifest.rows(),
                manifest.blobs,
                manifest.made_at
            ))?;
            if removed > 0 {
                output::line(&format!("{removed} sealed values were removed, since the secret is lost"))?;
            }
            show(&trails)?;
        }
        trails.outcome()
    })
}

/// Everything but the verification of the trail. Gives back how many sealed values had to go.
async fn bring_back(
    config: &Config,
    folder: &Path,
    secret_is_lost: bool,
) -> Result<(Manifest, usize), Failure> {
    let manifest = Manifest::read(folder)?;
    let beside = folder.join(INSTALLATION);
    let data = config.data()?;
    // The secret of the backup comes first, so that none is made in its place.
    take(&beside, &data, secrets::SECRET)?;
    take(&beside, &data, secrets::AUDIT_KEY)?;
    let reached = Reached::with_any_secret(config).await?;
    let outcome = async {
        let mark = store::installation::mark(&reached.secret);
        if manifest.secret_mark.as_ref().is_some_and(|known| *known != mark) && !secret_is_lost {
            return Err(Failure::Usage(format!(
                "the secret here is not the one of the backup: put `secret` of the old data folder into {}, or set \
                 secret_key; where it is lost, add --secret-is-lost: people then sign in without their second factor",
                reached.data.display()
            )));
        }
        let blobs = service::blobs(config, &reached.data)?;
        let manifest = backup::restore(&reached.connection, &blobs, folder).await?;
        store::migrate(&reached.connection).await.map_err(|error| service::database(&error))?;
        let removed = if manifest.secret_mark.as_ref().is_some_and(|known| *known != mark) {
            super::rotate_keys::remove_sealed(&reached.connection, &reached.secret).await?
        } else {
            0
        };
        let ends = beside.join(CHECKPOINTS);
        if ends.exists() {
            let bytes = fs::read(&ends).context("the signed ends of the audit trail")?;
            let file = reached.data.join(CHECKPOINTS);
            let mut options = fs::OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&file)?;
            std::io::Write::write_all(&mut file, &bytes)?;
            file.sync_all()?;
        }
        secrets::remember_audit_keys(&reached.data, &keys_of(&beside)?)?;
        Ok((manifest, removed))
    }
    .await;
    reached.leave().await;
    outcome
}

/// Copies a secret out of the backup, unless there is one already.
fn take(beside: &Path, data: &Path, name: &str) -> Result<(), Failure> {
    let (from, to) = (beside.join(name), data.join(name));
    if from.exists() && !to.exists() {
        service::private_folder(data)?;
        let bytes = fs::read(&from).with_context(|| from.display().to_string())?;
        secrets::write_private(&to, &bytes)?;
    }
    Ok(())
}

/// The public keys that a backup brings.
fn keys_of(beside: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let file = beside.join(secrets::AUDIT_KEYS);
    if file.exists() { Ok(secrets::read_keys(&file)?) } else { Ok(Vec::new()) }
}

async fn note(foundation: &Foundation, event: Event) -> Result<(), Failure> {
    let record = async {
        let mut gate = foundation.backing.store.gate().await?;
        gate.enter(audit::INSTALLATION).await?;
        audit::record(&mut gate, &event.on("installation", audit::INSTALLATION)).await?;
        gate.commit().await
    };
    record.await.map_err(|error| service::database(&error))
}

fn told(manifest: &Manifest) -> Value {
    json!({
        "made_at": manifest.made_at, "tables": manifest.tables.len(), "rows": manifest.rows(), "files": manifest.blobs,
        "file_bytes": manifest.blob_bytes, "deleted_meanwhile": manifest.gone, "missing": manifest.missing,
    })
}
