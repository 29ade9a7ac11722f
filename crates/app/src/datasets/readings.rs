//! Readings that were decoded lately. What a table was read as, and what its values ask for, is looked at on every page of an
//! import; it is some megabytes of text, and changes with its preparation only.

use std::{
    collections::VecDeque,
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use clients::blobs::Key;
use preparation::{
    Preparation,
    suggest::{self, Suggestion},
};

use crate::{Backing, Error, archive, reading::Reading};

/// Text of all readings that are kept decoded. Decoded, they are about eight times as large.
const BYTES_MAX: usize = 24 << 20;
/// How long one is kept that nobody looks at: what comes all day long and is never looked at does not fill the memory.
const KEPT: Duration = Duration::from_mins(5);

/// A reading, with what follows from it worked out once.
#[derive(Debug)]
pub struct Known {
    reading: Reading,
    suggestions: OnceLock<Vec<Suggestion>>,
}

impl Known {
    fn new(reading: Reading) -> Self {
        Self { reading, suggestions: OnceLock::new() }
    }

    /// What its values ask for.
    pub fn suggestions(&self) -> &[Suggestion] {
        self.suggestions.get_or_init(|| suggest::suggest(&self.reading.profile))
    }
}

impl Deref for Known {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

/// Where it lies, which names its organisation, and by which preparation it came about: the same place is written again
/// when that changes.
type Of = (Key, String);

struct Kept {
    of: Of,
    bytes: usize,
    looked_at: Instant,
    known: Arc<Known>,
}

/// Cheap to clone; the newest first. Whoever asks has made sure that the reader may see the table.
#[derive(Clone, Default)]
pub struct Readings(Arc<Mutex<VecDeque<Kept>>>);

impl fmt::Debug for Readings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Readings")
    }
}

impl Readings {
    fn find(&self, of: &Of) -> Option<Arc<Known>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|kept| kept.of == *of)?;
        let mut found = kept.remove(at)?;
        found.looked_at = Instant::now();
        let known = Arc::clone(&found.known);
        kept.push_front(found);
        Some(known)
    }

    fn put(&self, of: Of, bytes: usize, known: &Arc<Known>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| kept.of != of);
        let now = Instant::now();
        kept.push_front(Kept { of, bytes, looked_at: now, known: Arc::clone(known) });
        let mut sum = 0;
        kept.retain(|kept| {
            sum += kept.bytes;
            sum <= BYTES_MAX && now.duration_since(kept.looked_at) < KEPT
        });
    }

    /// Keeps what was just written there: whoever uploaded looks at it next.
    pub(crate) fn written(&self, key: &Key, preparation: &Preparation, bytes: usize, reading: Reading) {
        self.put((key.clone(), form(preparation)), bytes, &Arc::new(Known::new(reading)));
    }
}

/// The reading that lies somewhere, decoded once.
pub(crate) async fn reading(
    backing: &Backing,
    key: &Key,
    preparation: &Preparation,
) -> Result<Arc<Known>, Error> {
    let of = (key.clone(), form(preparation));
    if let Some(known) = backing.readings.find(&of) {
        return Ok(known);
    }
    let bytes = backing.blobs.read_bytes(key).await?;
    let length = bytes.len();
    let decoded = tokio::task::spawn_blocking(move || archive::decode::<Reading>(&bytes))
        .await
        .map_err(|error| Error::Work(format!("a reading could not be decoded: {error}")))??;
    let known = Arc::new(Known::new(decoded));
    backing.readings.put(of, length, &known);
    Ok(known)
}

fn form(preparation: &Preparation) -> String {
    if preparation.is_empty() {
        String::new()
    } else {
        serde_json::to_string(preparation).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use clients::blobs::Kind;
    use domain::{TableProfile, id::OrgId};
    use uuid::Uuid;

    use super::*;

    fn key(org: u128, id: u128) -> Key {
        Key::new(OrgId(Uuid::from_u128(org)), Kind::Reading, Uuid::from_u128(id))
    }

    fn put(readings: &Readings, key: &Key, form: &str, bytes: usize) {
        let profile = TableProfile {
            file: form.to_owned(),
            part: None,
            rows: 0,
            sample_rows: Vec::new(),
            columns: Vec::new(),
            issues: Vec::new(),
        };
        let known = Arc::new(Known::new(Reading { profile, source: ingest::SourceDescription::default() }));
        readings.put((key.clone(), form.to_owned()), bytes, &known);
    }

    #[test]
    fn what_is_kept_is_bounded_and_belongs_to_one_organisation_and_preparation() {
        let readings = Readings::default();
        let of = |key: Key, form: &str| {
            readings.find(&(key, form.to_owned())).map(|known| known.profile.file.clone())
        };
        put(&readings, &key(1, 1), "", BYTES_MAX / 2);
        put(&readings, &key(1, 1), "prepared", BYTES_MAX / 2);
        assert_eq!(of(key(1, 1), "prepared").as_deref(), Some("prepared"));
        assert_eq!(of(key(1, 1), "").as_deref(), Some(""));
        assert_eq!(of(key(2, 1), ""), None);
        // The one that was looked at longest ago goes.
        put(&readings, &key(1, 2), "", BYTES_MAX / 2);
        assert_eq!(of(key(1, 1), "prepared"), None);
        assert!(of(key(1, 1), "").is_some() && of(key(1, 2), "").is_some());
        put(&readings, &key(1, 3), "", BYTES_MAX + 1);
        assert_eq!(of(key(1, 3), ""), None);
    }
}
