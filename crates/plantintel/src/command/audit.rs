//! `plantintel audit verify`.

use std::path::Path;

use domain::id::UserId;
use serde_json::json;
use store::{
    audit::{checkpoint, verify},
    operator::{self, Operator},
};

use crate::{
    config::Config,
    failure::Failure,
    output,
    service::{CHECKPOINTS, Foundation, signer},
};

pub(crate) fn verify(file: Option<&Path>, json: bool) -> Result<(), Failure> {
    let config = Config::load_to_serve(file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let foundation = Foundation::lay(&config).await?;
        let outcome = walk(&foundation, json).await;
        foundation.leave().await;
        outcome
    })
}

async fn walk(foundation: &Foundation, json: bool) -> Result<(), Failure> {
    let signer = signer(&foundation.data)?;
    let file = foundation.data.join(CHECKPOINTS);
    let checkpoints =
        if file.exists() { checkpoint::read(&file).map_err(anyhow::Error::from)? } else { Vec::new() };
    let keys = [signer.public_key().to_vec()];
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
    let mut broken = 0;
    let mut shown = Vec::new();
    for (org, name) in orgs {
        let report = verify::chain(&mut tx, org, evidence).await.map_err(anyhow::Error::from)?;
        broken += usize::from(!report.is_intact());
        if json {
            let faults: Vec<String> = report.faults.iter().map(|fault| format!("{fault:?}")).collect();
            shown.push(json!({"organization": org.to_string(), "rows": report.rows, "erased": report.erased,
                "checkpoints": report.checkpoints, "intact": report.is_intact(), "faults": faults}));
            continue;
        }
        let word = if report.is_intact() { "intact" } else { "BROKEN" };
        output::line(&format!(
            "{word}  {name} ({org}): {} rows, {} checkpoints",
            report.rows, report.checkpoints
        ))?;
        for fault in &report.faults {
            output::line(&format!("        {fault:?}"))?;
        }
    }
    if json {
        output::json(&json!({ "chains": shown }))?;
    }
    if broken == 0 {
        Ok(())
    } else {
        Err(Failure::Work(anyhow::anyhow!("{broken} trails are not as they were written")))
    }
}
