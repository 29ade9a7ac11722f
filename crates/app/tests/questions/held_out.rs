//! Two sets of questions that the words of the assistant were not tuned on, asked of plants of several seeds and shapes. What is true is
//! worked out from the exported files themselves, with the captions that the generator says and plain loops: neither our reading nor
//! our mapping nor our engine has a part in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use app::ask::{self, Data};
use assistant::{Intent, Language, tool::Outcome};
use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};

/// A row by the canonical names of its columns.
type Row = BTreeMap<String, String>;

/// The files of a plant as a person would read them in a spreadsheet.
pub(super) struct Files {
    tables: BTreeMap<&'static str, Vec<Row>>,
    german: bool,
}

/// What an order lends to the rows beneath it.
const LENT: [&str; 7] = [
    "product_id",
    "product_family",
    "customer_id",
    "planner_id",
    "facility_id",
    "actual_end",
    "work_order_id",
];

impl Files {
    pub(super) fn read(folder: &Path, style: &str) -> Self {
        let german = style == "sap";
        let truth: generator::truth::Truth =
            serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
        let mut tables: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
        for (file, fields) in &truth.fields {
            let bytes = std::fs::read(folder.join(file)).unwrap();
            // Of Windows-1252 these files hold what Latin-1 has, too.
            let text: String = if german {
                bytes.iter().map(|byte| char::from(*byte)).collect()
            } else {
                String::from_utf8(bytes).unwrap()
            };
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(if german { b';' } else { b',' })
                .from_reader(text.as_bytes());
            let captions = reader.headers().unwrap().clone();
            let rows = reader.records().map(|record| {
                let record = record.unwrap();
                captions
                    .iter()
                    .zip(record.iter())
                    .filter(|(_, cell)| !cell.is_empty())
                    .filter_map(|(caption, cell)| Some((fields.get(caption)?.clone(), cell.to_owned())))
                    .collect::<Row>()
            });
            let rows: Vec<Row> = rows.collect();
            let has = |field: &str| fields.values().any(|own| own == field);
            let role = if has("planned_setup_hours") {
                "operations"
            } else if has("booking_id") {
                "tickets"
            } else if has("actual_material_quantity") {
                "materials"
            } else if has("defect_description") {
                "rejects"
            } else if has("downtime_reason") {
                "downtime"
            } else if has("maintenance_cost") {
                "maintenance"
            } else {
                "orders"
            };
            tables.insert(role, rows);
        }
        let orders: BTreeMap<String, Row> = tables
            .get("orders")
            .into_iter()
            .flatten()
            .map(|row| (row["work_order_id"].clone(), row.clone()))
            .collect();
        for (role, rows) in &mut tables {
            if *role == "orders" {
                continue;
            }
            for row in rows {
                let Some(order) = row.get("work_order_id").and_then(|number| orders.get(number)) else {
                    continue;
                };
                for field in LENT {
                    if let Some(value) = order.get(field) {
                        row.entry(field.to_owned()).or_insert_with(|| value.clone());
                    }
                }
            }
        }
        Self { tables, german }
    }

    fn number(&self, row: &Row, field: &str) -> Option<f64> {
        let cell = row.get(field)?;
        if self.german { cell.replace(',', ".").parse().ok() } else { cell.parse().ok() }
    }

    fn moment(row: &Row, field: &str) -> Option<DateTime> {
        let cell = row.get(field)?;
        let (day, time) = cell.split_once(' ').unwrap_or((cell, "00:00"));
        let part = |text: &str| text.parse::<i16>().ok();
        let day = if let Some((a, rest)) = day.split_once('/') {
            let (b, year) = rest.split_once('/')?;
            Date::new(part(year)?, part(a)? as i8, part(b)? as i8).ok()?
        } else if let Some((a, rest)) = day.split_once('.') {
            let (b, year) = rest.split_once('.')?;
            Date::new(part(year)?, part(b)? as i8, part(a)? as i8).ok()?
        } else {
            day.parse().ok()?
        };
        let (hour, minute) = time.split_once(':')?;
        Some(day.at(part(hour)? as i8, part(minute)? as i8, 0, 0))
    }

