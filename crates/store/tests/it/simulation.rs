//! The job protocol and the shared limiter in simulated time, over the SQL that runs in production.
//!
//! A seed decides everything that happens: which worker claims, beats, ends, stalls or dies, when somebody cancels, and how far the
//! clock moves. The clock moves by putting the instants of all rows back, which is the same for statements that compare them with the
//! present. After every step what lies in the database is held against a model of some fifty lines. `PLANTINTEL_SIMULATIONS` says how
//! many seeds (a few by default), and a seed that fails is named.

use domain::id::JobId;
use jiff::SignedDuration;
use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};
use std::collections::BTreeMap;
use store::audit::{self, Event, Outcome};
use store::jobs::{self, Claim, Done, JobState, NewJob, Pulse};
use store::{Error, Store};
use testkit::{Database, Org};
use uuid::Uuid;

const STEPS: usize = 120;
const PER_ORG: u32 = 2;
const ATTEMPTS_MAX: i64 = 3;

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// What must be true of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Expected {
    state: JobState,
    attempt: i64,
    losses: i64,
    cancel: bool,
    /// The claim that counts, and the simulated second at which it lapses.
    held: Option<(i64, i64)>,
    /// When it may be claimed at the earliest and at the latest: a retry's pause is partly chance.
    due: (i64, i64),
    effects: i64,
}

struct World<'a> {
    store: &'a Store,
    admin: PgConnection,
    orgs: Vec<Org>,
    jobs: BTreeMap<Uuid, (usize, Expected)>,
    /// All claims that were ever made and are still remembered by their worker, stale ones too.
    claims: Vec<Claim>,
    now: i64,
    dice: Dice,
    fence: i64,
}

