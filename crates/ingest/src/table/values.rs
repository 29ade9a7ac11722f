//! Distinct values of a column: exact up to a limit, estimated above it.

/// Registers of the estimate; its standard error is 0.8 %.
const REGISTERS: usize = 1 << 14;
/// How many of the most frequent values are kept: fifty and the empty cell.
const TOP: usize = 51;

#[derive(Debug, Clone)]
struct Entry {
    hash: u64,
    start: u32,
    len: u32,
    count: u64,
    /// How much of the count was handed on by [`Values::drain_fresh`].
    told: u64,
}

#[derive(Debug)]
pub struct Values {
    limit: usize,
    /// Open addressing into `entries`, plus one; zero is free.
    slots: Vec<u32>,
    entries: Vec<Entry>,
    text: String,
    /// Entries whose count grew since the last drain.
    fresh: Vec<u32>,
    estimate: Option<Box<[u8]>>,
    kept: Vec<(String, u64)>,
}

impl Values {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            slots: vec![0; 256],
            entries: Vec::new(),
            text: String::new(),
            fresh: Vec::new(),
            estimate: None,
            kept: Vec::new(),
        }
    }

    /// Whether values are still counted one by one.
    pub fn exact(&self) -> bool {
        self.estimate.is_none()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn get(&self, id: u32) -> &str {
        let entry = &self.entries[id as usize];
        &self.text[entry.start as usize..(entry.start + entry.len) as usize]
    }

    /// Counts a value and gives its number; only while [`Values::exact`].
    pub fn add(&mut self, value: &str) -> u32 {
        let hash = hash(value.as_bytes());
        let mask = self.slots.len() - 1;
        let mut slot = (hash >> 20) as usize & mask;
        loop {
            let at = self.slots[slot];
            if at == 0 {
                break;
            }
            let entry = &self.entries[at as usize - 1];
            if entry.hash == hash
                && entry.len as usize == value.len()
                && same(
                    &self.text.as_bytes()[entry.start as usize..(entry.start + entry.len) as usize],
                    value.as_bytes(),
                )
            {
                return self.count(at - 1, 1);
            }
            slot = (slot + 1) & mask;
        }
        let id = self.entries.len() as u32;
        self.slots[slot] = id + 1;
        let start = self.text.len() as u32;
        self.text.push_str(value);
        self.entries.push(Entry { hash, start, len: value.len() as u32, count: 0, told: 0 });
        if self.entries.len() * 2 > self.slots.len() {
            self.grow();
        }
        self.count(id, 1)
    }

    /// Counts the value with this number again.
    pub fn count(&mut self, id: u32, times: u64) -> u32 {
        let entry = &mut self.entries[id as usize];
        if entry.count == entry.told {
            self.fresh.push(id);
        }
        entry.count += times;
        id
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        let mask = self.slots.len() - 1;
        for (id, entry) in self.entries.iter().enumerate() {
            let mut slot = (entry.hash >> 20) as usize & mask;
            while self.slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = id as u32 + 1;
        }
    }

    /// Hands on each value that was counted since the last time, with how often.
    pub fn drain_fresh(&mut self, mut take: impl FnMut(&str, u64)) {
        for id in self.fresh.drain(..) {
            let entry = &mut self.entries[id as usize];
            let text = &self.text[entry.start as usize..(entry.start + entry.len) as usize];
            take(text, entry.count - entry.told);
            entry.told = entry.count;
        }
    }

    /// Whether there are too many values to go on counting them.
    pub fn over(&self) -> bool {
        // Offsets are 32 bits wide, and long texts fill memory before their number does.
        self.entries.len() > self.limit || self.text.len() > self.limit.saturating_mul(64)
    }

    /// Goes over to estimating; the most frequent values so far are kept.
    pub fn stop_counting(&mut self) {
        self.kept = self.most_frequent();
        let mut registers = vec![0; REGISTERS].into_boxed_slice();
        for entry in &self.entries {
            register(&mut registers, entry.hash);
        }
        *self =
            Self { estimate: Some(registers), kept: std::mem::take(&mut self.kept), ..Self::new(self.limit) };
    }

    /// Takes up a value after [`Values::stop_counting`].
    pub fn estimate(&mut self, value: &str) {
        if let Some(registers) = &mut self.estimate {
            register(registers, hash(value.as_bytes()));
        }
    }

    pub fn distinct(&self) -> u64 {
        match &self.estimate {
            None => self.entries.len() as u64,
            Some(registers) => estimated(registers),
        }
    }

    /// How many of the values are white space.
    pub fn blanks(&self) -> u64 {
        (0..self.entries.len() as u32).filter(|id| self.get(*id).trim().is_empty()).count() as u64
    }

    /// The most frequent values, most frequent first; of a column with too many values, those of its first rows.
    pub fn top(&self) -> Vec<(String, u64)> {
        if self.exact() { self.most_frequent() } else { self.kept.clone() }
    }

    fn most_frequent(&self) -> Vec<(String, u64)> {
        let mut ids: Vec<u32> = (0..self.entries.len() as u32).collect();
        let key = |id: &u32| (std::cmp::Reverse(self.entries[*id as usize].count), *id);
        if ids.len() > TOP {
            ids.select_nth_unstable_by_key(TOP, key);
            ids.truncate(TOP);
        }
        ids.sort_unstable_by_key(key);
        ids.into_iter().map(|id| (self.get(id).to_owned(), self.entries[id as usize].count)).collect()
    }
}

fn register(registers: &mut [u8], hash: u64) {
    let at = (hash as usize) & (REGISTERS - 1);
    let rank = ((hash >> 14) | 1 << 50).trailing_zeros() as u8 + 1;
    registers[at] = registers[at].max(rank);
}

fn estimated(registers: &[u8]) -> u64 {
    let m = registers.len() as f64;
    let sum: f64 = registers.iter().map(|rank| 0.5f64.powi(i32::from(*rank))).sum();
    let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
    let zeros = memchr::memchr_iter(0, registers).count() as f64;
    let estimate = if raw < 2.5 * m && zeros > 0.0 { m * (m / zeros).ln() } else { raw };
    estimate.round() as u64
}

/// Whether two texts are equal; most are shorter than a call to compare memory is worth.
#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0..4 => a.iter().zip(b).all(|(a, b)| a == b),
        4..8 => a.first_chunk::<4>() == b.first_chunk::<4>() && a.last_chunk::<4>() == b.last_chunk::<4>(),
        8..17 => a.first_chunk::<8>() == b.first_chunk::<8>() && a.last_chunk::<8>() == b.last_chunk::<8>(),
        _ => a == b,
    }
}

/// A fast hash of short texts (folded multiplication); the same on every machine.
pub fn hash(bytes: &[u8]) -> u64 {
    const A: u64 = 0x9E37_79B9_7F4A_7C15;
    const B: u64 = 0xD6E8_FEB8_6659_FD93;
    let fold = |x: u64, y: u64| {
        let wide = u128::from(x) * u128::from(y);
        (wide as u64) ^ ((wide >> 64) as u64)
    };
    let mut state = A ^ (bytes.len() as u64).wrapping_mul(B);
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        state = fold(state ^ u64::from_le_bytes(*chunk), B);
        rest = after;
    }
    let mut tail = 0;
    for byte in rest {
        tail = (tail << 8) | u64::from(*byte);
    }
    fold(state ^ tail ^ B, A ^ (rest.len() as u64))
}
