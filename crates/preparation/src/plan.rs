//! A checked preparation, ready to be done over rows.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use domain::{Cell, ValueKind};

use crate::{
    check::{Problem, Severity},
    correction, fold,
    graph::Graph,
    recipe::{self, Origin, Preparation, PreparedColumn},
    report::{Change, ColumnReport, EXAMPLES, Failure},
    rule::{Rule, Said},
    step::{self, Step},
};

/// Distinct values that are counted among unmatched rows.
const UNMATCHED_VALUES: usize = 1_000;

/// The prepared columns in the order in which they are done.
#[derive(Debug)]
pub struct Plan {
    works: Vec<Work>,
    /// Columns of the file.
    n_columns: usize,
    /// With the new ones behind them.
    n_places: usize,
    warnings: Vec<Problem>,
}

#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) name: String,
    /// Where the result stands: the place of a column of the file, or one behind them.
    pub(crate) place: usize,
    pub(crate) is_new: bool,
    /// Of the cells when all is done.
    pub(crate) kind: ValueKind,
    /// Nothing is done to it but that single cells were corrected.
    pub(crate) is_bare: bool,
    /// By the row of the file.
    corrected: BTreeMap<u64, Cell>,
    from: From,
    steps: Vec<(Step, String)>,
    rule: Option<Rule>,
    /// The column whose values say why no entry fits.
    rule_source: Option<usize>,
    reads: Vec<usize>,
}

#[derive(Debug)]
enum From {
    Nothing,
    Place(usize),
    Fixed(Cell),
    Joined { places: Vec<usize>, separator: String, moment: Option<(usize, usize)> },
    Where { value: usize, code: usize, is: String },
}

/// How a cell came about, step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    pub column: String,
    /// What was done, and what the cell was then; the first entry is where it came from.
    pub steps: Vec<(String, Cell)>,
}

impl Plan {
    /// Checks a preparation against the columns of a table. Errors come back all at once.
    pub fn new(columns: &[(String, ValueKind)], preparation: &Preparation) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (idx, (header, _)) in columns.iter().enumerate() {
            let key = fold::key(header);
            let occurrence = seen.entry(key.clone()).or_insert(0);
            *occurrence += 1;
            // A repeated header is named with its number: "Note (2)".
            let name = if *occurrence == 1 { key } else { format!("{key} ({occurrence})") };
            places.entry(name).or_insert(idx);
        }
        let mut kinds: Vec<ValueKind> = columns.iter().map(|(_, kind)| *kind).collect();
        let mut prepared: BTreeMap<String, usize> = BTreeMap::new();
        let mut is_new = vec![false; preparation.columns.len()];
        for (idx, column) in preparation.columns.iter().enumerate() {
            let key = fold::key(&column.column);
            if key.is_empty() {
                problems.push(Problem::error(&column.column, "give the column a name"));
                continue;
            }
            if prepared.insert(key.clone(), idx).is_some() {
                problems.push(Problem::error(
                    &column.column,
                    "is prepared twice; put its steps together in one entry",
                ));
                continue;
            }
            if let Entry::Vacant(place) = places.entry(key) {
                is_new[idx] = true;
                place.insert(kinds.len());
                kinds.push(ValueKind::Empty);
            }
        }
        let order = match Graph::of(preparation).order() {
            Ok(order) => order,
            Err(circle) => {
                let first = circle.first().cloned().unwrap_or_default();
                problems.push(Problem::error(
                    &first,
                    format!("these columns need each other in a circle: {}", circle.join(" → ")),
                ));
                Vec::new()
            }
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let place = |name: &str| places.get(&fold::key(name)).copied();
        let mut works = Vec::new();
        for idx in order {
            let column = &preparation.columns[idx];
            match Work::new(column, is_new[idx], &kinds, &place) {
                Ok((work, warnings)) => {
                    kinds[work.place] = work.kind;
                    problems.extend(warnings);
                    works.push(work);
                }
                Err(message) => problems.push(Problem::error(&column.column, message)),
            }
        }
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            return Err(problems);
        }
        Ok(Self { works, n_columns: columns.len(), n_places: kinds.len(), warnings: problems })
    }

    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    pub(crate) fn works(&self) -> &[Work] {
        &self.works
    }

    pub(crate) fn n_places(&self) -> usize {
        self.n_places
    }

    /// Columns of the file that are read.
    pub(crate) fn reads(&self) -> Vec<usize> {
        let mut reads: Vec<usize> = self
            .works
            .iter()
            .flat_map(|work| work.reads.iter().copied())
            .filter(|place| *place < self.n_columns)
            .collect();
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    pub(crate) fn reports(&self) -> Vec<ColumnReport> {
        self.works
            .iter()
            .map(|work| ColumnReport {
                column: work.name.clone(),
                matched: work.rule.iter().flat_map(Rule::labels).map(|label| (label.clone(), 0)).collect(),
                ..ColumnReport::default()
            })
            .collect()
    }

    /// Does everything to rows of the file; `numbers` are their places in it. Rows grow by the new columns.
    pub(crate) fn apply(&self, rows: &mut [Vec<Cell>], numbers: &[u64], tallies: &mut [Tally]) {
        for row in rows.iter_mut() {
            row.resize(self.n_places, Cell::Empty);
        }
        for (work, tally) in self.works.iter().zip(tallies) {
            work.apply(rows, numbers, tally);
        }
    }

    pub(crate) fn tallies(&self) -> Vec<Tally> {
        self.reports().into_iter().map(|report| Tally { report, unmatched: HashMap::new() }).collect()
    }

    /// How the prepared cells of one row came about; `number` is its place in the file, 0 where that is not known.
    pub fn explain(&self, row: &[Cell], number: u64) -> Vec<Trail> {
        let mut rows = [row.to_vec()];
        rows[0].resize(self.n_places, Cell::Empty);
        self.works.iter().map(|work| work.explain(&mut rows, number)).collect()
    }
}

