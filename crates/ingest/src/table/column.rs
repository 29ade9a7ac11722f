//! One column while its rows pass by: evidence, distinct values, figures, and typed arrays.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, StringBuilder, TimestampMicrosecondArray,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use domain::ValueKind;

use super::values::{Values, same};
use crate::source::UnreadableCell;
use crate::text::scan::Piece;
use crate::typing::{ColumnEvidence, ColumnType, Reading, Value};

/// Rows that are named for cells that could not be read.
const EXAMPLES: usize = 100;
/// Cells that could not be read and are kept as they are written.
const UNREADABLE: usize = 1000;
/// Letters of such a cell.
const LETTERS: usize = 100;
/// Texts of them that are quoted.
const QUOTED: usize = 3;

#[derive(Debug)]
pub struct Column {
    pub index: usize,
    pub header: String,
    pub evidence: ColumnEvidence,
    pub values: Values,
    pub figures: Figures,
    /// Per row of the pieces in work: the number of its value.
    ids: Vec<u32>,
    /// By the number of the value: what it reads as.
    read: Vec<Number>,
    length_min: usize,
    length_max: usize,
}

/// What the readable values add up to.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    pub filled: u64,
    pub empty: u64,
    pub unreadable: u64,
    pub unreadable_rows: Vec<u64>,
    pub unreadable_texts: Vec<String>,
    /// Row and text of the first of them.
    pub unreadable_cells: Vec<(u64, String)>,
    pub numbers: u64,
    pub min: f64,
    pub max: f64,
    pub sum: f64,
    pub negative: u64,
    pub zero: u64,
}

impl Figures {
    pub fn mean(&self) -> Option<f64> {
        (self.numbers > 0).then(|| self.sum / self.numbers as f64)
    }

    fn unreadable(&mut self, row: u64, cell: &str) {
        self.unreadable += 1;
        if self.unreadable_rows.len() < EXAMPLES {
            self.unreadable_rows.push(row);
        }
        if self.unreadable_cells.len() < UNREADABLE {
            self.unreadable_cells.push((row, cell.trim().chars().take(LETTERS).collect()));
        }
        let text: String = cell.trim().chars().take(60).collect();
        if self.unreadable_texts.len() < QUOTED && !self.unreadable_texts.contains(&text) {
            self.unreadable_texts.push(text);
        }
    }

    fn number(&mut self, value: f64) {
        if self.numbers == 0 {
            (self.min, self.max) = (value, value);
        } else {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        }
        self.numbers += 1;
        self.sum += value;
        self.negative += u64::from(value < 0.0);
        self.zero += u64::from(value == 0.0);
    }
}

/// What a cell reads as.
#[derive(Debug, Clone, Copy)]
enum Number {
    Pending,
    /// Blank, or written so as to say that there is no value.
    Empty,
    Unreadable,
    /// Text that is read as it is written.
    AsIs,
    Whole(i64),
    Real(f64),
}

fn number(type_: &ColumnType, cell: &str) -> Number {
    match type_.value(cell) {
        Reading::Blank | Reading::NoValue => Number::Empty,
        Reading::Unreadable(_) => Number::Unreadable,
        Reading::Value(value) => match value {
            Value::Flag(flag) => Number::Whole(i64::from(flag)),
            Value::Integer(whole) | Value::Moment(whole) => Number::Whole(whole),
            Value::Real(real) | Value::Time(real) => Number::Real(real),
            Value::Text(text) if text.len() == cell.len() => Number::AsIs,
            Value::Text(_) => Number::Unreadable,
        },
    }
}

impl Column {
    pub fn new(index: usize, header: String, distinct_max: usize) -> Self {
        Self {
            index,
            header,
            evidence: ColumnEvidence::new(),
            values: Values::new(distinct_max),
            figures: Figures::default(),
            ids: Vec::new(),
            read: Vec::new(),
            length_min: usize::MAX,
            length_max: 0,
        }
    }

