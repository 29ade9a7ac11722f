//! `plantintel audit verify`.

use std::path::Path;

use domain::id::UserId;
use serde_json::{Value, json};
use store::{
    audit::{checkpoint, verify},
    operator::{self, Operator},
};

use crate::{
    config::Config,
    failure::Failure,
    output,
    service::{CHECKPOINTS, Foundation, secrets},
};

/// What became of each trail.
#[derive(Debug)]
pub(crate) struct Trails(Vec<(String, verify::Report)>);

impl Trails {
    pub(crate) fn to_json(&self) -> Value {
        let chain = |(_, report): &(String, verify::Report)| {
            let faults: Vec<String> = report.faults.iter().map(|fault| format!("{fault:?}")).collect();
            json!({"organization": report.org.to_string(), "rows": report.rows, "erased": report.erased,
                "checkpoints": report.checkpoints, "intact": report.is_intact(), "faults": faults,
                "further_faults": report.further_faults})
        };
        self.0.iter().map(chain).collect()
    }

    /// A failure where one is not as it was written.
    pub(crate) fn outcome(&self) -> Result<(), Failure> {
        let broken = self.0.iter().filter(|(_, report)| !report.is_intact()).count();
        if broken == 0 {
            Ok(())
        } else {
            Err(Failure::Work(anyhow::anyhow!("{broken} trails are not as they were written")))
        }
    }
}

pub(crate) fn verify(file: Option<&Path>, json: bool) -> Result<(), Failure> {
    let config = Config::load_to_serve(file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let foundation = Foundation::beside(&config).await?;
        let outcome = examine(&foundation).await;
        foundation.leave().await;
        let trails = outcome?;
        if json {
            output::json(&json!({ "chains": trails.to_json() }))?;
        } else {
            show(&trails)?;
        }
        trails.outcome()
    })
}

/// Walks every trail and holds it against the signed ends.
pub(crate) async fn examine(foundation: &Foundation) -> Result<Trails, Failure> {
    let file = foundation.data.join(CHECKPOINTS);
    let checkpoints =
        if file.exists() { checkpoint::read(&file).map_err(anyhow::Error::from)? } else { Vec::new() };
    let keys = secrets::audit_keys(&foundation.data)?;
    let evidence = verify::Evidence { checkpoints: &checkpoints, public_keys: &keys };
    let operator = Operator { user: UserId(uuid::Uuid::nil()) };
    let mut tx = foundation.backing.store.operator(operator).await.map_err(anyhow::Error::from)?;
    let mut orgs: Vec<_> = operator::orgs::list(&mut tx)
        .await
        .map_err(anyhow::Error::from)?
        .into_iter()
        .map(|org| (org.org_id, org.name))
        .collect();
    orgs.push((store::audit::INSTALLATION, "installation".to_owned()));
    let mut trails = Vec::new();
    for (org, name) in orgs {
        let report = verify::chain(&mut tx, org, evidence).await.map_err(anyhow::Error::from)?;
        trails.push((name, report));
    }
    Ok(Trails(trails))
}

/// A line for each trail, and for each fault.
pub(crate) fn show(trails: &Trails) -> Result<(), Failure> {
    for (name, report) in &trails.0 {
        let word = if report.is_intact() { "intact" } else { "BROKEN" };
        output::line(&format!(
            "{word}  {name} ({}): {} rows, {} checkpoints",
            report.org, report.rows, report.checkpoints
        ))?;
        for fault in &report.faults {
            output::line(&format!("        {fault:?}"))?;
        }
        if report.further_faults > 0 {
            output::line(&format!("        and {} more", report.further_faults))?;
        }
    }
    Ok(())
}
