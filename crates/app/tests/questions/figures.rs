//! Figures of the rows of the tables, in plain loops.

use std::collections::BTreeMap;

use ontology::Entity;

use super::{Plant, Row, number, text};

/// Numerator and denominator of one row.
pub(super) type Parts = fn(&Row) -> Option<(f64, f64)>;

/// A field with the words for it: English, German, Spanish.
pub(super) type By = (&'static str, [&'static str; 3]);

/// A figure of rows, worked out by hand.
pub(super) struct Figure {
    pub(super) table: Entity,
    pub(super) date: &'static str,
    /// Numerator and, of a ratio, denominator of one row; rows without are passed over.
    pub(super) parts: Parts,
    pub(super) ratio: bool,
    /// The words for it: English, German, Spanish.
    pub(super) words: [&'static str; 3],
    pub(super) by: &'static [By],
    /// How the whole is counted where orders hold it, as the key figures have it.
    pub(super) orders_first: Option<Parts>,
}

pub(super) const MACHINES: By = ("machine_id", ["machine", "Maschine", "máquina"]);
pub(super) const CENTERS: By = ("work_center_id", ["work center", "Arbeitsplatz", "centro de trabajo"]);
pub(super) const PRODUCTS: By = ("product_id", ["product", "Produkt", "producto"]);
pub(super) const SUPPLIERS: By = ("supplier_id", ["supplier", "Lieferant", "proveedor"]);
pub(super) const MATERIALS: By = ("material_id", ["material", "Material", "material"]);

pub(super) const FIGURES: &[Figure] = &[
    Figure {
        table: Entity::Operation,
        date: "operation_actual_end",
        parts: |row| {
            let bad = number(row, "operation_quantity_scrapped")?;
            Some((bad, number(row, "operation_quantity_completed")? + bad))
        },
        ratio: true,
        words: ["scrap rate", "Ausschussquote", "tasa de rechazo"],
        by: &[MACHINES, CENTERS],
        orders_first: Some(|row| {
            let bad = number(row, "quantity_scrapped")?;
            Some((bad, number(row, "quantity_completed")? + bad))
        }),
    },
    Figure {
        table: Entity::Operation,
        date: "operation_actual_end",
        parts: |row| Some((number(row, "actual_setup_hours")?, 1.0)),
        ratio: false,
        words: ["setup hours", "Rüststunden", "horas de preparación"],
        by: &[MACHINES, CENTERS],
        orders_first: None,
    },
    Figure {
        table: Entity::Operation,
        date: "operation_actual_end",
        parts: |row| Some((number(row, "actual_run_hours")?, 1.0)),
        ratio: false,
        words: ["run hours", "Laufstunden", "horas de marcha"],
        by: &[MACHINES, CENTERS],
        orders_first: None,
    },
    Figure {
        table: Entity::Operation,
        date: "operation_actual_end",
        parts: |row| {
            let setup = number(row, "actual_setup_hours").unwrap_or(0.0);
            Some((setup, number(row, "actual_run_hours")? + setup))
        },
        ratio: true,
        words: ["setup ratio", "Rüstanteil", "porcentaje de preparación"],
        by: &[MACHINES],
        orders_first: None,
    },
    Figure {
        table: Entity::WorkOrder,
        date: "actual_end",
        parts: |row| Some((number(row, "actual_total_cost")?, 1.0)),
        ratio: false,
        words: ["actual cost", "Istkosten", "costo real"],
        by: &[PRODUCTS],
        orders_first: None,
    },
    Figure {
        table: Entity::WorkOrder,
        date: "actual_end",
        parts: |row| text(row, "work_order_id").map(|_| (1.0, 1.0)),
        ratio: false,
        words: ["number of orders", "Anzahl Aufträge", "número de órdenes"],
        by: &[PRODUCTS],
        orders_first: None,
    },
    Figure {
        table: Entity::Material,
        date: "receipt_date",
        parts: |row| {
            Some((number(row, "actual_material_quantity")? * number(row, "material_unit_cost")?, 1.0))
        },
        ratio: false,
        words: ["material spend", "Materialausgaben", "gasto en material"],
        by: &[SUPPLIERS, MATERIALS],
        orders_first: None,
    },
    Figure {
        table: Entity::Material,
        date: "receipt_date",
        parts: |row| {
            let quantity = number(row, "actual_material_quantity")?;
            Some((quantity * number(row, "material_unit_cost")?, quantity))
        },
        ratio: true,
        words: ["material price", "Materialpreis", "precio de material"],
        by: &[MATERIALS],
        orders_first: None,
    },
    Figure {
        table: Entity::Equipment,
        date: "downtime_start",
        parts: |row| Some((number(row, "downtime_hours")?, 1.0)),
        ratio: false,
        words: ["downtime", "Stillstandszeit", "tiempo de parada"],
        by: &[MACHINES],
        orders_first: None,
    },
];

impl Figure {
    pub(super) fn rows<'a>(&self, plant: &'a Plant) -> &'a [Row] {
        plant.rows.get(&self.table).map_or(&[], Vec::as_slice)
    }

    /// The figure as it is counted over all rows and over time.
    pub(super) fn of_all(&self, plant: &Plant) -> Self {
        let orders = plant.rows.get(&Entity::WorkOrder).map_or(&[][..], Vec::as_slice);
        match self.orders_first {
            Some(parts) if orders.iter().any(|row| parts(row).is_some()) => {
                Self { table: Entity::WorkOrder, date: "actual_end", parts, ..*self }
            }
            _ => Self { ..*self },
        }
    }

    pub(super) fn of<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Option<f64> {
        let (mut over, mut under, mut n) = (0.0, 0.0, 0);
        for (a, b) in rows.filter_map(self.parts) {
            over += a;
            under += b;
            n += 1;
        }
        (n > 0).then(|| if self.ratio { over / under } else { over }).filter(|value| value.is_finite())
    }

    pub(super) fn values(&self, plant: &Plant, field: &str) -> BTreeMap<String, f64> {
        let mut names: Vec<String> = self.rows(plant).iter().filter_map(|row| text(row, field)).collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .filter_map(|name| {
                let own = name.clone();
                let rows = self.rows(plant).iter().filter(move |row| text(row, field).as_ref() == Some(&own));
                let value = self.of(rows)?;
                Some((name, value))
            })
            .collect()
    }
}