    /// The cells that could not be read, as they are written.
    pub fn unreadable(&self) -> impl Iterator<Item = UnreadableCell> {
        let column = self.index;
        let cells = self.figures.unreadable_cells.iter();
        cells.map(move |(row, text)| UnreadableCell { row: *row, column, text: text.clone() })
    }

    pub fn lengths(&self) -> (usize, usize) {
        if self.length_max == 0 { (0, 0) } else { (self.length_min, self.length_max) }
    }

    /// Distinct values, without the empty cell.
    pub fn distinct(&self) -> u64 {
        let blanks =
            if self.values.exact() { self.values.blanks() } else { u64::from(self.figures.empty > 0) };
        self.values.distinct().saturating_sub(blanks)
    }

    /// The most frequent values as written.
    pub fn top(&self) -> Vec<(String, u64)> {
        self.values.top().into_iter().filter(|(value, _)| !value.trim().is_empty()).take(50).collect()
    }

    /// Forgets what cells read as, before they are read by another type.
    pub fn start_reading(&mut self) {
        self.figures = Figures::default();
        self.read.clear();
    }

    /// Looks at the column's cells in these pieces: evidence and distinct values.
    pub fn observe(&mut self, pieces: &[Piece]) {
        self.ids.clear();
        for piece in pieces {
            if self.values.exact() {
                self.count(piece);
            } else {
                self.estimate(piece);
            }
        }
    }

    fn count(&mut self, piece: &Piece) {
        let mut last: Option<(u32, &str)> = None;
        for cell in piece.column(self.index) {
            let id = match last {
                Some((id, text)) if same(text.as_bytes(), cell.as_bytes()) => self.values.count(id, 1),
                _ => self.values.add(cell),
            };
            last = Some((id, cell));
            self.ids.push(id);
        }
        let (evidence, length_min, length_max) =
            (&mut self.evidence, &mut self.length_min, &mut self.length_max);
        self.values.drain_fresh(|value, count| {
            evidence.observe_many(value, count);
            measure(value, length_min, length_max);
        });
        if self.values.over() {
            // The ids of these pieces stay good until the cells were read.
            self.values.stop_counting();
            self.read = Vec::new();
            self.ids.clear();
        }
    }

    fn estimate(&mut self, piece: &Piece) {
        let mut last: &str = "";
        let mut times = 0;
        for cell in piece.column(self.index) {
            if times > 0 && same(cell.as_bytes(), last.as_bytes()) {
                times += 1;
                continue;
            }
            self.hand_on(last, times);
            (last, times) = (cell, 1);
        }
        self.hand_on(last, times);
    }

    fn hand_on(&mut self, cell: &str, times: u64) {
        if times > 0 {
            self.evidence.observe_many(cell, times);
            self.values.estimate(cell);
            measure(cell, &mut self.length_min, &mut self.length_max);
        }
    }

    /// Reads the column's cells by a type; `row_of` numbers a line of a piece in the file.
    pub fn convert(
        &mut self,
        pieces: &[Piece],
        type_: &ColumnType,
        row_of: &dyn Fn(usize, u64) -> u64,
    ) -> ArrayRef {
        match type_.kind {
            ValueKind::Text | ValueKind::Empty => self.texts(pieces, type_, row_of),
            kind => self.numbers(pieces, kind, type_, row_of),
        }
    }

