//! The trail is complete, and whoever touches it afterwards is noticed and the row is named.

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use store::audit::checkpoint::{self, Checkpoint, Signer};
use store::audit::verify::{self, Evidence, Fault, Report};
use store::audit::{self, Event, Outcome};
use testkit::{Database, Org};

const COLUMNS: &[&str] = &[
    "org_id",
    "seq",
    "at",
    "actor_kind",
    "actor_id",
    "action",
    "resource_type",
    "resource_id",
    "outcome",
    "trace_id",
    "details",
    "personal",
    "hash",
];

async fn written(database: &Database, n: i64) -> Org {
    let org = testkit::org(database, "A", "unlimited").await;
    let mut tx = database.store.begin(&org.admin).await.unwrap();
    let mut together = Vec::new();
    for i in 0..n {
        let event = Event::new("file.create", Outcome::Done)
            .on("file", i)
            .traced(format!("trace-{i}"))
            .detail("bytes", i)
            .detail("name", "ä\0")
            .about(org.viewer.user(), "Vera")
            .from_address("192.0.2.1", "Firefox");
        let event = if i % 3 == 0 { Event::new("org.read", Outcome::Denied) } else { event };
        // One by one and many at once make the same chain.
        if i % 7 == 5 || i % 7 == 6 {
            together.push(event);
        } else {
            audit::record_all(&mut tx, &std::mem::take(&mut together)).await.unwrap();
            assert_eq!(audit::record(&mut tx, &event).await.unwrap(), i + 1);
        }
    }
    audit::record_all(&mut tx, &together).await.unwrap();
    tx.commit().await.unwrap();
    org
}

/// A person with the database's own rights, who can switch the triggers off.
async fn intruder(database: &Database) -> PgConnection {
    let options: sqlx::postgres::PgConnectOptions = database.url("plantintel_admin").parse().unwrap();
    let mut conn = options.connect().await.unwrap();
    sqlx::raw_sql("SET session_replication_role = replica").execute(&mut conn).await.unwrap();
    conn
}

async fn verified(database: &Database, org: &Org, evidence: Evidence<'_>) -> Report {
    let mut tx = database.store.begin(&org.viewer).await.unwrap();
    verify::chain(&mut tx, org.id, evidence).await.unwrap()
}

async fn run(conn: &mut PgConnection, sql: &str) -> u64 {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
}

/// A small generator, so that a failing case can be run again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[tokio::test]
async fn each_of_five_hundred_single_changes_is_noticed_and_the_row_named() {
    let Some(database) = Database::fresh().await else { return };
    let n = 60;
    let org = written(&database, n).await;
    let stranger = testkit::org(&database, "B", "unlimited").await;
    assert!(verified(&database, &org, Evidence::default()).await.is_intact());
    let mut conn = intruder(&database).await;
    let mut dice = Dice(20_260_311);
    run(&mut conn, "CREATE TABLE public.rows AS SELECT * FROM tenant.audit").await;
    for case in 0..500_usize {
        let column = COLUMNS[case % COLUMNS.len()];
        let seq = dice.below(n as u64) as i64 + 1;
        let value = match column {
            "org_id" => format!("'{}'", stranger.id),
            // A number that is free, so that the row seems to have moved.
            "seq" => (n + 1 + dice.below(50) as i64).to_string(),
            "at" => format!("at + interval '{} microseconds'", 1 + dice.below(1000)),
            "actor_kind" => "CASE actor_kind WHEN 'token' THEN 'session' ELSE 'token' END".to_owned(),
            "outcome" => "CASE outcome WHEN 'done' THEN 'denied' ELSE 'done' END".to_owned(),
            "details" => format!("details || '{{\"bytes\": {}}}'", 1000 + dice.below(1000)),
            // One bit.
            "personal" | "hash" => {
                let bit = dice.below(256);
                format!("set_bit({column}, {bit}, 1 - get_bit({column}, {bit}))")
            }
            // One letter, by one that stands nowhere.
            text => format!("overlay({text} placing chr({}) from 1 for 1)", 10_000 + dice.below(26)),
        };
        let there = format!("org_id = '{}' AND seq = {seq}", org.id);
        run(&mut conn, &format!("UPDATE tenant.audit SET {column} = {value} WHERE {there}")).await;
        let changed: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT * FROM tenant.audit EXCEPT SELECT * FROM public.rows) changed",
        )
        .fetch_one(&mut conn)
        .await
        .unwrap();
        assert_eq!(changed, 1, "case {case}: {column} = {value}");
        let report = verified(&database, &org, Evidence::default()).await;
        let named = report.faults.iter().any(|fault| match *fault {
            Fault::Changed { seq: named } => named == seq,
            Fault::Missing { from, to } => from <= seq && seq <= to,
            // The last row took the end with it.
            Fault::Head { found, .. } => found == seq - 1,
            _ => false,
        });
        assert!(named, "case {case}: {column} of row {seq} was changed, and the report is {report:?}");
        assert!(
            report.faults.len() <= 4,
            "case {case}: one change of {column}, and the report is {report:?}"
        );
        run(&mut conn, "DELETE FROM tenant.audit; INSERT INTO tenant.audit SELECT * FROM public.rows").await;
    }
    assert!(verified(&database, &org, Evidence::default()).await.is_intact());
    conn.close().await.unwrap();
}

