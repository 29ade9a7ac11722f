//! In which unit a column states its durations, rates and ratios: by words of the header, by a unit column beside it,
//! by what multiplies or spans to it, by the known system, by its sibling.

use ontology::{Unit, field::FieldUnit, unit::Dimension};

use crate::{
    candidate::Candidate,
    knowledge::{ConceptId, Meaning},
    remembered::Recall,
    system::entries,
    view::View,
};

/// A unit and how it is known, in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stated {
    pub(crate) unit: Unit,
    pub(crate) because: Option<String>,
}

fn because(unit: Unit, sentence: String) -> Stated {
    Stated { unit, because: Some(sentence) }
}

/// Units of all columns, given what they mean; `None` for columns without a dimension.
pub(crate) fn units(view: &View<'_>, fields: &[Candidate]) -> Vec<Option<Stated>> {
    let mut units: Vec<Option<Stated>> = (0..view.len()).map(|column| stated(view, fields, column)).collect();
    for column in 0..view.len() {
        if units[column].is_none()
            && let Some(dimension) = dimension(fields[column])
        {
            units[column] = by_sibling(view, fields, &units, column, dimension)
                .or_else(|| Some(usual(view, column, fields[column], dimension)));
        }
    }
    units
}

fn dimension(candidate: Candidate) -> Option<Dimension> {
    Some(match candidate.definition()?.unit? {
        FieldUnit::Hours => Dimension::Time,
        FieldUnit::SecondsPerUnit => Dimension::TimePerUnit,
        FieldUnit::UnitsPerHour => Dimension::Rate,
        FieldUnit::Percent => Dimension::Ratio,
        FieldUnit::KilowattHours => Dimension::Energy,
        _ => return None,
    })
}

fn stated(view: &View<'_>, fields: &[Candidate], column: usize) -> Option<Stated> {
    let dimension = dimension(fields[column])?;
    by_memory(&view.recall, column, dimension)
        .or_else(|| by_notation(view, column, dimension))
        .or_else(|| by_product(view, fields, column, dimension))
        .or_else(|| by_exact_span(view, column, dimension))
        .or_else(|| by_header(view, column, dimension))
        .or_else(|| by_unit_column(view, fields, column, dimension))
        .or_else(|| by_system(view, fields, column, dimension))
        .or_else(|| by_span(view, fields, column, dimension))
}

fn by_memory(recall: &Recall, column: usize, dimension: Dimension) -> Option<Stated> {
    let unit = recall.columns.get(column)?.as_ref()?.unit?;
    (recall.likeness >= 0.5 && unit.dimension() == dimension)
        .then(|| Stated { unit, because: Some("confirmed before for this export".to_owned()) })
}

/// Hours and minutes written as such are read as hours.
fn by_notation(view: &View<'_>, column: usize, dimension: Dimension) -> Option<Stated> {
    (dimension == Dimension::Time && view.facts[column].kind == domain::ValueKind::Duration)
        .then_some(Stated { unit: Unit::Hours, because: None })
}

/// Only one unit makes hours times an hourly rate the cost beside them.
fn by_product(view: &View<'_>, fields: &[Candidate], column: usize, dimension: Dimension) -> Option<Stated> {
    if dimension != Dimension::Time {
        return None;
    }
    let unit_of = |column: usize| fields[column].definition().and_then(|field| field.unit);
    for product in &view.relations.products {
        let Some(other) = product.factors.iter().find(|factor| **factor != column) else { continue };
        if !product.factors.contains(&column)
            || unit_of(*other) != Some(FieldUnit::MoneyPerHour)
            || unit_of(product.result) != Some(FieldUnit::Money)
        {
            continue;
        }
        let unit = if (product.scale - 1.0).abs() < 1e-9 {
            Unit::Hours
        } else if (product.scale - 1.0 / 60.0).abs() < 1e-9 {
            Unit::Minutes
        } else if (product.scale - 1.0 / 3_600.0).abs() < 1e-9 {
            Unit::Seconds
        } else {
            continue;
        };
        return Some(because(
            unit,
            format!(
                "only {unit} × {} gives {} ({} of {} rows within 1 %)",
                view.columns[*other].header, view.columns[product.result].header, product.rows, product.of
            ),
        ));
    }
    None
}

/// Only one unit makes it the time between two moments of the row.
fn by_exact_span(view: &View<'_>, column: usize, dimension: Dimension) -> Option<Stated> {
    let spans = view.relations.spans.iter().filter(|span| span.duration == column);
    let span = spans.max_by_key(|span| span.rows).filter(|_| dimension == Dimension::Time)?;
    Some(because(
        span.unit,
        format!(
            "only {} make it the time from {} to {} ({} of {} rows)",
            span.unit, view.columns[span.start].header, view.columns[span.end].header, span.rows, span.of
        ),
    ))
}