    fn distinct(&self, field: &str) -> Vec<String> {
        let values: BTreeSet<&String> =
            self.tables.values().flatten().filter_map(|row| row.get(field)).collect();
        values.into_iter().cloned().collect()
    }

    /// The last day on which an order was finished.
    fn end(&self) -> Date {
        self.tables["orders"].iter().filter_map(|row| Self::moment(row, "actual_end")).max().unwrap().date()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Sum,
    Ratio,
    Median,
}

type Parts = fn(&Files, &Row) -> Option<(f64, f64)>;

fn one(files: &Files, row: &Row, field: &str) -> Option<(f64, f64)> {
    Some((files.number(row, field)?, 1.0))
}

/// Where a measure may be counted, best first; how; and of one row, numerator and denominator.
fn measure(name: &str) -> Vec<(&'static str, How, Parts)> {
    use How::{Median, Ratio, Sum};
    let late: Parts = |_, row| {
        let (due, end) = (Files::moment(row, "due_date")?, Files::moment(row, "actual_end")?);
        Some((f64::from(u8::from(end.date() > due.date())), 1.0))
    };
    let operation_scrap: Parts = |files, row| {
        let bad = files.number(row, "operation_quantity_scrapped")?;
        Some((bad, bad + files.number(row, "operation_quantity_completed")?))
    };
    match name {
        "scrap" => vec![
            ("orders", Ratio, |files, row| {
                let bad = files.number(row, "quantity_scrapped")?;
                Some((bad, bad + files.number(row, "quantity_completed")?))
            }),
            ("operations", Ratio, operation_scrap),
            ("tickets", Ratio, operation_scrap),
        ],
        "cost" => vec![("orders", Sum, |files, row| one(files, row, "actual_total_cost"))],
        "planned_cost" => vec![("orders", Sum, |files, row| one(files, row, "planned_total_cost"))],
        "variance" => vec![("orders", Sum, |files, row| {
            Some((files.number(row, "actual_total_cost")? - files.number(row, "planned_total_cost")?, 1.0))
        })],
        "revenue" => vec![("orders", Sum, |files, row| one(files, row, "revenue"))],
        "margin" => vec![("orders", Sum, |files, row| {
            Some((files.number(row, "revenue")? - files.number(row, "actual_total_cost")?, 1.0))
        })],
        "margin_ratio" => vec![("orders", Ratio, |files, row| {
            let revenue = files.number(row, "revenue")?;
            Some((revenue - files.number(row, "actual_total_cost")?, revenue))
        })],
        "unit_cost" => vec![("orders", Ratio, |files, row| {
            Some((files.number(row, "actual_total_cost")?, files.number(row, "quantity_completed")?))
        })],
        "orders" => vec![("orders", Sum, |_, _| Some((1.0, 1.0)))],
        "late" => vec![("orders", Sum, late)],
        "on_time" => vec![("orders", Ratio, |_, row| {
            let (due, end) = (Files::moment(row, "due_date")?, Files::moment(row, "actual_end")?);
            Some((f64::from(u8::from(end.date() <= due.date())), 1.0))
        })],
        "lead" => vec![("orders", Median, |_, row| {
            let (start, end) = (Files::moment(row, "actual_start")?, Files::moment(row, "actual_end")?);
            (start < end).then(|| (end.duration_since(start).as_secs_f64() / 3_600.0, 1.0))
        })],
        "good_qty" => vec![("orders", Sum, |files, row| one(files, row, "quantity_completed"))],
        "scrap_qty" => vec![
            ("orders", Sum, |files, row| one(files, row, "quantity_scrapped")),
            ("operations", Sum, |files, row| one(files, row, "operation_quantity_scrapped")),
        ],
        "rework_qty" => vec![
            ("orders", Sum, |files, row| one(files, row, "quantity_reworked")),
            ("operations", Sum, |files, row| one(files, row, "operation_quantity_reworked")),
        ],
        "labor_cost" => vec![
            ("orders", Sum, |files, row| one(files, row, "actual_labor_cost")),
            ("operations", Sum, |files, row| one(files, row, "actual_labor_cost")),
        ],
        "labor_cost_worked" => vec![("operations", Sum, |files, row| one(files, row, "actual_labor_cost"))],
        "overhead" => vec![("orders", Sum, |files, row| one(files, row, "actual_overhead_cost"))],
        "material_cost" => vec![("orders", Sum, |files, row| one(files, row, "actual_material_cost"))],
        "setup" => vec![("operations", Sum, |files, row| one(files, row, "actual_setup_hours"))],
        "planned_setup" => vec![("operations", Sum, |files, row| one(files, row, "planned_setup_hours"))],
        "run" => vec![("operations", Sum, |files, row| one(files, row, "actual_run_hours"))],
        "planned_run" => vec![("operations", Sum, |files, row| one(files, row, "planned_run_hours"))],
        "rework_hours" => vec![("operations", Sum, |files, row| one(files, row, "rework_hours"))],
        "setup_share" => vec![("operations", Ratio, |files, row| {
            let setup = files.number(row, "actual_setup_hours")?;
            Some((setup, setup + files.number(row, "actual_run_hours")?))
        })],
        "energy" => vec![("operations", Sum, |files, row| one(files, row, "energy_kwh"))],
        "downtime" => vec![("downtime", Sum, |files, row| one(files, row, "downtime_hours"))],
        "stoppages" => vec![("downtime", Sum, |files, row| {
            (files.number(row, "downtime_hours")? > 0.0).then_some((1.0, 1.0))
        })],
        "mttr" => vec![("downtime", Ratio, |files, row| one(files, row, "downtime_hours"))],
        "maintenance_cost" => vec![("maintenance", Sum, |files, row| one(files, row, "maintenance_cost"))],
        "spend" => vec![("materials", Sum, |files, row| {
            let price = files.number(row, "material_unit_cost")?;
            Some((files.number(row, "actual_material_quantity")? * price, 1.0))
        })],
        "price" => vec![("materials", Ratio, |files, row| {
            let quantity = files.number(row, "actual_material_quantity")?;
            Some((quantity * files.number(row, "material_unit_cost")?, quantity))
        })],
        "defects" => vec![("rejects", Sum, |_, _| Some((1.0, 1.0)))],
        other => panic!("no measure {other}"),
    }
}

fn field(word: &str) -> &'static str {
    match word {
        "machine" => "machine_id",
        "center" => "work_center_id",
        "product" => "product_id",
        "family" => "product_family",
        "customer" => "customer_id",
        "planner" => "planner_id",
        "supplier" => "supplier_id",
        "material" => "material_id",
        "shift" => "shift",
        "order" => "work_order_id",
        "reason" => "downtime_reason",
        "defect" => "defect_code",
        "mtype" => "maintenance_type",
        "operation" => "operation_name",
        "tool" => "tool_id",
        other => panic!("no field {other}"),
    }
}