#[tokio::test]
async fn whole_rows_that_go_come_or_trade_places_are_noticed() {
    let Some(database) = Database::fresh().await else { return };
    let org = written(&database, 12).await;
    let other = written(&database, 12).await;
    let mut conn = intruder(&database).await;
    let (a, b) = (org.id, other.id);
    let columns = COLUMNS[2..].join(", ");
    let swap = format!(
        "UPDATE tenant.audit SET seq = 1000 + seq WHERE org_id = '{a}' AND seq IN (4, 7);
         UPDATE tenant.audit SET seq = CASE seq WHEN 1004 THEN 7 ELSE 4 END WHERE org_id = '{a}' AND seq > 1000"
    );
    let cases = [
        ("a deleted row", format!("DELETE FROM tenant.audit WHERE org_id = '{a}' AND seq = 5"), Fault::Missing { from: 5, to: 5 }),
        ("the first rows", format!("DELETE FROM tenant.audit WHERE org_id = '{a}' AND seq <= 2"), Fault::Missing { from: 1, to: 2 }),
        (
            "an added row",
            format!(
                "INSERT INTO tenant.audit (org_id, seq, {columns}) SELECT org_id, 13, {columns} FROM tenant.audit
                 WHERE org_id = '{a}' AND seq = 12"
            ),
            Fault::Changed { seq: 13 },
        ),
        (
            "a row copied over another",
            format!(
                "UPDATE tenant.audit t SET ({columns}) = (SELECT {columns} FROM tenant.audit WHERE org_id = '{a}' AND seq = 8)
                 WHERE org_id = '{a}' AND seq = 3"
            ),
            Fault::Changed { seq: 3 },
        ),
        (
            "another organisation's row",
            format!(
                "UPDATE tenant.audit t SET ({columns}) = (SELECT {columns} FROM tenant.audit WHERE org_id = '{b}' AND seq = 6)
                 WHERE org_id = '{a}' AND seq = 6"
            ),
            Fault::Changed { seq: 6 },
        ),
        ("two rows that trade places", swap, Fault::Changed { seq: 4 }),
        ("everything", format!("DELETE FROM tenant.audit WHERE org_id = '{a}'"), Fault::Head { noted: 12, found: 0 }),
        ("the end", format!("DELETE FROM tenant.audit WHERE org_id = '{a}' AND seq > 9"), Fault::Head { noted: 12, found: 9 }),
        (
            "a person's name",
            format!("UPDATE tenant.audit_personal SET name = 'Mallory' WHERE org_id = '{a}' AND seq = 2"),
            Fault::PersonalChanged { seq: 2 },
        ),
    ];
    for (what, sql, fault) in cases {
        run(&mut conn, "CREATE TABLE public.rows AS SELECT * FROM tenant.audit; CREATE TABLE public.people AS SELECT * FROM tenant.audit_personal").await;
        run(&mut conn, &sql).await;
        let report = verified(&database, &org, Evidence::default()).await;
        assert!(report.faults.contains(&fault), "{what}: {report:?}");
        assert!(verified(&database, &other, Evidence::default()).await.is_intact(), "{what}");
        run(
            &mut conn,
            "DELETE FROM tenant.audit; INSERT INTO tenant.audit SELECT * FROM public.rows; DROP TABLE public.rows;
             DELETE FROM tenant.audit_personal; INSERT INTO tenant.audit_personal SELECT * FROM public.people; DROP TABLE public.people",
        )
        .await;
        assert!(verified(&database, &org, Evidence::default()).await.is_intact());
    }
}

