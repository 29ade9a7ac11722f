//! How often somebody may come: at most so many requests in any window, wherever it begins.
//!
//! A log of the last requests is kept per principal, in this process or, where several serve, in the database. Nothing
//! about a request but who sent it counts: no header, spelling of a path or address makes a second allowance.
//!
//! Who comes too often is sent away one request after another, not as fast as the machine can: a flood takes no time from
//! those who keep to what they may.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use store::{Store, rates::Rate};

use crate::Problem;

/// Principals that are kept at most before idle ones are dropped.
const MOST: usize = 50_000;

/// From one refusal of somebody to the next.
const BETWEEN_REFUSALS: Duration = Duration::from_millis(10);

/// The longest that a refusal waits for its turn.
const LONGEST_TURN: Duration = Duration::from_secs(2);

/// What is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Allowances {
    /// Requests of one person or key.
    pub per_principal: u32,
    /// Requests of one organisation.
    pub per_org: u32,
    /// Requests of one address without a valid proof.
    pub per_address: u32,
    /// In any window of this length.
    pub window: Duration,
}

impl Allowances {
    /// So many a minute for each person and key, ten times as many for an organisation.
    pub fn per_minute(requests: u32) -> Self {
        Self {
            per_principal: requests,
            per_org: requests.saturating_mul(10),
            per_address: requests,
            window: Duration::from_mins(1),
        }
    }
}

/// Counts requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Limiter {
    allowances: Allowances,
    shared: Option<Store>,
    local: Arc<Mutex<HashMap<String, VecDeque<Instant>>>>,
    /// When the next refusal of somebody may go out.
    turns: Arc<Mutex<HashMap<String, Instant>>>,
}

/// Whose allowance a request takes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A person's or key's.
    Principal,
    /// An organisation's.
    Org,
    /// An address's.
    Address,
    /// A person's, for pages: one look at a page asks for several things.
    Page,
}

/// A request that may not go on: the 429, what its answer says about the next ones, and how long that answer waits for its turn.
#[derive(Debug)]
pub struct Refused {
    /// The answer.
    pub problem: Problem,
    /// What its headers say.
    pub passed: Passed,
    turn: Duration,
}

impl Refused {
    /// The answer, when its turn has come. Whatever has to be done about a refusal is done before: whoever hangs up meanwhile
    /// ends the waiting and nothing else.
    pub async fn in_turn(self) -> Problem {
        tokio::time::sleep(self.turn).await;
        self.problem
    }
}

/// A request that may go on, with what its answer says about the next ones.
#[derive(Debug, Clone, Copy)]
pub struct Passed {
    limit: u32,
    window: Duration,
    rate: Rate,
}