fn dated(table: &str) -> &'static str {
    match table {
        "orders" | "materials" => "actual_end",
        "operations" => "operation_actual_end",
        "downtime" => "downtime_start",
        "maintenance" => "maintenance_date",
        _ => "booking_date",
    }
}

#[derive(Clone, Default)]
struct Where {
    equals: Vec<(&'static str, String)>,
    not: Vec<(&'static str, String)>,
    period: Option<(Date, Date)>,
}

/// The rows that are meant, in the first table that can tell them apart, with how a figure is made of them.
struct Rows<'a> {
    files: &'a Files,
    meant: Vec<&'a Row>,
    how: How,
    parts: Parts,
    date: &'static str,
}

impl<'a> Rows<'a> {
    /// `None` where the files do not hold it.
    fn of(files: &'a Files, name: &str, wanted: &Where, by: Option<&str>) -> Option<Self> {
        for (table, how, parts) in measure(name) {
            let Some(rows) = files.tables.get(table) else { continue };
            let holds = |field: &str| rows.iter().any(|row| row.contains_key(field));
            let named = wanted.equals.iter().chain(&wanted.not).map(|(field, _)| *field).chain(by);
            if !named.into_iter().all(holds) || !rows.iter().any(|row| parts(files, row).is_some()) {
                continue;
            }
            let date = dated(table);
            let meant = rows
                .iter()
                .filter(|row| wanted.equals.iter().all(|(field, value)| row.get(*field) == Some(value)))
                .filter(|row| {
                    wanted.not.iter().all(|(field, value)| row.get(*field).is_some_and(|own| own != value))
                })
                .filter(|row| {
                    wanted.period.is_none_or(|(first, last)| {
                        Files::moment(row, date).is_some_and(|at| (first..=last).contains(&at.date()))
                    })
                })
                .collect();
            return Some(Self { files, meant, how, parts, date });
        }
        None
    }