/// Someone who knows the rules rewrites the chain whole, with right hashes: only a signature from outside helps then.
#[tokio::test]
async fn checkpoints_notice_a_chain_that_was_rewritten_or_cut() {
    let Some(database) = Database::fresh().await else { return };
    let org = written(&database, 9).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoints.jsonl");
    let signer = Signer::from_pkcs8(&Signer::generate().unwrap()).unwrap();
    let at = super::scenario::now();
    assert!(checkpoint::write_due(&database.store, &signer, &file, at).await.unwrap() >= 1);
    assert_eq!(
        checkpoint::write_due(&database.store, &signer, &file, at).await.unwrap(),
        0,
        "nothing has grown"
    );
    let checkpoints = checkpoint::read(&file).unwrap();
    let keys = [signer.public_key().to_vec()];
    let evidence = Evidence { checkpoints: &checkpoints, public_keys: &keys };
    let report = verified(&database, &org, evidence).await;
    assert!(report.is_intact() && report.checkpoints == 1, "{report:?}");

    let mut conn = intruder(&database).await;
    let rewrite = format!(
        "DELETE FROM tenant.audit_personal WHERE org_id = '{0}'; DELETE FROM tenant.audit WHERE org_id = '{0}';
         DELETE FROM tenant.audit_heads WHERE org_id = '{0}'; SET app.org = '{0}';
         SELECT tenant.audit_append('token', 'x', 'org.read', '', '', 'done', '', '{{}}', NULL, '', '', '') FROM generate_series(1, 9)",
        org.id
    );
    run(&mut conn, &rewrite).await;
    assert!(
        verified(&database, &org, Evidence::default()).await.is_intact(),
        "by itself it cannot be noticed"
    );
    assert_eq!(verified(&database, &org, evidence).await.faults, [Fault::Checkpoint { seq: 9 }]);
    let cut = format!(
        "DELETE FROM tenant.audit WHERE org_id = '{0}' AND seq > 6; UPDATE tenant.audit_heads h SET seq = 6, hash =
         (SELECT hash FROM tenant.audit a WHERE a.org_id = h.org_id AND a.seq = 6) WHERE org_id = '{0}'",
        org.id
    );
    run(&mut conn, &cut).await;
    assert_eq!(verified(&database, &org, evidence).await.faults, [Fault::Truncated { signed: 9, found: 6 }]);

    // A checkpoint of somebody else's making proves nothing.
    let forger = Signer::from_pkcs8(&Signer::generate().unwrap()).unwrap();
    let forged = [forger.sign(org.id, 6, [0; 32], at)];
    let evidence = Evidence { checkpoints: &forged, public_keys: &keys };
    assert_eq!(verified(&database, &org, evidence).await.faults, [Fault::Signature { seq: 6 }]);
    let mut bent = checkpoints[0].clone();
    bent.seq += 1;
    assert!(checkpoints[0].is_signed_by(&keys[0]) && !bent.is_signed_by(&keys[0]));
    assert_eq!(Checkpoint::from_line(&checkpoints[0].to_line()).as_ref(), Some(&checkpoints[0]));
}

/// A crash in the middle of a line costs that line, which nobody relied on, and none that is written after it.
#[tokio::test]
async fn a_signed_end_that_was_cut_short_spoils_no_other() {
    let Some(database) = Database::fresh().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoints.jsonl");
    let signer = Signer::from_pkcs8(&Signer::generate().unwrap()).unwrap();
    let at = super::scenario::now();
    written(&database, 3).await;
    let first = checkpoint::write_due(&database.store, &signer, &file, at).await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, [whole.as_slice(), &whole[..whole.len() / 2]].concat()).unwrap();
    assert_eq!(checkpoint::read(&file).unwrap().len(), first);
    written(&database, 3).await;
    let more = checkpoint::write_due(&database.store, &signer, &file, at).await.unwrap();
    assert!(more >= 1);
    assert_eq!(checkpoint::read(&file).unwrap().len(), first + more);
}