/// A report that is still growing.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) report: ColumnReport,
    unmatched: HashMap<String, u64>,
}

impl Tally {
    pub(crate) fn finish(mut self) -> ColumnReport {
        let mut values: Vec<(String, u64)> = self.unmatched.into_iter().collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(EXAMPLES);
        self.report.unmatched_values = values;
        self.report
    }

    fn failed(&mut self, row: u64, text: String, reason: String) {
        self.report.failed += 1;
        if self.report.failures.len() < EXAMPLES {
            self.report.failures.push(Failure { row, text, reason });
        }
    }
}

impl Work {
    fn new(
        column: &PreparedColumn,
        is_new: bool,
        kinds: &[ValueKind],
        place: &dyn Fn(&str) -> Option<usize>,
    ) -> Result<(Self, Vec<Problem>), String> {
        let mut warnings = Vec::new();
        let place_of =
            |name: &str| place(name).ok_or_else(|| format!("there is no column \"{}\"", name.trim()));
        let own = place_of(&column.column)?;
        if is_new && !column.corrected.is_empty() {
            return Err("is not in the file, so that none of its cells can be corrected".to_owned());
        }
        let (corrected, own_kind) = correction::cells(&column.corrected, kinds[own])?;
        let kind_of = |at: usize| if at == own { own_kind } else { kinds[at] };
        let mut reads = Vec::new();
        let (from, mut kind) = match &column.from {
            Origin::Itself if is_new => {
                if column.rule.is_none() {
                    return Err(
                        "is not in the file; say where its values come from or give it a rule".to_owned()
                    );
                }
                (From::Nothing, ValueKind::Empty)
            }
            Origin::Itself => {
                reads.push(own);
                (From::Place(own), own_kind)
            }
            Origin::Column { column } => {
                let at = place_of(column)?;
                reads.push(at);
                (From::Place(at), kind_of(at))
            }
            Origin::Fixed { value } => {
                // The kind that the value looks like: a number, a date, else text.
                let kind = [ValueKind::Decimal, ValueKind::DateTime]
                    .into_iter()
                    .find(|kind| step::cell_of(value, *kind).is_some())
                    .unwrap_or(ValueKind::Text);
                let cell = step::cell_of(value, kind).unwrap_or(Cell::Empty);
                (From::Fixed(cell), kind)
            }
            Origin::Joined { columns, separator } => {
                if columns.len() < 2 {
                    return Err("name at least two columns to join".to_owned());
                }
                let places = columns.iter().map(|name| place_of(name)).collect::<Result<Vec<_>, _>>()?;
                reads.extend(&places);
                let moment = match places.as_slice() {
                    [a, b] if kind_of(*a).is_moment() && kind_of(*b) == ValueKind::TimeOfDay => {
                        Some((*a, *b))
                    }
                    [a, b] if kind_of(*b).is_moment() && kind_of(*a) == ValueKind::TimeOfDay => {
                        Some((*b, *a))
                    }
                    _ => None,
                };
                let kind = if moment.is_some() { ValueKind::DateTime } else { ValueKind::Text };
                (From::Joined { places, separator: separator.clone(), moment }, kind)
            }
            Origin::Where { column, code_column, code } => {
                let (value, code_at) = (place_of(column)?, place_of(code_column)?);
                reads.extend([value, code_at]);
                (From::Where { value, code: code_at, is: fold::key(code) }, kind_of(value))
            }
        };
        let mut steps = Vec::new();
        for wish in &column.steps {
            let (step, after) = Step::new(wish, kind)?;
            kind = after;
            steps.push((step, words(wish)));
        }
        let rule = match &column.rule {
            None => None,
            Some(rule) => {
                let (rule, after) = Rule::new(rule, kind, place)?;
                kind = after;
                Some(rule)
            }
        };
        if column.is_bare() && column.corrected.is_empty() {
            warnings.push(Problem::warning(&column.column, "nothing is done to it"));
        }
        if !corrected.is_empty() && !reads.contains(&own) {
            let message = "its cells come from elsewhere, so that nothing comes of those that were corrected";
            warnings.push(Problem::warning(&column.column, message));
        }
        for name in column.reads() {
            reads.push(place_of(&name)?);
        }
        if !is_new {
            // What stood there before is told beside what stands there now.
            reads.push(own);
        }
        let rule_source = match &column.rule {
            Some(recipe::Rule::Lookup { source, .. }) => place(source),
            _ => None,
        };
        let work = Self {
            name: column.column.clone(),
            place: own,
            is_new,
            kind,
            is_bare: column.is_bare(),
            corrected,
            from,
            steps,
            rule,
            rule_source,
            reads,
        };
        Ok((work, warnings))
    }

