//! What a person decides about a proposed mapping.

use domain::{
    ColumnMapping, Granularity, Mapping,
    mapping::{CHOSEN, Detail},
};
use ontology::{FieldId, Unit};

use crate::{Error, error::Flaw};

/// Decisions about one table of a dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableDecision {
    /// Which table, in the order of the dataset.
    pub table: usize,
    pub granularity: Option<Granularity>,
    /// What becomes of rows below the order.
    pub detail: Option<Detail>,
    pub columns: Vec<ColumnDecision>,
}

/// The decision about one column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDecision {
    pub index: usize,
    /// `None` leaves the column out.
    pub field: Option<FieldId>,
    /// `None` keeps the unit that was proposed for this field.
    pub unit: Option<Unit>,
}

/// Lays decisions over the mappings of a dataset: all of them, or none where one makes no sense.
pub fn decide(mappings: &mut [Mapping], decisions: &[TableDecision]) -> Result<(), Error> {
    let mut flaws = Vec::new();
    for (at, decision) in decisions.iter().enumerate() {
        let Some(mapping) = mappings.get(decision.table) else {
            flaws.push(Flaw {
                field: format!("tables[{at}].table"),
                message: format!("there is no table {}; the dataset has {}", decision.table, mappings.len()),
            });
            continue;
        };
        for (number, column) in decision.columns.iter().enumerate() {
            if column.index >= mapping.columns.len() {
                flaws.push(Flaw {
                    field: format!("tables[{at}].columns[{number}].index"),
                    message: format!(
                        "there is no column {}; the table has {}",
                        column.index,
                        mapping.columns.len()
                    ),
                });
            }
        }
    }
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    for decision in decisions {
        let Some(mapping) = mappings.get_mut(decision.table) else { continue };
        if let Some(granularity) = decision.granularity
            && granularity != mapping.granularity
        {
            mapping.granularity = granularity;
            mapping.granularity_evidence = vec![CHOSEN.to_owned()];
        }
        if let Some(detail) = decision.detail {
            mapping.detail = detail;
        }
        for decided in &decision.columns {
            let Some(column) = mapping.columns.get_mut(decided.index) else { continue };
            column.decide(decided.field, decided.unit, CHOSEN);
        }
    }
    Ok(())
}

/// Takes every proposal as it stands for decided.
pub fn confirm(mapping: &mut Mapping) {
    mapping.columns.iter_mut().for_each(ColumnMapping::confirm);
}

#[cfg(test)]
mod tests {
    use domain::mapping::Status;

    use super::*;

    fn mapping() -> Mapping {
        let column = |index, field: Option<&str>, unit| ColumnMapping {
            index,
            source: format!("c{index}"),
            field: field.and_then(FieldId::named),
            confidence: 0.6,
            status: Status::YourCall,
            unit,
            format: None,
            matched_by: None,
            alternatives: Vec::new(),
            evidence: vec!["the name says so".to_owned()],
        };
        Mapping {
            file: "a.csv".to_owned(),
            rows: 3,
            source_system: None,
            granularity: Granularity::Header,
            granularity_evidence: Vec::new(),
            detail: domain::mapping::Detail::Keep,
            grain_columns: vec![0],
            columns: vec![
                column(0, Some("work_order_id"), None),
                column(1, Some("planned_run_hours"), Some(Unit::Minutes)),
                column(2, None, None),
            ],
            issues: Vec::new(),
        }
    }

    fn column(index: usize, field: Option<&str>, unit: Option<Unit>) -> ColumnDecision {
        ColumnDecision { index, field: field.and_then(FieldId::named), unit }
    }

    #[test]
    fn decisions_are_taken_and_the_rest_stays_a_proposal() {
        let mut mappings = [mapping()];
        let decision = TableDecision {
            table: 0,
            granularity: Some(Granularity::Operation),
            detail: Some(Detail::Aggregate),
            columns: vec![column(1, Some("planned_run_hours"), None), column(2, Some("product_id"), None)],
        };
        decide(&mut mappings, &[decision.clone(), decision]).unwrap();
        let [mapping] = &mappings;
        assert_eq!((mapping.granularity, mapping.detail), (Granularity::Operation, Detail::Aggregate));
        assert_eq!(mapping.columns[0].status, Status::YourCall);
        assert_eq!((mapping.columns[1].unit, mapping.columns[1].status), (Some(Unit::Minutes), Status::Sure));
        assert_eq!(mapping.columns[2].field.map(FieldId::as_str), Some("product_id"));
        assert_eq!(mapping.columns[2].evidence, [CHOSEN, "the name says so"]);
        let manual: Vec<bool> = mapping.columns.iter().map(ColumnMapping::is_manual).collect();
        assert_eq!(manual, [false, true, true]);
    }

    #[test]
    fn a_column_given_another_meaning_loses_the_unit_of_the_old_one() {
        let mut mappings = [mapping()];
        let columns = vec![column(1, Some("product_id"), None), column(0, None, None)];
        decide(&mut mappings, &[TableDecision { table: 0, columns, ..TableDecision::default() }]).unwrap();
        assert_eq!(mappings[0].columns[1].unit, None);
        assert_eq!(mappings[0].columns[0].status, Status::Unused);
        assert!(mappings[0].columns[0].is_manual(), "leaving out is a choice too");
    }

    #[test]
    fn a_decision_about_nothing_changes_nothing_and_says_where() {
        let mut mappings = [mapping()];
        let decisions = [
            TableDecision {
                table: 0,
                granularity: None,
                detail: None,
                columns: vec![column(0, None, None), column(9, None, None)],
            },
            TableDecision { table: 3, ..TableDecision::default() },
        ];
        let Err(Error::Invalid(flaws)) = decide(&mut mappings, &decisions) else { panic!("it was taken") };
        let fields: Vec<_> = flaws.iter().map(|flaw| flaw.field.as_str()).collect();
        assert_eq!(fields, ["tables[0].columns[1].index", "tables[1].table"]);
        assert_eq!(mappings, [mapping()]);
    }
}
