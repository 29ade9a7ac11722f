//! Figures worked out of the files in plain loops.

use jiff::civil::Date;
use std::collections::BTreeMap;

use super::files::{Files, Row};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum How {
    Sum,
    Ratio,
    Median,
}

pub(crate) type Parts = fn(&Files, &Row) -> Option<(f64, f64)>;

pub(crate) fn one(files: &Files, row: &Row, field: &str) -> Option<(f64, f64)> {
    Some((files.number(row, field)?, 1.0))
}

/// Where a measure may be counted, best first; how; and of one row, numerator and denominator.
pub(crate) fn measure(name: &str) -> Vec<(&'static str, How, Parts)> {
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

pub(crate) fn field(word: &str) -> &'static str {
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

pub(crate) fn dated(table: &str) -> &'static str {
    match table {
        "orders" | "materials" => "actual_end",
        "operations" => "operation_actual_end",
        "downtime" => "downtime_start",
        "maintenance" => "maintenance_date",
        _ => "booking_date",
    }
}

#[derive(Clone, Default)]
pub(crate) struct Where {
    pub(crate) equals: Vec<(&'static str, String)>,
    pub(crate) not: Vec<(&'static str, String)>,
    pub(crate) period: Option<(Date, Date)>,
}

/// The rows that are meant, in the first table that can tell them apart, with how a figure is made of them.
pub(crate) struct Rows<'a> {
    pub(crate) files: &'a Files,
    pub(crate) meant: Vec<&'a Row>,
    pub(crate) how: How,
    pub(crate) parts: Parts,
    pub(crate) date: &'static str,
}

impl<'a> Rows<'a> {
    /// `None` where the files do not hold it.
    pub(crate) fn of(files: &'a Files, name: &str, wanted: &Where, by: Option<&str>) -> Option<Self> {
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

    pub(crate) fn value(&self, rows: &[&Row]) -> Option<f64> {
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

    pub(crate) fn whole(&self) -> Option<f64> {
        self.value(&self.meant)
    }

    pub(crate) fn by(&self, key: impl Fn(&Row) -> Option<String>) -> BTreeMap<String, f64> {
        let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for row in &self.meant {
            if let Some(key) = key(row) {
                groups.entry(key).or_default().push(row);
            }
        }
        groups.into_iter().filter_map(|(name, rows)| Some((name, self.value(&rows)?))).collect()
    }
}