/// Units that words of the header state: `Setup (min)`, `pcs/h`.
fn by_header(view: &View<'_>, column: usize, dimension: Dimension) -> Option<Stated> {
    let name = &view.names[column];
    let concept = |concept: &str| view.knowledge.concepts.id(concept);
    let has = |wanted: &str| concept(wanted).is_some_and(|wanted| name.names(wanted));
    let unit = unit_in(dimension, has)?;
    Some(because(unit, format!("the header states {unit}")))
}

/// The unit of a dimension that a set of unit concepts states.
fn unit_in(dimension: Dimension, has: impl Fn(&str) -> bool) -> Option<Unit> {
    Some(match dimension {
        Dimension::Time | Dimension::TimePerUnit => {
            let time = if has("in_minutes") {
                (Unit::Minutes, Unit::MinutesPerUnit)
            } else if has("in_seconds") {
                (Unit::Seconds, Unit::SecondsPerUnit)
            } else if has("in_milliseconds") {
                (Unit::Milliseconds, Unit::SecondsPerUnit)
            } else if has("in_days") {
                (Unit::Days, Unit::HoursPerUnit)
            } else if has("in_hours") {
                (Unit::Hours, Unit::HoursPerUnit)
            } else {
                return None;
            };
            if dimension == Dimension::Time { time.0 } else { time.1 }
        }
        Dimension::Rate => {
            if has("in_minutes") {
                Unit::UnitsPerMinute
            } else if has("in_seconds") {
                Unit::UnitsPerSecond
            } else if has("in_hours") || has("per_hour") {
                Unit::UnitsPerHour
            } else {
                return None;
            }
        }
        Dimension::Ratio | Dimension::Energy => return None,
    })
}

/// A column beside it that states the unit, with one value nearly everywhere.
fn by_unit_column(
    view: &View<'_>,
    fields: &[Candidate],
    column: usize,
    dimension: Dimension,
) -> Option<Stated> {
    let setup = fields[column].name().contains("setup");
    let wanted: &[&str] =
        if setup { &["setup_time_unit", "run_time_unit"] } else { &["run_time_unit", "setup_time_unit"] };
    for wanted in wanted {
        let Some(beside) = fields.iter().position(|field| field.name() == *wanted) else { continue };
        let top = &view.columns[beside].top;
        let (value, count) = top.first()?;
        if (*count as f64) < 0.9 * view.facts[beside].filled as f64 {
            continue;
        }
        let codes = view.knowledge.codes.of(value);
        let words = crate::names::read_headers(view.knowledge, &[value.as_str()]);
        let has = |concept: &str| {
            view.knowledge.concepts.id(concept).is_some_and(|concept: ConceptId| {
                codes.contains(&concept) || words.first().is_some_and(|name| name.names(concept))
            })
        };
        if let Some(unit) = unit_in(dimension, has) {
            return Some(because(
                unit,
                format!("{} is {value} in nearly every row", view.columns[beside].header),
            ));
        }
    }
    None
}

/// What the recognised system is known to use.
fn by_system(view: &View<'_>, fields: &[Candidate], column: usize, dimension: Dimension) -> Option<Stated> {
    if view.systems.confidence < 0.5 {
        return None;
    }
    let mut best: Option<(f64, Unit, &str)> = None;
    for (entry, literal) in entries(view.knowledge, &view.names[column]) {
        let Some(unit) = entry.unit.filter(|unit| unit.dimension() == dimension) else { continue };
        let means = match &entry.meaning {
            Meaning::Fields(ids) => fields[column].field().is_some_and(|field| ids.contains(&field)),
            Meaning::Unmapped => false,
        };
        let weight = literal * view.systems.table_share(entry);
        if means && Some(entry.system) == view.systems.best && best.is_none_or(|(known, ..)| weight > known) {
            best = Some((weight, unit, view.knowledge.dictionary.table(entry.table)));
        }
    }
    let (_, unit, table) = best?;
    Some(because(unit, format!("{table} keeps it in {unit}")))
}

