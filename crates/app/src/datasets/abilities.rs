//! What an import can answer, judged by what its columns mean. Whether the columns are filled enough only the
//! analysis tells.

use analyzers::suite::ANALYZERS;
use domain::Mapping;
use ontology::FieldId;

/// One analysis, and the fields that it still lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    pub analyzer: &'static str,
    /// Of each group of fields, where none is mapped, the usual one.
    pub missing: Vec<FieldId>,
}

/// Every analysis, those that can run first, then by how little is missing.
pub fn abilities(mappings: &[Mapping]) -> Vec<Ability> {
    let mapped = |name: &str| {
        mappings
            .iter()
            .flat_map(|mapping| &mapping.columns)
            .any(|column| column.field.is_some_and(|field| field.as_str() == name))
    };
    let mut abilities: Vec<Ability> = ANALYZERS
        .iter()
        .map(|analyzer| {
            let lacking = analyzer.needs.iter().filter(|group| !group.iter().any(|field| mapped(field)));
            let missing =
                lacking.filter_map(|group| group.first().and_then(|field| FieldId::named(field))).collect();
            Ability { analyzer: analyzer.id, missing }
        })
        .collect();
    abilities.sort_by_key(|ability| (ability.missing.len(), ability.analyzer));
    abilities
}

#[cfg(test)]
mod tests {
    use domain::{ColumnMapping, Granularity, mapping::Status};

    use super::*;

    #[test]
    fn what_is_mapped_opens_an_analysis_and_what_is_not_is_named() {
        let column = |index, field: &str| ColumnMapping {
            index,
            source: field.to_owned(),
            field: FieldId::named(field),
            confidence: 1.0,
            status: Status::Sure,
            unit: None,
            format: None,
            matched_by: None,
            alternatives: Vec::new(),
            evidence: Vec::new(),
        };
        let all: Vec<&str> = ANALYZERS.iter().flat_map(|analyzer| analyzer.needs.concat()).collect();
        let mapping = Mapping {
            file: "a.csv".to_owned(),
            rows: 1,
            source_system: None,
            granularity: Granularity::Operation,
            granularity_evidence: Vec::new(),
            detail: domain::mapping::Detail::Keep,
            grain_columns: Vec::new(),
            columns: all.iter().enumerate().map(|(index, field)| column(index, field)).collect(),
            issues: Vec::new(),
        };
        assert!(abilities(&[mapping]).iter().all(|ability| ability.missing.is_empty()));
        let none = abilities(&[]);
        assert_eq!(none.len(), ANALYZERS.len());
        assert!(none.iter().all(|ability| !ability.missing.is_empty()));
    }
}