#[tokio::test]
async fn an_export_verifies_without_the_database_and_every_bent_line_shows() {
    let Some(database) = Database::fresh().await else { return };
    let org = written(&database, 10).await;
    let mut text = Vec::new();
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    assert_eq!(verify::export(&mut tx, org.id, &mut text).await.unwrap(), 10);
    let text = String::from_utf8(text).unwrap();
    let check = |text: &str| verify::exported(text.as_bytes(), Evidence::default()).unwrap();
    assert!(check(&text).unwrap().is_intact());
    assert_eq!(check("").map(|report| report.rows), None);
    let lines: Vec<&str> = text.lines().collect();
    for i in 1..lines.len() - 1 {
        let without: Vec<&str> =
            lines.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, line)| *line).collect();
        let report = check(&without.join("\n")).unwrap();
        assert_eq!(report.faults, [Fault::Missing { from: i as i64, to: i as i64 }]);
        let bent = text.replace(lines[i], &lines[i].replace("\"at_us\":1", "\"at_us\":2"));
        assert_eq!(check(&bent).unwrap().faults, [Fault::Changed { seq: i as i64 }]);
        let broken = text.replace(lines[i], "{");
        assert_eq!(check(&broken).unwrap().faults, [Fault::Changed { seq: i as i64 }]);
    }
}

#[tokio::test]
async fn a_person_is_erased_and_the_chain_stays_whole() {
    let Some(database) = Database::fresh().await else { return };
    let org = written(&database, 10).await;
    let mut tx = database.store.begin(&org.admin).await.unwrap();
    let erased = audit::erase(&mut tx, org.viewer.user().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(erased, 6);
    let report = verified(&database, &org, Evidence::default()).await;
    assert!(report.is_intact(), "{report:?}");
    assert_eq!((report.erased, report.rows), (6, 11));
    let mut text = Vec::new();
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    verify::export(&mut tx, org.id, &mut text).await.unwrap();
    assert!(!String::from_utf8(text).unwrap().contains("Vera"));
}

#[tokio::test]
async fn roles_cannot_write_over_the_trail() {
    let Some(database) = Database::fresh().await else { return };
    let org = written(&database, 3).await;
    for role in ["plantintel_app", "plantintel_worker", "plantintel_gate", "plantintel_operator"] {
        let options: sqlx::postgres::PgConnectOptions = database.url(role).parse().unwrap();
        let mut conn = options.connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("SET app.org = '{}'", org.id))).execute(&mut conn).await.unwrap();
        for sql in [
            "UPDATE tenant.audit SET outcome = 'done'",
            "DELETE FROM tenant.audit",
            "TRUNCATE tenant.audit CASCADE",
            "INSERT INTO tenant.audit SELECT * FROM tenant.audit",
            "UPDATE tenant.audit_heads SET seq = 1",
            "DELETE FROM tenant.audit_personal",
            "ALTER TABLE tenant.audit DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
        ] {
            assert!(sqlx::raw_sql(sql).execute(&mut conn).await.is_err(), "{role}: {sql}");
        }
    }
    // The owner, without tricks, is stopped by the trigger.
    let options: sqlx::postgres::PgConnectOptions = database.url("plantintel_admin").parse().unwrap();
    let mut conn = options.connect().await.unwrap();
    for sql in [
        "UPDATE tenant.audit SET outcome = 'done'",
        "DELETE FROM tenant.audit",
        "TRUNCATE tenant.audit CASCADE",
    ] {
        let error = sqlx::raw_sql(sql).execute(&mut conn).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
    assert!(verified(&database, &org, Evidence::default()).await.is_intact());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sequence_has_no_gaps_under_concurrency_and_rollbacks() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "unlimited").await;
    let mut tasks = Vec::new();
    for i in 0..12 {
        let (store, actor) = (database.store.clone(), org.analyst.clone());
        tasks.push(tokio::spawn(async move {
            for j in 0..20 {
                let mut tx = store.begin(&actor).await.unwrap();
                audit::record(&mut tx, &Event::new("x.y", Outcome::Done).detail("n", i * 100 + j))
                    .await
                    .unwrap();
                if (i + j) % 5 == 0 {
                    tx.rollback().await.unwrap();
                } else {
                    tx.commit().await.unwrap();
                }
            }
        }));
    }
    // Verifying while it grows raises no false alarm.
    while tasks.iter().any(|task| !task.is_finished()) {
        let report = verified(&database, &org, Evidence::default()).await;
        assert!(report.is_intact(), "{report:?}");
    }
    for task in tasks {
        task.await.unwrap();
    }
    let report = verified(&database, &org, Evidence::default()).await;
    assert!(report.is_intact(), "{report:?}");
    assert_eq!(report.rows, 192);
}
