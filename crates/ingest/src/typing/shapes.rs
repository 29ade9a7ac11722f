//! What is known of all cells of one shape.

use super::clock;
use super::moment;
use super::number;
use super::token::{Shape, Template, Tokens, is_run};
use super::words::code;

/// Shapes beyond this number in one column are counted, not kept. No real notation has as many.
const MAX_SHAPES: usize = 1024;
const REJECTED: usize = 16;

/// The values of one digit run or word over all cells of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) min: u64,
    pub(super) max: u64,
    /// Which of the values below 128 occur.
    pub(super) seen: u128,
    /// Cells by band of the value, see [`band`].
    pub(super) bands: [u64; 6],
    /// Runs of several digits that begin with zero.
    pub(super) zero_led: u64,
}

impl Default for Values {
    fn default() -> Self {
        Self { min: u64::MAX, max: 0, seen: 0, bands: [0; 6], zero_led: 0 }
    }
}

const BANDS: [u8; 128] = {
    let mut bands = [5; 128];
    let mut value = 0;
    while value < 60 {
        bands[value] = match value {
            0 => 0,
            1..=12 => 1,
            13..=23 => 2,
            24..=31 => 3,
            _ => 4,
        };
        value += 1;
    }
    bands
};

/// Bands of runs of one or two digits: 0, month, hour, day, minute, more. Of four digits: 0, up to 1752, 1753 to 1901,
/// up to 2199, up to 9998, 9999.
fn band(length: u8, value: u64) -> usize {
    if length <= 2 {
        usize::from(BANDS[value as usize & 127])
    } else {
        match value {
            0 => 0,
            1..=1752 => 1,
            1753..=1901 => 2,
            1902..=2199 => 3,
            9999 => 5,
            _ => 4,
        }
    }
}

/// The smallest number of so many digits that has no leading zero; zero where the question does not arise.
const SMALLEST: [u64; 32] = {
    let mut smallest = [0; 32];
    let mut length = 2;
    let mut power = 10;
    while length <= 18 {
        smallest[length] = power;
        power *= 10;
        length += 1;
    }
    smallest
};

/// Pieces whose values say nothing; of `T` between date and time there is but one.
fn is_mark(piece: u8) -> bool {
    !is_run(piece) && piece < code::FIRST_WORD
}

impl Values {
    fn observe(&mut self, length: u8, value: u64, count: u64) {
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if value < 128 {
            self.seen |= 1 << value;
        }
        if is_run(length) {
            self.bands[band(length, value)] += count;
            if value < SMALLEST[usize::from(length)] {
                self.zero_led += count;
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.seen |= other.seen;
        self.zero_led += other.zero_led;
        for (mine, theirs) in self.bands.iter_mut().zip(other.bands) {
            *mine += theirs;
        }
    }

    /// Cells that can be a month.
    pub(super) fn months(&self) -> u64 {
        self.bands[1]
    }

    /// Cells that can be a day.
    pub(super) fn days(&self) -> u64 {
        self.bands[1] + self.bands[2] + self.bands[3]
    }

    /// Cells that can be a day and not a month.
    pub(super) fn days_only(&self) -> u64 {
        self.bands[2] + self.bands[3]
    }

    pub(super) fn distinct(&self) -> u32 {
        self.seen.count_ones()
    }
}

/// Which families of notations a shape may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Roles {
    pub(super) number: Option<number::NumberLayout>,
    pub(super) moment: Option<moment::MomentLayout>,
    pub(super) clock: Option<clock::ClockLayout>,
    pub(super) span: bool,
    pub(super) period: bool,
}

impl Roles {
    pub(super) fn of(codes: &[u8]) -> Self {
        Self {
            number: number::number(codes),
            moment: moment::moment(codes),
            clock: clock::clock(codes),
            span: clock::named_span(codes, &[0; super::token::MAX_TOKENS]).is_some(),
            period: moment::is_period(codes),
        }
    }

    pub(super) fn any(&self) -> bool {
        self.number.is_some() || self.moment.is_some() || self.clock.is_some() || self.span || self.period
    }
}

/// All cells of one shape.
#[derive(Debug, Clone)]
pub(super) struct ShapeEvidence {
    pub(super) shape: Shape,
    pub(super) len: usize,
    pub(super) roles: Roles,
    pub(super) count: u64,
    /// One for each piece; those of marks stay untouched.
    pub(super) values: Vec<Values>,
    /// The pieces that are no marks.
    valued: Vec<u8>,
    template: Option<Template>,
    /// Days and months both up to twelve: cells on a weekend when read day first, and when read month first.
    pub(super) weekends: [u64; 2],
    /// Days whose parts are all zero, and the far ends that stand for "no date": `00/00/0000`, `31.12.9999`.
    pub(super) no_date: u64,
    /// Those of them that say nothing of the order and hence are not in `values`.
    pub(super) apart: u64,
}

impl ShapeEvidence {
    pub(super) fn codes(&self) -> &[u8] {
        &self.shape[..self.len]
    }