    fn texts(
        &mut self,
        pieces: &[Piece],
        type_: &ColumnType,
        row_of: &dyn Fn(usize, u64) -> u64,
    ) -> ArrayRef {
        let rows: usize = pieces.iter().map(Piece::rows).sum();
        let mut array = StringBuilder::with_capacity(rows, rows * 8);
        let by_id = self.ids.len() == rows;
        if by_id {
            self.read.resize(self.values.len(), Number::Pending);
        }
        let (figures, values) = (&mut self.figures, &self.values);
        let mut at_row = 0;
        for (at, piece) in pieces.iter().enumerate() {
            for (row, cell) in piece.column(self.index).enumerate() {
                if by_id {
                    let id = self.ids[at_row];
                    at_row += 1;
                    let known = &mut self.read[id as usize];
                    if let Number::Pending = known {
                        *known = number(type_, cell);
                    }
                    match known {
                        Number::AsIs => {
                            figures.filled += 1;
                            array.append_value(values.get(id));
                            continue;
                        }
                        Number::Empty => {
                            figures.empty += 1;
                            array.append_null();
                            continue;
                        }
                        _ => {}
                    }
                }
                match type_.value(cell) {
                    Reading::Value(Value::Text(text)) => {
                        figures.filled += 1;
                        array.append_value(text);
                    }
                    Reading::Blank | Reading::NoValue => {
                        figures.empty += 1;
                        array.append_null();
                    }
                    _ => {
                        figures.filled += 1;
                        figures.unreadable(row_of(at, piece.lines[row]), cell);
                        array.append_null();
                    }
                }
            }
        }
        Arc::new(array.finish())
    }

    fn numbers(
        &mut self,
        pieces: &[Piece],
        kind: ValueKind,
        type_: &ColumnType,
        row_of: &dyn Fn(usize, u64) -> u64,
    ) -> ArrayRef {
        let rows: usize = pieces.iter().map(Piece::rows).sum();
        let real = matches!(kind, ValueKind::Decimal | ValueKind::Duration | ValueKind::TimeOfDay);
        let mut wholes: Vec<i64> = Vec::with_capacity(if real { 0 } else { rows });
        let mut reals: Vec<f64> = Vec::with_capacity(if real { rows } else { 0 });
        let mut valid: Vec<bool> = Vec::with_capacity(rows);
        let by_id = self.ids.len() == rows;
        if by_id {
            self.read.resize(self.values.len(), Number::Pending);
        }
        let mut at_row = 0;
        for (at, piece) in pieces.iter().enumerate() {
            for row in 0..piece.rows() {
                let value = if by_id {
                    let id = self.ids[at_row] as usize;
                    if let Number::Pending = self.read[id] {
                        self.read[id] = number(type_, self.values.get(id as u32));
                    }
                    self.read[id]
                } else {
                    number(type_, piece.cell(row, self.index))
                };
                at_row += 1;
                let (whole, float, good) = match value {
                    Number::Whole(whole) => (whole, whole as f64, true),
                    Number::Real(float) => (0, float, true),
                    Number::Empty | Number::Pending => {
                        self.figures.empty += 1;
                        (0, 0.0, false)
                    }
                    Number::Unreadable | Number::AsIs => {
                        self.figures.filled += 1;
                        self.figures.unreadable(row_of(at, piece.lines[row]), piece.cell(row, self.index));
                        (0, 0.0, false)
                    }
                };
                if good {
                    self.figures.filled += 1;
                    self.figures.number(float);
                }
                valid.push(good);
                if real {
                    reals.push(float);
                } else {
                    wholes.push(whole);
                }
            }
        }
        let nulls = Some(NullBuffer::new(BooleanBuffer::from(valid)));
        match kind {
            _ if real => Arc::new(Float64Array::new(reals.into(), nulls)),
            ValueKind::Boolean => {
                let flags: Vec<bool> = wholes.into_iter().map(|whole| whole != 0).collect();
                Arc::new(BooleanArray::new(BooleanBuffer::from(flags), nulls))
            }
            ValueKind::Date | ValueKind::DateTime => {
                Arc::new(TimestampMicrosecondArray::new(wholes.into(), nulls))
            }
            _ => Arc::new(Int64Array::new(wholes.into(), nulls)),
        }
    }
}

fn measure(value: &str, least: &mut usize, most: &mut usize) {
    let value = value.trim();
    if !value.is_empty() {
        let length = if value.is_ascii() { value.len() } else { value.chars().count() };
        *least = (*least).min(length);
        *most = (*most).max(length);
    }
}
