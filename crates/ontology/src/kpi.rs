//! The KPI definitions: ISO 22400-2 names first, the shop floor's own beside them.

use std::sync::LazyLock;

/// One KPI, as a row of `data/kpis.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kpi {
    pub id: &'static str,
    /// As named in ISO 22400-2, or the field's usual name where the standard has none.
    pub name: &'static str,
    pub formula: &'static str,
    /// `1` for a ratio, else a unit.
    pub unit: &'static str,
    /// Whether a higher value is better.
    pub higher_is_better: bool,
    pub source: &'static str,
}

pub fn all() -> &'static [Kpi] {
    &KPIS
}

/// The KPI with that id.
pub fn named(id: &str) -> Option<&'static Kpi> {
    KPIS.iter().find(|kpi| kpi.id == id)
}

static KPIS: LazyLock<Vec<Kpi>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../data/kpis.csv").as_bytes());
    let mut kpis = Vec::new();
    for record in reader.records() {
        let record = record.unwrap_or_else(|error| panic!("data/kpis.csv: {error}"));
        let cell = |column: usize| record.get(column).unwrap_or_default().to_owned().leak() as &'static str;
        kpis.push(Kpi {
            id: cell(0),
            name: cell(1),
            formula: cell(2),
            unit: cell(3),
            higher_is_better: cell(4) == "higher",
            source: cell(5),
        });
    }
    kpis
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_has_34_kpis() {
        assert_eq!(all().iter().filter(|kpi| kpi.source.starts_with("ISO 22400-2")).count(), 34);
    }

    #[test]
    fn ids_are_distinct_and_found() {
        for kpi in all() {
            assert_eq!(named(kpi.id), Some(kpi));
        }
    }
}