    fn origin(&self, row: &[Cell]) -> Cell {
        match &self.from {
            From::Nothing => Cell::Empty,
            From::Place(at) => row[*at].clone(),
            From::Fixed(cell) => cell.clone(),
            From::Joined { moment: Some((day, time)), .. } => match (&row[*day], &row[*time]) {
                (Cell::Moment(day), Cell::Time(seconds)) => Cell::Moment(day + (seconds * 1e6) as i64),
                (day, _) => day.clone(),
            },
            From::Joined { places, separator, moment: None } => {
                let parts: Vec<String> = places
                    .iter()
                    .map(|at| step::text(&row[*at]))
                    .filter(|part| !part.trim().is_empty())
                    .collect();
                if parts.is_empty() { Cell::Empty } else { Cell::Text(parts.join(separator)) }
            }
            From::Where { value, code, is } => {
                if fold::key(&step::text(&row[*code])) == *is {
                    row[*value].clone()
                } else {
                    Cell::Empty
                }
            }
        }
    }

    fn apply(&self, rows: &mut [Vec<Cell>], numbers: &[u64], tally: &mut Tally) {
        let before: Vec<Cell> = rows.iter().map(|row| row[self.place].clone()).collect();
        for (row, number) in rows.iter_mut().zip(numbers) {
            // As if the file said so: whatever else reads the column comes after it.
            if let Some(cell) = self.corrected.get(number) {
                row[self.place] = cell.clone();
                tally.report.corrected += 1;
            }
            let mut cell = self.origin(row);
            for (step, name) in &self.steps {
                let text = if matches!(cell, Cell::Text(_)) { None } else { Some(step::text(&cell)) };
                let kept = cell.clone();
                cell = if let Some(cell) = step.apply(cell) {
                    cell
                } else {
                    let text = text.unwrap_or_else(|| step::text(&kept));
                    tally.failed(*number, text, format!("cannot be read by \"{name}\""));
                    Cell::Empty
                };
            }
            row[self.place] = cell;
        }
        if let Some(rule) = &self.rule {
            let answers = rule.over(rows, self.place);
            for ((answer, row), number) in answers.into_iter().zip(rows.iter_mut()).zip(numbers) {
                let cell = match answer {
                    Said::Matched(idx, cell) => {
                        if let Some((_, count)) = tally.report.matched.get_mut(idx) {
                            *count += 1;
                        }
                        cell
                    }
                    Said::Default(cell) => {
                        tally.report.defaulted += 1;
                        cell
                    }
                    Said::Unmatched(cell) => {
                        tally.report.unmatched += 1;
                        if let Some(source) = self.rule_source {
                            let text = step::text(&row[source]);
                            if tally.unmatched.len() < UNMATCHED_VALUES || tally.unmatched.contains_key(&text)
                            {
                                *tally.unmatched.entry(text).or_default() += 1;
                            }
                        }
                        cell
                    }
                    Said::Failed(why) => {
                        tally.failed(*number, step::text(&row[self.place]), why);
                        Cell::Empty
                    }
                };
                row[self.place] = cell;
            }
        }
        for ((before, row), number) in before.into_iter().zip(rows.iter_mut()).zip(numbers) {
            let after = &row[self.place];
            tally.report.rows += 1;
            if before != *after {
                tally.report.changed += 1;
                if tally.report.changes.len() < EXAMPLES {
                    tally.report.changes.push(Change { row: *number, before, after: after.clone() });
                }
            }
        }
    }