impl World<'_> {
    async fn advance(&mut self, seconds: i64) {
        self.now += seconds;
        let sql = format!(
            "UPDATE tenant.jobs SET lease_until = lease_until - interval '{seconds} s', run_at = run_at - interval '{seconds} s'"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.admin).await.unwrap();
    }

    async fn enqueue(&mut self) {
        let org = self.dice.below(self.orgs.len() as u64) as usize;
        let delay = [0, 0, 0, 45][self.dice.below(4) as usize];
        let id =
            Uuid::from_u128((u128::from(self.dice.below(u64::MAX)) << 64) | (self.jobs.len() as u128 + 1));
        let mut new = NewJob::new(JobId(id), "import", Value::Null);
        new.delay = SignedDuration::from_secs(delay);
        new.attempts_max = ATTEMPTS_MAX;
        let mut tx = self.store.begin(&self.orgs[org].analyst).await.unwrap();
        jobs::enqueue(&mut tx, &new).await.unwrap();
        // What is rolled back was never there.
        if self.dice.below(8) == 0 {
            tx.rollback().await.unwrap();
            return;
        }
        tx.commit().await.unwrap();
        let due = self.now + delay;
        let expected = Expected {
            state: JobState::Queued,
            attempt: 0,
            losses: 0,
            cancel: false,
            held: None,
            due: (due, due),
            effects: 0,
        };
        self.jobs.insert(id, (org, expected));
    }

    /// Claims lapse before anything is claimed.
    fn lapse(&mut self) {
        for (_, job) in self.jobs.values_mut() {
            if job.held.is_some_and(|(_, until)| until < self.now) {
                job.held = None;
                job.losses += 1;
                job.state = if job.cancel { JobState::Cancelled } else { JobState::Queued };
                job.due = (self.now, self.now);
            }
        }
    }

    async fn claim(&mut self) {
        let worker = format!("w{}", self.dice.below(3));
        let claim = self.store.claim(&worker, &["import"], jobs::LEASE, PER_ORG).await.unwrap();
        self.lapse();
        let running = |org: usize| {
            self.jobs.values().filter(|(of, job)| *of == org && job.state == JobState::Running).count()
        };
        // Some room on both sides: real time goes on a little while the simulation runs.
        let surely_due = |job: &Expected| job.state == JobState::Queued && job.due.1 < self.now;
        let maybe_due = |job: &Expected| job.state == JobState::Queued && job.due.0 <= self.now;
        let room = |org: usize| running(org) < PER_ORG as usize;
        let Some(claim) = claim else {
            let missed = self.jobs.values().find(|(org, job)| surely_due(job) && room(*org));
            assert_eq!(missed, None, "nobody got it");
            return;
        };
        let (org, job) = &self.jobs[&claim.job.id.0];
        assert!(maybe_due(job) && room(*org), "{job:?} was claimed");
        let fewest =
            self.jobs.values().filter(|(of, job)| surely_due(job) && room(*of)).map(|(of, _)| running(*of));
        assert!(fewest.min().is_none_or(|fewest| running(*org) <= fewest), "another one's turn");
        assert!(claim.fence > self.fence, "fences grow");
        self.fence = claim.fence;
        let until = self.now + jobs::LEASE.as_secs();
        let (_, job) = self.jobs.get_mut(&claim.job.id.0).unwrap();
        job.state = JobState::Running;
        job.attempt += 1;
        job.held = Some((claim.fence, until));
        self.claims.push(claim);
    }

    fn holds(&self, claim: &Claim) -> bool {
        let (_, job) = &self.jobs[&claim.job.id.0];
        job.state == JobState::Running && job.held.is_some_and(|(fence, _)| fence == claim.fence)
    }

    async fn beat(&mut self, claim: &Claim) {
        let mut tx = self.store.begin(&claim.actor()).await.unwrap();
        let pulse = jobs::beat(&mut tx, claim, jobs::LEASE).await.unwrap();
        tx.commit().await.unwrap();
        let holds = self.holds(claim);
        let now = self.now;
        let (_, job) = self.jobs.get_mut(&claim.job.id.0).unwrap();
        let expected = match (holds, job.cancel) {
            (false, _) => Pulse::Lost,
            (true, true) => Pulse::CancelRequested,
            (true, false) => Pulse::Held,
        };
        assert_eq!(pulse, expected);
        if holds {
            job.held = Some((claim.fence, now + jobs::LEASE.as_secs()));
        }
    }

    /// A worker ends a job, whether it still holds it or not; the effect is in the same transaction.
    async fn finish(&mut self, claim: &Claim) {
        let reason = || "it rained".to_owned();
        let done = match self.dice.below(8) {
            0..4 => Done::Completed,
            4..6 => Done::Retry { reason: reason() },
            6 => Done::GiveUp { reason: reason() },
            _ => Done::Later { delay: SignedDuration::from_secs(20) },
        };
        let mut tx = self.store.begin(&claim.actor()).await.unwrap();
        if done == Done::Completed {
            let effect = Event::new("simulation.effect", Outcome::Done).on("job", claim.job.id);
            audit::record(&mut tx, &effect).await.unwrap();
        }
        let ended = jobs::finish(&mut tx, claim, &done).await;
        let holds = self.holds(claim);
        if !holds {
            assert!(matches!(ended, Err(Error::FenceLost)), "a stale worker ended a job: {ended:?}");
            return;
        }
        let state = ended.unwrap();
        // A worker may die between the end and the commit.
        if self.dice.below(6) == 0 {
            tx.rollback().await.unwrap();
            return;
        }
        tx.commit().await.unwrap();
        let now = self.now;
        let (_, job) = self.jobs.get_mut(&claim.job.id.0).unwrap();
        job.held = None;
        job.state = match done {
            Done::Completed => JobState::Completed,
            Done::GiveUp { .. } => JobState::Failed,
            _ if job.cancel => JobState::Cancelled,
            Done::Retry { .. } if job.attempt >= ATTEMPTS_MAX => JobState::Failed,
            _ => JobState::Queued,
        };
        match done {
            Done::Completed => job.effects += 1,
            Done::Retry { .. } => {
                let pause = 5 * (1 << (job.attempt - 1).min(20));
                job.due = (now + pause * 3 / 4, now + pause * 5 / 4 + 1);
            }
            Done::Later { .. } => {
                job.attempt -= 1;
                job.due = (now + 20, now + 20);
            }
            _ => {}
        }
        assert_eq!(state, job.state);
    }

    async fn cancel(&mut self) {
        let Some(id) = self.any_job() else { return };
        let (org, _) = self.jobs[&id];
        let mut tx = self.store.begin(&self.orgs[org].analyst).await.unwrap();
        jobs::cancel(&mut tx, JobId(id)).await.unwrap();
        tx.commit().await.unwrap();
        let (_, job) = self.jobs.get_mut(&id).unwrap();
        job.cancel = true;
        if job.state == JobState::Queued {
            job.state = JobState::Cancelled;
        }
    }

    fn any_job(&mut self) -> Option<Uuid> {
        let n = self.jobs.len() as u64;
        (n > 0).then(|| *self.jobs.keys().nth(self.dice.below(n) as usize).unwrap())
    }

    /// A worker starts again under its name and takes back what it held; its old claims live on in a process that stalls.
    async fn rescue(&mut self) {
        self.store.rescue_jobs().await.unwrap();
        self.lapse();
    }

    async fn check(&mut self) {
        let rows = sqlx::query("SELECT id, state, attempt, losses, cancel_requested, fence FROM tenant.jobs")
            .fetch_all(&mut self.admin)
            .await
            .unwrap();
        assert_eq!(rows.len(), self.jobs.len(), "a job went or came");
        for row in rows {
            let (_, job) = &self.jobs[&row.get::<Uuid, _>(0)];
            let state = JobState::parse(row.get(1)).unwrap();
            // A claim that has lapsed counts as running until somebody looks.
            assert_eq!(
                (state, row.get::<i64, _>(2), row.get::<i64, _>(3)),
                (job.state, job.attempt, job.losses)
            );
            assert_eq!(row.get::<bool, _>(4), job.cancel);
            if let Some((fence, _)) = job.held {
                assert_eq!(row.get::<i64, _>(5), fence);
            }
        }
        let effects = sqlx::query(
            "SELECT resource_id::uuid, count(*) FROM tenant.audit WHERE action = 'simulation.effect' GROUP BY 1",
        )
        .fetch_all(&mut self.admin)
        .await
        .unwrap();
        let effects: BTreeMap<Uuid, i64> = effects.iter().map(|row| (row.get(0), row.get(1))).collect();
        for (id, (_, job)) in &self.jobs {
            assert_eq!(effects.get(id).copied().unwrap_or(0), job.effects);
            assert_eq!(job.effects, i64::from(job.state == JobState::Completed), "done once, or not at all");
        }
    }
}

