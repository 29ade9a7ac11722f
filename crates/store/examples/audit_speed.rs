//! How fast a trail is verified: `cargo run -p store --example audit_speed -- 1000000` lays down so many rows of one
//! organisation and walks them. The rows are chained here and go in by `COPY`, since writing them one by one would take ten times as
//! long as the measurement; what the walk reads and computes is the same.

use anyhow::Context;
use sqlx::{ConnectOptions, Connection as _};
use std::fmt::Write as _;
use std::time::Instant;
use store::audit::leaf::{Leaf, Personal, START};
use store::audit::verify::{self, Evidence};
use testkit::Database;

const AT_US: i64 = 1_790_000_000_000_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let n: i64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let database = Database::fresh().await.context("no Postgres is installed")?;
    let org = testkit::org(&database, "A", "unlimited").await;
    let options: sqlx::postgres::PgConnectOptions = database.url("plantintel_admin").parse()?;
    let mut admin = options.connect().await?;
    let begun = Instant::now();
    let (mut rows, mut people) = (String::new(), String::new());
    let mut previous = START;
    let user = org.viewer.user().context("a person")?.0;
    let org_id = org.id.0;
    for seq in 1..=n {
        let key = [seq as u8; 32];
        let (name, address, agent) =
            ("Vera", "192.0.2.1", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101");
        let personal =
            Personal { key: &key, subject: Some(user), name, address, user_agent: agent }.commitment();
        let at_us = AT_US + seq;
        let actor = user.to_string();
        let leaf = Leaf {
            org: org_id,
            seq,
            at_us,
            actor_kind: "token",
            actor_id: &actor,
            action: "file.create",
            resource_type: "file",
            resource_id: "0190a0a0-0000-7000-8000-000000000000",
            outcome: "done",
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
            details: "{\"bytes\": 1234567}",
            personal: Some(&personal),
        };
        let hash = leaf.hash(&previous);
        let at = jiff::Timestamp::from_microsecond(at_us)?;
        writeln!(
            rows,
            "{org_id}\t{seq}\t{at}\ttoken\t{actor}\tfile.create\tfile\t{}\tdone\t{}\t{}\t\\\\x{}\t\\\\x{}",
            leaf.resource_id,
            leaf.trace_id,
            leaf.details,
            hex::encode(personal),
            hex::encode(hash)
        )?;
        writeln!(people, "{org_id}\t{seq}\t{user}\t\\\\x{}\t{name}\t{address}\t{agent}", hex::encode(key))?;
        previous = hash;
        if seq % 50_000 == 0 || seq == n {
            for (table, columns, text) in [
                (
                    "tenant.audit",
                    "org_id, seq, at, actor_kind, actor_id, action, resource_type, resource_id, outcome, trace_id, details, personal, hash",
                    &mut rows,
                ),
                (
                    "tenant.audit_personal",
                    "org_id, seq, subject, key, name, address, user_agent",
                    &mut people,
                ),
            ] {
                let mut copy = admin.copy_in_raw(&format!("COPY {table} ({columns}) FROM STDIN")).await?;
                copy.send(text.as_bytes()).await?;
                copy.finish().await?;
                text.clear();
            }
        }
    }
    sqlx::query("INSERT INTO tenant.audit_heads (org_id, seq, hash) VALUES ($1, $2, $3) ON CONFLICT (org_id) DO UPDATE SET seq = $2, hash = $3")
        .bind(org_id)
        .bind(n)
        .bind(previous.as_slice())
        .execute(&mut admin)
        .await?;
    sqlx::raw_sql("ANALYZE tenant.audit, tenant.audit_personal").execute(&mut admin).await?;
    admin.close().await?;
    report("laid down", n, begun);
    let begun = Instant::now();
    let mut tx = database.store.begin(&org.viewer).await?;
    let found = verify::chain(&mut tx, org.id, Evidence::default()).await?;
    report("verified", found.rows, begun);
    anyhow::ensure!(found.is_intact() && found.rows == n, "{:?}", found.faults.first());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a measurement for people")]
fn report(what: &str, n: i64, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    println!("{n} rows {what} in {seconds:.1} s, {:.0} a second", n as f64 / seconds);
}