/// A duration against the span between start and end of the same row.
fn by_span(view: &View<'_>, fields: &[Candidate], column: usize, dimension: Dimension) -> Option<Stated> {
    if dimension != Dimension::Time {
        return None;
    }
    let find = |name: &str| {
        fields
            .iter()
            .enumerate()
            .position(|(idx, field)| field.name() == name && view.facts[idx].kind.is_moment())
    };
    let planned = fields[column].name().starts_with("planned");
    // Its own span first; the other one still tells minutes from hours.
    let mut spans = [
        ("operation_actual_start", "operation_actual_end"),
        ("actual_start", "actual_end"),
        ("downtime_start", "downtime_end"),
        ("operation_planned_start", "operation_planned_end"),
        ("planned_start", "planned_end"),
    ];
    if planned {
        spans.rotate_left(3);
    }
    let both = spans.iter().find_map(|(start, end)| Some((find(start)?, find(end)?)));
    // Where a start and an end were read as plan and actual of each other, they still bound the time.
    let mixed = || {
        Some((spans.iter().find_map(|(start, _)| find(start))?, spans.iter().find_map(|(_, end)| find(end))?))
    };
    let (start, end) = both.or_else(mixed)?;
    if view.facts[start].timed < 0.5 || view.facts[end].timed < 0.5 {
        return None;
    }
    let mut ratios: Vec<f64> = view.columns[column]
        .sample
        .iter()
        .zip(view.columns[start].sample.iter().zip(&view.columns[end].sample))
        .filter_map(|(value, (start, end))| {
            let hours = (end.moment()? - start.moment()?) as f64 / 3.6e9;
            let value = value.number()?;
            (hours > 0.0 && value > 0.0).then(|| value / hours)
        })
        .collect();
    if ratios.len() < 8 {
        return None;
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    let exact = [
        Unit::Hours,
        Unit::Minutes,
        Unit::Seconds,
        Unit::Days,
        Unit::HundredthsOfHour,
        Unit::ThousandthsOfHour,
        Unit::Milliseconds,
    ]
    .into_iter()
    .find(|unit| (median * unit.factor() - 1.0).abs() < 0.02);
    let unit = exact.unwrap_or(if median <= 1.5 {
        Unit::Hours
    } else if median <= 90.0 {
        Unit::Minutes
    } else {
        Unit::Seconds
    });
    Some(because(
        unit,
        format!(
            "only {unit} fit the time from {} to {}",
            view.columns[start].header, view.columns[end].header
        ),
    ))
}

/// Plan and actual, set-up and run are kept in the same unit where their sizes allow it.
fn by_sibling(
    view: &View<'_>,
    fields: &[Candidate],
    units: &[Option<Stated>],
    column: usize,
    dimension: Dimension,
) -> Option<Stated> {
    let mean = view.facts[column].mean.filter(|mean| *mean > 0.0)?;
    let counterpart =
        |name: &str| name.replace("planned_", "").replace("actual_", "").replace("standard_", "");
    let mut best: Option<(bool, usize)> = None;
    for other in 0..view.len() {
        let Some(known) = units[other].as_ref().filter(|_| other != column) else { continue };
        let ratio =
            view.facts[other].mean.filter(|mean| *mean > 0.0).map_or(f64::INFINITY, |other| mean / other);
        if known.unit.dimension() != dimension || !(0.02..50.0).contains(&ratio) {
            continue;
        }
        let twin = counterpart(fields[other].name()) == counterpart(fields[column].name());
        if best.is_none_or(|(known_twin, _)| twin && !known_twin) {
            best = Some((twin, other));
        }
    }
    let (_, other) = best?;
    let unit = units[other].as_ref()?.unit;
    Some(because(unit, format!("of the same size as {}, which is in {unit}", view.columns[other].header)))
}

/// What is usual where nothing tells.
fn usual(view: &View<'_>, column: usize, candidate: Candidate, dimension: Dimension) -> Stated {
    let facts = &view.facts[column];
    let unit = match dimension {
        Dimension::Time => return usual_time(view, column, candidate),
        Dimension::TimePerUnit => {
            if facts.whole > 0.98 && facts.distinct > 4 && facts.mean.is_some_and(|mean| mean >= 10.0) {
                Unit::SecondsPerUnit
            } else if facts.mean.is_some_and(|mean| mean < 0.2) {
                Unit::HoursPerUnit
            } else {
                Unit::MinutesPerUnit
            }
        }
        Dimension::Rate => Unit::UnitsPerHour,
        Dimension::Ratio => {
            if facts.max.is_some_and(|max| max <= 1.0) && facts.distinct > 2 && candidate.field().is_some() {
                Unit::Fraction
            } else {
                Unit::Percent
            }
        }
        Dimension::Energy => Unit::KilowattHours,
    };
    Stated { unit, because: None }
}

/// A time by its size alone: nobody sets up a machine for forty hours, and hours come in fractions.
fn usual_time(view: &View<'_>, column: usize, candidate: Candidate) -> Stated {
    let facts = &view.facts[column];
    let hours = Stated { unit: Unit::Hours, because: None };
    let numbers = view.columns[column].sample.iter().filter_map(domain::Cell::number);
    let mut sizes: Vec<f64> = numbers.filter(|number| *number > 0.0).collect();
    let named = |parts: &[&str]| parts.iter().any(|part| candidate.name().contains(part));
    // Totals of orders and waiting between operations may be large whole numbers of hours.
    let of_order = named(&["labor_hours", "machine_hours", "queue", "wait", "move"]);
    if sizes.len() < 5 || facts.distinct < 5 || facts.whole < 0.95 || of_order {
        return hours;
    }
    sizes.sort_by(f64::total_cmp);
    let median = sizes[sizes.len() / 2];
    let short = named(&["setup", "teardown", "downtime"]);
    let unit = match (short, median) {
        (true, median) if median >= 900.0 => Unit::Seconds,
        (true, median) if median >= 9.0 => Unit::Minutes,
        (false, median) if median >= 4_000.0 => Unit::Seconds,
        (false, median) if median >= 20.0 => Unit::Minutes,
        _ => return hours,
    };
    because(unit, format!("whole numbers around {median} would be very long in hours"))
}