    fn value(&self, rows: &[&Row]) -> Option<f64> {
        let parts: Vec<(f64, f64)> = rows.iter().filter_map(|row| (self.parts)(self.files, row)).collect();
        let over: f64 = parts.iter().map(|part| part.0).sum();
        let under: f64 = parts.iter().map(|part| part.1).sum();
        match self.how {
            _ if parts.is_empty() => None,
            How::Sum => Some(over),
            How::Ratio => Some(over / under).filter(|value| value.is_finite()),
            How::Median => {
                let mut values: Vec<f64> = parts.iter().map(|part| part.0).collect();
                values.sort_by(f64::total_cmp);
                let middle = values.len() / 2;
                Some(if values.len() % 2 == 1 {
                    values[middle]
                } else {
                    f64::midpoint(values[middle - 1], values[middle])
                })
            }
        }
    }

    fn whole(&self) -> Option<f64> {
        self.value(&self.meant)
    }

    fn by(&self, key: impl Fn(&Row) -> Option<String>) -> BTreeMap<String, f64> {
        let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for row in &self.meant {
            if let Some(key) = key(row) {
                groups.entry(key).or_default().push(row);
            }
        }
        groups.into_iter().filter_map(|(name, rows)| Some((name, self.value(&rows)?))).collect()
    }
}

/// What a question must come to.
enum Truth {
    Value(f64),
    /// All groups; whether the largest or the smallest come first; `None` where order is free.
    Groups(BTreeMap<String, f64>, Option<bool>),
    /// Exactly these groups.
    Only(BTreeSet<String>),
    Months(Vec<f64>),
    Sides(f64, f64),
    Saved(f64),
    Findings(u64),
    Count(u64),
    Explained(f64),
    /// Choices, since it can be meant in several ways.
    Choose,
    /// No figure, and said so.
    Nothing,
}

fn period(word: &str, end: Date) -> Option<Vec<(Date, Date)>> {
    let day = |year: i16, month: i8, day: i8| Date::new(year, month, day).unwrap();
    let month = |year: i16, of: i8| (day(year, of, 1), day(year, of, 1).last_of_month());
    let quarter = |year: i16, of: i8| (day(year, of * 3 - 2, 1), day(year, of * 3, 1).last_of_month());
    let parsed = |text: &str| {
        let (year, of) = text.split_once('-')?;
        Some(month(year.parse().ok()?, of.parse().ok()?))
    };
    let year = |year: i16| (day(year, 1, 1), day(year, 12, 31));
    let own = (end.month() - 1) / 3 + 1;
    Some(match word {
        "last-year" => vec![year(end.year() - 1)],
        // The last whole one, or the one that the data end in.
        "last-quarter" => {
            let before = day(end.year(), own * 3 - 2, 1).checked_sub(1.day()).unwrap();
            vec![quarter(before.year(), (before.month() - 1) / 3 + 1), quarter(end.year(), own)]
        }
        _ if word.starts_with('q') => {
            let (of, year) = word.get(1..)?.split_once('-')?;
            vec![quarter(year.parse().ok()?, of.parse().ok()?)]
        }
        _ if word.starts_with("since-") => vec![(parsed(&word[6..])?.0, day(2100, 1, 1))],
        _ if word.contains("..") => {
            let (from, to) = word.split_once("..")?;
            vec![(parsed(from)?.0, parsed(to)?.1)]
        }
        _ if word.len() == 4 && word.parse::<i16>().is_ok() => vec![year(word.parse().ok()?)],
        _ => vec![parsed(word)?],
    })
}

/// All that may be true of a line of a set: one, or one for each way in which a span of time may be meant.
fn truths(spec: &str, files: &Files, data: &Data) -> Vec<Truth> {
    let words: Vec<&str> = spec.split_whitespace().collect();
    let (kind, rest) = words.split_first().unwrap();
    let end = files.end();
    let mut wheres = vec![Where::default()];
    let mut sides: Vec<Where> = Vec::new();
    let mut plain: Vec<&str> = Vec::new();
    for word in rest {
        if let Some((name, value)) = word.split_once("!=") {
            for own in &mut wheres {
                own.not.push((field(name), value.replace('_', " ")));
            }
        } else if let Some((name, value)) = word.split_once('=') {
            let pair = (field(name), value.replace('_', " "));
            if *kind == "compare" {
                sides.push(Where { equals: vec![pair], ..Where::default() });
            } else {
                for own in &mut wheres {
                    own.equals.push(pair.clone());
                }
            }
        } else if let Some(periods) = period(word, end).filter(|_| !plain.is_empty()) {
            if *kind == "compare" {
                sides.push(Where { period: Some(periods[0]), ..Where::default() });
            } else {
                wheres = periods
                    .iter()
                    .flat_map(|period| {
                        wheres.iter().map(|own| Where { period: Some(*period), ..own.clone() })
                    })
                    .collect();
            }
        } else {
            plain.push(word);
        }
    }
    let rows = |wanted: &Where, by: Option<&str>| Rows::of(files, plain[0], wanted, by);
    let groups = |name: &str| -> Option<BTreeMap<String, f64>> {
        let by = field(name);
        Some(rows(&wheres[0], Some(by))?.by(|row| row.get(by).cloned()))
    };
    let or_nothing = |truth: Option<Truth>| vec![truth.unwrap_or(Truth::Nothing)];
    match *kind {
        "value" => {
            let first = wheres.iter().map(|wanted| {
                rows(wanted, None).and_then(|rows| rows.whole()).map_or(Truth::Nothing, Truth::Value)
            });
            // Wages of a year are those of the work that was done in it, or of the orders that ended in it.
            let worked = wheres.iter().filter(|wanted| plain[0] == "labor_cost" && wanted.period.is_some());
            let worked =
                worked.filter_map(|wanted| Rows::of(files, "labor_cost_worked", wanted, None)?.whole());
            first.chain(worked.map(Truth::Value)).collect()
        }
        "explain" => or_nothing(rows(&wheres[0], None).and_then(|rows| rows.whole()).map(Truth::Explained)),
        "top" | "bottom" => or_nothing(groups(plain[1]).map(|all| Truth::Groups(all, Some(*kind == "top")))),
        "group" => or_nothing(groups(plain[1]).map(|all| Truth::Groups(all, None))),
        "over" | "under" => {
            let bound: f64 = plain[2].parse().unwrap();
            or_nothing(groups(plain[1]).map(|all| {
                let kept = |value: f64| if *kind == "over" { value > bound } else { value < bound };
                Truth::Only(all.into_iter().filter(|(_, value)| kept(*value)).map(|(name, _)| name).collect())
            }))
        }
        "months" => or_nothing(rows(&wheres[0], None).map(|rows| {
            let date = rows.date;
            let months = rows.by(|row| Some(Files::moment(row, date)?.strftime("%Y-%m").to_string()));
            Truth::Months(months.into_values().collect())
        })),
        "compare" => {
            let value = |at: usize| rows(&sides[at], None).and_then(|rows| rows.whole());
            or_nothing(value(0).zip(value(1)).map(|(a, b)| Truth::Sides(a, b)))
        }
        "saved" => {
            let change: f64 = plain[1].parse().unwrap();
            let days = analyzers::run::load(&data.canonical).unwrap().span_days();
            let spend = Rows::of(files, "spend", &Where::default(), None).and_then(|rows| rows.whole());
            or_nothing(spend.map(|spend| Truth::Saved(-spend * 365.0 / days * change / 100.0)))
        }
        "findings" => {
            let about = |finding: &&domain::Finding| {
                wheres[0].equals.iter().all(|(field, value)| {
                    finding.entities.iter().any(|own| own.field.as_str() == *field && own.value == *value)
                })
            };
            vec![Truth::Findings(data.analysis.findings.iter().filter(about).count() as u64)]
        }
        "values" => {
            let name = field(plain[0]);
            let in_work: BTreeSet<&String> = files
                .tables
                .get("operations")
                .into_iter()
                .flatten()
                .filter_map(|row| row.get(name))
                .collect();
            let all = files.distinct(name).len() as u64;
            if all == 0 {
                return vec![Truth::Nothing];
            }
            vec![Truth::Count(all), Truth::Count(in_work.len() as u64)]
        }
        "choose" => vec![Truth::Choose],
        "none" => vec![Truth::Nothing],
        other => panic!("no kind {other}"),
    }
}

/// A name of the plant for a placeholder, another one for another line; `None` where the plant has no such thing.
fn names(word: &str, line: usize, files: &Files) -> Option<String> {
    let fixed = |value: &str| {
        (!files.german && files.distinct("downtime_reason").len() > 1).then(|| value.to_owned())
    };
    match word {
        "nomachine" => return Some("M977".to_owned()),
        "coolant" => return fixed("Coolant_failure"),
        "breakage" => return fixed("Tool_breakage"),
        "hydraulic" => return fixed("Hydraulic_leak"),
        "sensor" => return fixed("Sensor_fault"),
        "preventive" => return fixed("Preventive"),
        _ => {}
    }
    let (name, step) = word.strip_suffix('2').map_or((word, 0), |name| (name, 3));
    let known = files.distinct(field(name));
    // Where the plant has no such thing, it is asked for all the same, by a name that such things have.
    let made_up = || match name {
        "machine" => format!("M{:02}", 3 + step),
        "center" => format!("WC-{}0", 2 + step),
        "supplier" => format!("S{:02}", 4 + step),
        "material" => format!("MAT-{:02}", 5 + step),
        _ => "X1".to_owned(),
    };
    Some(known.get((line * 7 + step) % known.len().max(1)).cloned().unwrap_or_else(made_up))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Right,
    /// It gave no figure and said why, or gave choices.
    Declined,
    /// It is not what was meant, and the answer names the words that it left out or the figure that it took instead.
    WrongAndSaid,
    Wrong,
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-5 * a.abs().max(b.abs()).max(1e-9)
}

fn holds(truth: &Truth, reply: &ask::Reply) -> bool {
    let figures: Vec<_> = reply
        .outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Figures(figures) => Some(figures),
            _ => None,
        })
        .collect();
    let whole = |at: usize| figures.get(at).and_then(|figures| figures.whole.value);
    let listed = |all: &BTreeMap<String, f64>| {
        figures.first().is_some_and(|figures| {
            !figures.lines.is_empty()
                && figures.lines.iter().all(|line| {
                    line.value.is_some_and(|own| all.get(&line.name).is_some_and(|value| near(own, *value)))
                })
        })
    };
    match truth {
        Truth::Value(value) => {
            matches!(reply.understood.intent, Intent::Metric { group: None, .. })
                && whole(0).is_some_and(|own| near(own, *value))
        }
        Truth::Groups(all, None) => {
            listed(all) && figures.first().is_some_and(|figures| figures.lines.len() == all.len().min(50))
        }
        Truth::Groups(all, Some(most)) => {
            let mut values: Vec<f64> = all.values().copied().collect();
            values.sort_by(|a, b| if *most { b.total_cmp(a) } else { a.total_cmp(b) });
            listed(all)
                && figures[0].lines.iter().zip(&values).all(|(line, value)| near(line.value.unwrap(), *value))
        }
        Truth::Only(names) => figures.first().is_some_and(|figures| {
            let shown: BTreeSet<String> = figures.lines.iter().map(|line| line.name.clone()).collect();
            figures.groups == names.len() as u64 && shown.is_subset(names) && shown.len() == names.len().min(50)
        }),
        Truth::Months(values) => figures.first().is_some_and(|figures| {
            figures.lines.len() == values.len()
                && figures.lines.iter().zip(values).all(|(line, value)| line.value.is_some_and(|own| near(own, *value)))
        }),
        Truth::Sides(a, b) => {
            let is = |first: f64, second: f64| {
                whole(0).is_some_and(|own| near(own, first)) && whole(1).is_some_and(|own| near(own, second))
            };
            is(*a, *b) || is(*b, *a)
        }
        Truth::Saved(value) => reply.outcomes.iter().any(|outcome| {
            matches!(outcome, Outcome::Case(case) if case.saved_per_year.is_some_and(|own| near(own, *value)))
        }),
        Truth::Findings(n) => {
            reply.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Findings(found) if found.total == *n))
        }
        Truth::Count(n) => {
            reply.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Values(found) if found.total == *n))
        }
        Truth::Explained(value) => reply.outcomes.iter().any(|outcome| {
            matches!(outcome, Outcome::Explained(explained)
                if explained.figures.whole.value.is_some_and(|own| near(own, *value)))
        }),
        Truth::Choose => reply.answer.kind == "choices",
        Truth::Nothing => false,
    }
}