impl Passed {
    /// Writes `RateLimit` and `RateLimit-Policy`.
    pub fn write(&self, headers: &mut HeaderMap) {
        let policy = format!("\"principal\";q={};w={}", self.limit, self.window.as_secs());
        let state =
            format!("\"principal\";r={};t={}", self.rate.remaining, ceil_seconds(self.rate.reset_after));
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

fn ceil_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl Limiter {
    /// Counts in this process; for an installation of one process.
    pub fn local(allowances: Allowances) -> Self {
        Self { allowances, shared: None, local: Arc::default(), turns: Arc::default() }
    }

    /// Counts in the database, so that several processes count together.
    pub fn shared(allowances: Allowances, store: Store) -> Self {
        Self { allowances, shared: Some(store), local: Arc::default(), turns: Arc::default() }
    }

    /// Takes one request from an allowance. `Err` is the 429, with when to come again.
    pub async fn take(&self, whose: Whose, key: &str) -> Result<Passed, Box<Refused>> {
        let limit = match whose {
            Whose::Principal => self.allowances.per_principal,
            Whose::Org | Whose::Page => self.allowances.per_org,
            Whose::Address => self.allowances.per_address,
        };
        let window = self.allowances.window;
        let rate = match &self.shared {
            None => self.count(Instant::now(), key, limit, window),
            Some(store) => {
                let length =
                    jiff::SignedDuration::try_from(window).unwrap_or(jiff::SignedDuration::from_mins(1));
                match store.take_rate(key, limit, length).await {
                    Ok(rate) => rate,
                    Err(error) => {
                        tracing::warn!(%error, "requests cannot be counted; refused");
                        let nothing =
                            Rate { allowed: false, remaining: 0, retry_after: window, reset_after: window };
                        let problem = Problem::from(app::Error::from(error));
                        let passed = Passed { limit, window, rate: nothing };
                        return Err(Box::new(Refused { problem, passed, turn: Duration::ZERO }));
                    }
                }
            }
        };
        let passed = Passed { limit, window, rate };
        if rate.allowed {
            return Ok(passed);
        }
        let what = match whose {
            Whose::Principal | Whose::Page => {
                format!("at most {limit} requests in {} seconds; wait, then go on", window.as_secs())
            }
            Whose::Org => format!(
                "at most {limit} requests of your organisation in {} seconds; wait, then go on",
                window.as_secs()
            ),
            Whose::Address => {
                format!("at most {limit} requests without a valid sign-in in {} seconds", window.as_secs())
            }
        };
        let problem = Problem::new(crate::problem::Kind::TooMany, what)
            .retry_after(ceil_seconds(rate.retry_after).max(1));
        Err(Box::new(Refused { problem, passed, turn: self.turn(Instant::now(), key) }))
    }

    /// How long the refusal of somebody waits until the one before it is gone.
    fn turn(&self, now: Instant, key: &str) -> Duration {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= MOST && !turns.contains_key(key) {
            turns.retain(|_, next| *next > now);
        }
        let next = turns.entry(key.to_owned()).or_insert(now);
        let at = (*next).clamp(now, now + LONGEST_TURN);
        *next = at + BETWEEN_REFUSALS;
        at - now
    }

    fn count(&self, now: Instant, key: &str, limit: u32, window: Duration) -> Rate {
        let mut all = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(key) {
            all.retain(|_, hits| hits.back().is_some_and(|last| now.duration_since(*last) < window));
        }
        let hits = all.entry(key.to_owned()).or_default();
        while hits.front().is_some_and(|first| now.duration_since(*first) >= window) {
            hits.pop_front();
        }
        let allowed = hits.len() < limit as usize;
        if allowed {
            hits.push_back(now);
        }
        let left = |hit: Option<&Instant>| {
            hit.map_or(Duration::ZERO, |hit| window.saturating_sub(now.duration_since(*hit)))
        };
        let remaining = u64::from(limit).saturating_sub(hits.len() as u64);
        let retry_after = if remaining > 0 { Duration::ZERO } else { left(hits.front()) };
        Rate { allowed, remaining, retry_after, reset_after: left(hits.back()) }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn no_window_holds_more_than_the_limit() {
        let allowances = Allowances { window: Duration::from_millis(300), ..Allowances::per_minute(20) };
        let limiter = Limiter::local(allowances);
        let begun = Instant::now();
        let mut passed = Vec::new();
        while begun.elapsed() < Duration::from_millis(1200) {
            if limiter.take(Whose::Principal, "user:1").await.is_ok() {
                passed.push(begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        for (n, at) in passed.iter().enumerate() {
            let within = passed[n..]
                .iter()
                .take_while(|later| (**later).checked_sub(*at).unwrap() < Duration::from_millis(299))
                .count();
            assert!(within <= 20, "{within} in one window");
        }
        assert!(passed.len() >= 60, "{}", passed.len());
        assert!(limiter.take(Whose::Principal, "user:2").await.is_ok());
    }

    /// Simulated time: requests of a few principals at any moment, against a list of all that passed. What is said about the next
    /// request holds to the nanosecond.
    #[test]
    fn simulated_requests_pass_exactly_as_the_window_allows() {
        const NS: Duration = Duration::from_nanos(1);
        let mut dice: u64 = 20_261_126;
        let mut roll = move |n: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % n
        };
        let begun = Instant::now();
        for _ in 0..200 {
            let (limit, window) = (1 + roll(60) as u32, Duration::from_millis(1 + roll(60_000)));
            let limiter = Limiter::local(Allowances { window, ..Allowances::per_minute(limit) });
            let mut now = begun;
            let mut passed: Vec<Vec<Instant>> = vec![Vec::new(); 3];
            for _ in 0..300 {
                // Crowds, trickles, and long silence.
                now += match roll(10) {
                    0..5 => Duration::ZERO,
                    5..9 => Duration::from_nanos(roll(window.as_nanos() as u64 / u64::from(limit) * 2 + 2)),
                    _ => window.mul_f64(roll(300) as f64 / 100.0),
                };
                let who = roll(3) as usize;
                let ask = |at: Instant, passed: &[Instant]| {
                    let within = passed.iter().filter(|hit| at.duration_since(**hit) < window).count();
                    within < limit as usize
                };
                let may = ask(now, &passed[who]);
                let rate = limiter.count(now, &who.to_string(), limit, window);
                assert_eq!(rate.allowed, may);
                if may {
                    passed[who].push(now);
                }
                let within = passed[who].iter().filter(|hit| now.duration_since(**hit) < window).count();
                assert_eq!(rate.remaining, u64::from(limit) - within as u64);
                assert_eq!(rate.retry_after.is_zero(), rate.remaining > 0);
                if rate.remaining == 0 {
                    assert!(ask(now + rate.retry_after, &passed[who]), "it may come when it was told to");
                    assert!(!ask(now + rate.retry_after.saturating_sub(NS), &passed[who]), "and not before");
                }
                let after =
                    passed[who].iter().filter(|hit| (now + rate.reset_after).duration_since(**hit) < window);
                assert_eq!(after.count(), 0, "everything is free after the reset");
            }
        }
    }

    #[test]
    fn refusals_go_out_one_after_another() {
        let limiter = Limiter::local(Allowances::per_minute(1));
        let now = Instant::now();
        for n in 0..100 {
            assert_eq!(limiter.turn(now, "key:1"), BETWEEN_REFUSALS * n);
        }
        assert_eq!(limiter.turn(now, "key:2"), Duration::ZERO, "nobody waits for another's");
        for _ in 0..1000 {
            assert!(limiter.turn(now, "key:1") <= LONGEST_TURN);
        }
        let later = now + Duration::from_secs(10);
        assert_eq!(limiter.turn(later, "key:1"), Duration::ZERO, "who stopped is answered at once again");
    }

    #[test]
    fn a_refusal_is_known_before_its_turn() {
        let limiter = Limiter::local(Allowances::per_minute(1));
        let take = || limiter.take(Whose::Principal, "user:1").now_or_never().expect("nothing is waited for");
        assert!(take().is_ok());
        let turns: Vec<Duration> = (0..3).map(|_| take().unwrap_err().turn).collect();
        assert!(turns.is_sorted() && turns[2] > Duration::ZERO, "{turns:?}");
    }

    #[tokio::test]
    async fn a_refusal_says_when_to_come_again() {
        let limiter = Limiter::local(Allowances::per_minute(1));
        let mut headers = HeaderMap::new();
        limiter.take(Whose::Principal, "user:1").await.unwrap().write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"principal\";q=1;w=60");
        assert_eq!(headers["ratelimit"], "\"principal\";r=0;t=60");
        let refused = limiter.take(Whose::Principal, "user:1").await.unwrap_err();
        assert_eq!(refused.problem.kind(), crate::problem::Kind::TooMany);
    }
}
