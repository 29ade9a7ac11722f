//! What lies beside a table: worked out once, read in pieces.
//!
//! A file of four parts: eight letters that say what it is, the length of its head, the head (JSON), and numbers in little
//! endian: the positions of rows in the order of their source (left out where they lie in that order), then for each key
//! column its index, records of a hash and a position, sorted. An answer reads a few records of it and keeps none.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use arrow::compute::sum;
use arrow::{array::AsArray, datatypes::Float64Type};
use serde::{Deserialize, Serialize};

use crate::{ExploreError, KEY, NUMBER, table::Table, values};

const LETTERS: &[u8; 8] = b"PIASIDE1";
const RECORD: u64 = 12;

pub(crate) fn path(parquet: &Path) -> PathBuf {
    parquet.with_extension("aside")
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Head {
    rows: u64,
    /// Rows lie in the order of their source.
    in_order: bool,
    /// Sums of additive columns by their names, as the bits of the number.
    totals: BTreeMap<String, u64>,
    /// Records of each index, in the order of the file.
    indexes: BTreeMap<String, u64>,
}

#[derive(Debug)]
pub(crate) struct Aside {
    path: PathBuf,
    head: Head,
    /// Where the numbers begin.
    begin: u64,
}

impl Aside {
    pub(crate) fn open_or_make(table: &Table) -> Result<Self, ExploreError> {
        let path = path(&table.described.parquet);
        if let Some(aside) = Self::open(&path, table.described.rows)? {
            return Ok(aside);
        }
        make(table, &path)?;
        Self::open(&path, table.described.rows)?.ok_or(ExploreError::Damaged(path))
    }

    /// `None` where there is none, or one of another table or release.
    fn open(path: &Path, rows: u64) -> Result<Option<Self>, ExploreError> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ExploreError::io(path)(error)),
        };
        let mut start = [0; 12];
        if file.read_exact(&mut start).is_err() || start[..8] != *LETTERS {
            return Ok(None);
        }
        let length = u32::from_le_bytes([start[8], start[9], start[10], start[11]]);
        let mut head = Vec::new();
        file.take(u64::from(length)).read_to_end(&mut head).map_err(ExploreError::io(path))?;
        let Ok(head) = serde_json::from_slice::<Head>(&head) else { return Ok(None) };
        let aside = Self { path: path.to_owned(), head, begin: 12 + u64::from(length) };
        let whole = std::fs::metadata(path).map_err(ExploreError::io(path))?.len();
        Ok((aside.head.rows == rows && whole == aside.end()).then_some(aside))
    }

    fn end(&self) -> u64 {
        self.indexes_begin() + RECORD * self.head.indexes.values().sum::<u64>()
    }

    fn indexes_begin(&self) -> u64 {
        self.begin + if self.head.in_order { 0 } else { 4 * self.head.rows }
    }

    pub(crate) fn is_in_order(&self) -> bool {
        self.head.in_order
    }

    /// The sum of all rows of a column; none where no row has a value.
    pub(crate) fn total(&self, column: &str) -> Option<f64> {
        self.head.totals.get(column).copied().map(f64::from_bits)
    }

    /// Positions of rows in the order of their source, from one place on.
    pub(crate) fn in_source_order(&self, offset: u64, limit: u64) -> Result<Vec<u32>, ExploreError> {
        let offset = offset.min(self.head.rows);
        let count = limit.min(self.head.rows - offset);
        if self.head.in_order {
            return Ok((offset..offset + count).map(|at| at as u32).collect());
        }
        let mut file = File::open(&self.path).map_err(ExploreError::io(&self.path))?;
        let mut bytes = vec![0; (4 * count) as usize];
        read_at(&mut file, self.begin + 4 * offset, &mut bytes).map_err(ExploreError::io(&self.path))?;
        Ok(bytes
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect())
    }

    /// Positions of rows that may hold a text in a key column, growing; `None` where the column has no index. Another text
    /// can share its hash: whoever asks looks.
    pub(crate) fn may_hold(&self, column: &str, text: &str) -> Result<Option<Vec<u32>>, ExploreError> {
        let Some(records) = self.head.indexes.get(column).copied() else { return Ok(None) };
        let before: u64 =
            self.head.indexes.iter().take_while(|(name, _)| *name != column).map(|(_, count)| count).sum();
        let begin = self.indexes_begin() + RECORD * before;
        let mut file = File::open(&self.path).map_err(ExploreError::io(&self.path))?;
        let mut record = |at: u64| -> Result<(u64, u32), ExploreError> {
            let mut bytes = [0; RECORD as usize];
            read_at(&mut file, begin + RECORD * at, &mut bytes).map_err(ExploreError::io(&self.path))?;
            Ok(split(bytes))
        };
        let wanted = hash(text);
        let (mut low, mut high) = (0, records);
        while low < high {
            let middle = low + (high - low) / 2;
            if record(middle)?.0 < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut found = Vec::new();
        while low < records {
            let (hash, position) = record(low)?;
            if hash != wanted {
                break;
            }
            found.push(position);
            low += 1;
        }
        Ok(Some(found))
    }
}