fn judge(truths: &[Truth], reply: &ask::Reply) -> Verdict {
    let declined = !ask::answers(&reply.understood.intent)
        || reply.answer.kind == "choices"
        || matches!(reply.understood.intent, Intent::Missing { .. } | Intent::Help);
    let nothing = reply.outcomes.iter().all(|outcome| match outcome {
        Outcome::Figures(figures) => figures.whole.value.is_none(),
        Outcome::Refused { .. } | Outcome::Missing(_) => true,
        _ => false,
    });
    let right = truths.iter().any(|truth| match truth {
        Truth::Nothing => declined || nothing,
        truth => holds(truth, reply),
    });
    if right {
        Verdict::Right
    } else if declined || nothing {
        Verdict::Declined
    } else if reply.understood.ignored.is_empty() && reply.understood.readings.is_empty() {
        Verdict::Wrong
    } else {
        Verdict::WrongAndSaid
    }
}

/// What a set came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Asked, right: of those that the data can answer, of those that want choices, of those that nobody can answer.
    pub(super) of: BTreeMap<&'static str, (u32, u32)>,
    pub(super) verdicts: BTreeMap<Verdict, u32>,
    pub(super) lines: Vec<String>,
}

impl Tally {
    pub(super) fn all(&self) -> u32 {
        self.verdicts.values().sum()
    }