/// One life of a queue; afterwards everything that is left is worked off, and nothing stays.
async fn live(database: &Database, seed: u64) {
    let options: sqlx::postgres::PgConnectOptions = database.url("plantintel_admin").parse().unwrap();
    let mut admin = options.connect().await.unwrap();
    // As after a restore: rows are changed without the triggers that follow jobs, and all organisations are seen.
    sqlx::raw_sql(
        "SET session_replication_role = replica; DELETE FROM tenant.jobs; DELETE FROM tenant.job_turns",
    )
    .execute(&mut admin)
    .await
    .unwrap();
    let mut orgs = Vec::new();
    for n in 0..3 {
        orgs.push(testkit::org(database, &format!("{seed}-{n}"), "unlimited").await);
    }
    let store = &database.store;
    let jobs = BTreeMap::new();
    let mut world =
        World { store, admin, orgs, jobs, claims: Vec::new(), now: 0, dice: Dice(seed), fence: 0 };
    for _ in 0..STEPS {
        match world.dice.below(20) {
            0..5 => world.enqueue().await,
            5..10 => world.claim().await,
            10 => world.cancel().await,
            11 => world.rescue().await,
            12 | 13 => {
                // No sum of these comes near a lease or a pause, so that the moment that the test itself takes decides nothing.
                let seconds = [13, 13, 50, 200][world.dice.below(4) as usize];
                world.advance(seconds).await;
            }
            other => {
                let n = world.claims.len() as u64;
                if n == 0 {
                    continue;
                }
                let nth = world.dice.below(n) as usize;
                if other < 16 {
                    let claim = world.claims[nth].clone();
                    world.beat(&claim).await;
                } else {
                    // Some workers forget that they are done, and try once more later.
                    let claim = world.claims[nth].clone();
                    if world.dice.below(3) > 0 {
                        world.claims.remove(nth);
                    }
                    world.finish(&claim).await;
                }
            }
        }
        world.check().await;
    }
    for _ in 0..1_000 {
        let left =
            world.jobs.values().any(|(_, job)| matches!(job.state, JobState::Queued | JobState::Running));
        if !left {
            break;
        }
        world.advance(700).await;
        world.rescue().await;
        world.claim().await;
        if let Some(claim) = world.claims.pop() {
            world.finish(&claim).await;
        }
        world.check().await;
    }
    let stuck =
        world.jobs.values().find(|(_, job)| matches!(job.state, JobState::Queued | JobState::Running));
    assert_eq!(stuck, None, "still under way");
    world.admin.close().await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[tokio::test]
async fn whatever_happens_to_workers_each_job_ends_and_takes_effect_at_most_once() {
    let Some(database) = Database::fresh().await else { return };
    let first = number("PLANTINTEL_SEED", 1);
    for seed in first..first + number("PLANTINTEL_SIMULATIONS", 4) {
        eprintln!("seed {seed}");
        live(&database, seed).await;
    }
}

/// The limiter that servers share, against a list of what passed. Hits are put back in time; windows end between the steps of the
/// clock, so that the moment that the test itself takes decides nothing.
#[tokio::test]
async fn requests_counted_together_pass_exactly_as_the_window_allows() {
    let Some(database) = Database::fresh().await else { return };
    let options: sqlx::postgres::PgConnectOptions = database.url("plantintel_admin").parse().unwrap();
    let mut admin = options.connect().await.unwrap();
    let mut dice = Dice(number("PLANTINTEL_SEED", 7));
    for round in 0..number("PLANTINTEL_SIMULATIONS", 4) {
        let limit = 1 + dice.below(9) as u32;
        let window = 600 + 100 * dice.below(4) as i64 + 50;
        let key = format!("user:{round}");
        let mut now = 0_i64;
        let mut passed: Vec<i64> = Vec::new();
        for _ in 0..150 {
            let moved = 100 * [0, 0, 0, 1, 2, 9][dice.below(6) as usize];
            now += moved;
            sqlx::query(
                "UPDATE account.rates SET hits = ARRAY(SELECT h - $2 FROM unnest(hits) h) WHERE key = $1",
            )
            .bind(&key)
            .bind(moved * 1_000_000)
            .execute(&mut admin)
            .await
            .unwrap();
            let within = passed.iter().filter(|hit| now - **hit < window).count();
            let rate =
                database.store.take_rate(&key, limit, SignedDuration::from_secs(window)).await.unwrap();
            assert_eq!(rate.allowed, within < limit as usize, "round {round} at {now}");
            if rate.allowed {
                passed.push(now);
            }
            let within = passed.iter().filter(|hit| now - **hit < window).count() as u64;
            assert_eq!(rate.remaining, u64::from(limit) - within);
            if rate.remaining == 0 {
                let first = passed[passed.len() - limit as usize];
                let wait = (first + window - now) as f64;
                assert!((rate.retry_after.as_secs_f64() - wait).abs() < 30.0, "{rate:?}, not {wait}");
            }
        }
    }
    admin.close().await.unwrap();
}