    fn explain(&self, rows: &mut [Vec<Cell>; 1], number: u64) -> Trail {
        let mut steps = Vec::new();
        if let Some(cell) = self.corrected.get(&number) {
            steps.push(("from".to_owned(), rows[0][self.place].clone()));
            rows[0][self.place] = cell.clone();
        }
        let mut cell = self.origin(&rows[0]);
        let what = if steps.is_empty() { "from" } else { "corrected" };
        steps.push((what.to_owned(), cell.clone()));
        for (step, name) in &self.steps {
            cell = step.apply(cell).unwrap_or(Cell::Empty);
            steps.push((name.clone(), cell.clone()));
        }
        rows[0][self.place] = cell;
        if let Some(rule) = &self.rule {
            let (name, cell) = match rule.over(&rows[..], self.place).into_iter().next() {
                Some(Said::Matched(idx, cell)) => (
                    rule.labels()
                        .get(idx)
                        .map_or_else(|| "formula".to_owned(), |label| format!("rule: {label}")),
                    cell,
                ),
                Some(Said::Default(cell)) => ("rule: default".to_owned(), cell),
                Some(Said::Unmatched(cell)) => ("rule: nothing fits".to_owned(), cell),
                Some(Said::Failed(why)) => (format!("rule: {why}"), Cell::Empty),
                None => ("rule".to_owned(), Cell::Empty),
            };
            steps.push((name, cell.clone()));
            rows[0][self.place] = cell;
        }
        Trail { column: self.name.clone(), steps }
    }
}

/// A step as people call it.
fn words(step: &recipe::Step) -> String {
    match step {
        recipe::Step::Trim => "trim".to_owned(),
        recipe::Step::Uppercase => "upper case".to_owned(),
        recipe::Step::Lowercase => "lower case".to_owned(),
        recipe::Step::ParseDate { formats, .. } => format!("read as date {}", formats.join(" or ")),
        recipe::Step::FormatDate { format } => format!("write as {format}"),
        recipe::Step::ParseNumber { decimal } => format!("read as number with decimal {decimal}"),
        recipe::Step::RemoveUnits { units } => format!("remove {}", units.join(", ")),
        recipe::Step::ReplaceText { find, with, .. } => format!("replace {find} with {with}"),
        recipe::Step::DefaultValue { value } => format!("{value} where empty"),
        recipe::Step::Convert { factor } => format!("times {factor}"),
    }
}