    pub(super) fn count(&self, verdict: Verdict) -> u32 {
        self.verdicts.get(&verdict).copied().unwrap_or_default()
    }
}

fn placeholders(line: &str) -> BTreeSet<String> {
    line.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

pub(super) fn ask_all(set: &str, files: &Files, data: &Data, name: &str, tally: &mut Tally) {
    for (at, line) in set.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).enumerate()
    {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let [language, question, spec] = parts[..] else { panic!("{line}") };
        let (mut question, mut spec) = (question.to_owned(), spec.to_owned());
        let mut there = true;
        for word in placeholders(line) {
            let Some(value) = names(&word, at, files) else {
                there = false;
                break;
            };
            let placeholder = format!("{{{word}}}");
            spec = spec.replace(&placeholder, &value.replace(' ', "_"));
            question = question.replace(&placeholder, &value);
        }
        if !there {
            continue;
        }
        let truths = truths(&spec, files, data);
        let kind = match truths[0] {
            Truth::Choose => "ambiguous",
            Truth::Nothing => "unanswerable",
            _ => "answerable",
        };
        let usual = Language::named(language).unwrap();
        let reply = ask::ask(data, &question, usual).unwrap();
        let verdict = judge(&truths, &reply);
        let counts = tally.of.entry(kind).or_default();
        counts.0 += 1;
        counts.1 += u32::from(verdict == Verdict::Right);
        *tally.verdicts.entry(verdict).or_default() += 1;
        if verdict != Verdict::Right {
            tally.lines.push(format!(
                "{verdict:?} [{name}] {question} ({spec}) → {:?}; ignored {:?} → {}",
                reply.understood.intent, reply.understood.ignored, reply.answer.text
            ));
        }
    }
}