    pub(super) fn at(&self, part: u8) -> &Values {
        &self.values[part as usize]
    }
}

/// The shapes of a column that some notation has; others are the caller's text.
#[derive(Debug, Clone)]
pub(super) struct Shapes {
    all: Vec<ShapeEvidence>,
    /// Open addressing into `all`, plus one; zero is free.
    index: Vec<u16>,
    last: usize,
    rejected: [Shape; REJECTED],
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            index: Vec::new(),
            last: 0,
            rejected: [[0; super::token::MAX_TOKENS]; REJECTED],
        }
    }
}

fn hash(shape: &Shape) -> usize {
    let mut mixed = 0u64;
    for part in shape.chunks_exact(8) {
        let mut word = [0u8; 8];
        word.copy_from_slice(part);
        mixed = (mixed.rotate_left(29) ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (mixed >> 40) as usize
}

impl Shapes {
    pub(super) fn iter(&self) -> impl Iterator<Item = &ShapeEvidence> {
        self.all.iter()
    }

    /// The template of the shape that came last, since the next cell mostly has the same.
    pub(super) fn template(&self) -> Option<&Template> {
        self.all.get(self.last)?.template.as_ref()
    }

    /// Counts a cell; `false` when no notation has its shape.
    pub(super) fn observe(&mut self, tokens: &Tokens, count: u64) -> bool {
        let at = match self.all.get(self.last) {
            Some(last) if last.shape == tokens.codes => self.last,
            _ => match self.find_or_add(tokens) {
                Some(at) => at,
                None => return false,
            },
        };
        self.last = at;
        let evidence = &mut self.all[at];
        evidence.count += count;
        if let Some(layout) = evidence.roles.moment {
            if super::sentinel::is_no_date(&layout, tokens) {
                evidence.no_date += count;
                if layout.parts.iter().take(2).all(|part| tokens.values[*part as usize] <= 12) {
                    evidence.apart += count;
                    return true;
                }
            }
            // Weekends are asked only where no row proves the order.
            if layout.family.year == super::moment::Year::Last
                && evidence.at(layout.parts[0]).days_only() + evidence.at(layout.parts[1]).days_only() == 0
                && let Some(weekends) = super::weekday::weekends(&layout, tokens)
            {
                for (sum, weekend) in evidence.weekends.iter_mut().zip(weekends) {
                    *sum += if weekend { count } else { 0 };
                }
            }
        }
        for at in &evidence.valued {
            let at = usize::from(*at);
            evidence.values[at].observe(tokens.codes[at], tokens.values[at], count);
        }
        true
    }

    fn find_or_add(&mut self, tokens: &Tokens) -> Option<usize> {
        let hash = hash(&tokens.codes);
        if let Some(found) = self.find(hash, &tokens.codes) {
            return Some(found);
        }
        if self.rejected[hash % REJECTED] == tokens.codes {
            return None;
        }
        let roles = Roles::of(tokens.shape());
        if !roles.any() || self.all.len() == MAX_SHAPES {
            self.rejected[hash % REJECTED] = tokens.codes;
            return None;
        }
        Some(self.add(ShapeEvidence {
            shape: tokens.codes,
            len: tokens.len,
            roles,
            count: 0,
            values: vec![Values::default(); tokens.len],
            template: Template::of(&tokens.codes),
            valued: (0..tokens.len as u8).filter(|at| !is_mark(tokens.codes[usize::from(*at)])).collect(),
            weekends: [0; 2],
            no_date: 0,
            apart: 0,
        }))
    }

    fn find(&self, hash: usize, shape: &Shape) -> Option<usize> {
        if self.index.is_empty() {
            return None;
        }
        let mask = self.index.len() - 1;
        let mut slot = hash & mask;
        while self.index[slot] != 0 {
            let at = self.index[slot] as usize - 1;
            if self.all[at].shape == *shape {
                return Some(at);
            }
            slot = (slot + 1) & mask;
        }
        None
    }

    fn add(&mut self, evidence: ShapeEvidence) -> usize {
        self.all.push(evidence);
        if self.index.len() < self.all.len() * 2 {
            self.index = vec![0; (self.all.len() * 4).next_power_of_two()];
            for at in 0..self.all.len() {
                self.link(at);
            }
        } else {
            self.link(self.all.len() - 1);
        }
        self.all.len() - 1
    }

    fn link(&mut self, at: usize) {
        let mask = self.index.len() - 1;
        let mut slot = hash(&self.all[at].shape) & mask;
        while self.index[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.index[slot] = at as u16 + 1;
    }

    /// Takes up the shapes of another part of the column; what finds no room is returned as a count.
    pub(super) fn merge(&mut self, other: Self) -> u64 {
        let mut lost = 0;
        for theirs in other.all {
            match self.find(hash(&theirs.shape), &theirs.shape) {
                Some(at) => {
                    let mine = &mut self.all[at];
                    mine.count += theirs.count;
                    mine.no_date += theirs.no_date;
                    mine.apart += theirs.apart;
                    for (sum, weekend) in mine.weekends.iter_mut().zip(theirs.weekends) {
                        *sum += weekend;
                    }
                    for (values, others) in mine.values.iter_mut().zip(&theirs.values) {
                        values.merge(others);
                    }
                }
                None if self.all.len() < MAX_SHAPES => {
                    self.add(theirs);
                }
                None => lost += theirs.count,
            }
        }
        lost
    }
}