fn split(bytes: [u8; RECORD as usize]) -> (u64, u32) {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes([i, j, k, l]))
}

fn read_at(file: &mut File, at: u64, bytes: &mut [u8]) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(bytes)
}

/// FNV-1a: the same on every machine and in every release.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// One pass for the places and the totals, one for each key column.
fn make(table: &Table, path: &Path) -> Result<(), ExploreError> {
    let additive: Vec<&str> = table
        .described
        .fields
        .iter()
        .filter(|(field, fill)| **fill > 0.0 && field.is_additive())
        .map(|(field, _)| field.as_str())
        .collect();
    let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
    let mut places = Vec::new();
    let columns: Vec<&str> =
        ["source_file", "source_row"].into_iter().chain(additive.iter().copied()).collect();
    table.scan(&columns, |_, batch| {
        places.extend(values::places(batch));
        for column in &additive {
            let numbers =
                batch.column_by_name(column).and_then(|array| array.as_primitive_opt::<Float64Type>());
            if let Some(more) = numbers.and_then(sum) {
                *totals.entry(column).or_default() += more;
            }
        }
        Ok(())
    })?;
    let in_order = places.is_sorted();
    let mut order = Vec::new();
    if !in_order {
        order = (0..places.len() as u32).collect();
        order.sort_by_key(|at| places[*at as usize]);
    }
    drop(places);
    let mut indexes: BTreeMap<&str, Vec<(u64, u32)>> = BTreeMap::new();
    for column in [KEY, NUMBER] {
        if !table.has(column)? {
            continue;
        }
        let mut index = Vec::new();
        table.scan(&[column], |from, batch| {
            if let Some(texts) = values::texts(batch, column) {
                let held = (0..texts.len())
                    .filter_map(|row| Some((hash(values::text(&texts, row)?), from + row as u32)));
                index.extend(held);
            }
            Ok(())
        })?;
        index.sort_unstable();
        indexes.insert(column, index);
    }
    let head = Head {
        rows: table.described.rows,
        in_order,
        totals: totals.into_iter().map(|(column, total)| (column.to_owned(), total.to_bits())).collect(),
        indexes: indexes.iter().map(|(column, index)| ((*column).to_owned(), index.len() as u64)).collect(),
    };
    write(path, &head, &order, indexes.values()).map_err(ExploreError::io(path))
}

/// Written aside and moved into its place, so that nobody reads half of it.
fn write<'a>(
    path: &Path,
    head: &Head,
    order: &[u32],
    indexes: impl Iterator<Item = &'a Vec<(u64, u32)>>,
) -> std::io::Result<()> {
    let draft = path.with_extension("aside-draft");
    let mut file = BufWriter::new(File::create(&draft)?);
    let head = serde_json::to_vec(head)?;
    file.write_all(LETTERS)?;
    file.write_all(&(head.len() as u32).to_le_bytes())?;
    file.write_all(&head)?;
    for position in order {
        file.write_all(&position.to_le_bytes())?;
    }
    for (hash, position) in indexes.flatten() {
        file.write_all(&hash.to_le_bytes())?;
        file.write_all(&position.to_le_bytes())?;
    }
    file.flush()?;
    std::fs::rename(draft, path)
}
