//! Looks at long work that several streams share, so that hundreds of them cost the database no more than one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use domain::id::OrgId;
use serde_json::Value;
use uuid::Uuid;

use crate::{Problem, problem::Kind};

/// Streams that an organisation may hold open at once at one server.
const STREAMS_MAX: usize = 200;

/// What a look found: nothing where the work is gone, else how far it is, and whether it has ended.
pub(super) type Seen = Option<(Value, bool)>;

/// Streams of all organisations. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Looks(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    streams: HashMap<OrgId, usize>,
    works: HashMap<(OrgId, Uuid), Weak<Work>>,
}

/// The newest look at one work, and when it was.
#[derive(Debug, Default)]
struct Work(tokio::sync::Mutex<Option<(Instant, Seen)>>);

/// A stream's place; it ends with the stream.
#[derive(Debug)]
pub(super) struct Place {
    looks: Looks,
    org: OrgId,
    work: Arc<Work>,
}

impl Looks {
    /// A place for one more stream, unless the organisation has too many.
    pub(super) fn open(&self, org: OrgId, id: Uuid) -> Result<Place, Problem> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let streams = open.streams.entry(org).or_default();
        if *streams >= STREAMS_MAX {
            let words = format!("your organisation has {STREAMS_MAX} event streams open; close some");
            return Err(Problem::new(Kind::TooMany, words).retry_after(5));
        }
        *streams += 1;
        open.works.retain(|_, work| work.strong_count() > 0);
        let known = open.works.get(&(org, id)).and_then(Weak::upgrade);
        let work = known.unwrap_or_else(|| {
            let work = Arc::new(Work::default());
            open.works.insert((org, id), Arc::downgrade(&work));
            work
        });
        Ok(Place { looks: self.clone(), org, work })
    }
}

impl Place {
    /// What somebody saw less than `age` ago, or else what `look` sees now. One looks, the others wait for what it sees.
    pub(super) async fn seen(&self, age: Duration, look: impl Future<Output = Seen>) -> Seen {
        let mut newest = self.work.0.lock().await;
        if let Some((at, seen)) = &*newest
            && at.elapsed() < age
        {
            return seen.clone();
        }
        let seen = look.await;
        *newest = Some((Instant::now(), seen.clone()));
        seen
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.looks.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(streams) = open.streams.get_mut(&self.org) {
            *streams -= 1;
            if *streams == 0 {
                open.streams.remove(&self.org);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn many_streams_look_once_and_no_organisation_has_too_many() {
        let looks = Looks::default();
        let (org, other) = (OrgId(Uuid::from_u128(1)), OrgId(Uuid::from_u128(2)));
        let id = Uuid::from_u128(3);
        let places: Vec<_> = (0..STREAMS_MAX).map(|_| looks.open(org, id).unwrap()).collect();
        let asked = AtomicUsize::new(0);
        let seen = futures::future::join_all(places.iter().map(|place| {
            place.seen(Duration::from_mins(1), async {
                asked.fetch_add(1, Ordering::Relaxed);
                Some((Value::from(1), false))
            })
        }));
        assert!(seen.await.iter().all(|seen| *seen == Some((Value::from(1), false))));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(looks.open(org, id).unwrap_err().kind(), Kind::TooMany);
        // The same id of another organisation is another thing.
        let apart = looks.open(other, id).unwrap();
        assert_eq!(apart.seen(Duration::from_mins(1), async { None }).await, None);
        drop(places);
        assert!(looks.open(org, id).is_ok());
        let later = looks.open(org, id).unwrap();
        assert_eq!(later.seen(Duration::ZERO, async { None }).await, None);
    }
}
