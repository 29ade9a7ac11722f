//! What an import can answer before it is analyzed: the tier of its data, each analysis with what it lacks, and how much of
//! the columns is understood. Judged by what columns mean and how far they are filled; the analysis has the last word.

use analyzers::{suite::ANALYZERS, tiers};
use domain::{Granularity, Mapping, Role, Settings, TableProfile, breakdown::TierLine, id::DatasetId};
use ontology::{Entity, FieldId};

use crate::{Backing, Caller, Error, configurations, deed};

/// One analysis, and what stands in its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    pub analyzer: &'static str,
    /// Of each group of fields, where none is mapped, the usual one.
    pub missing: Vec<FieldId>,
    /// Fields that are mapped, but filled in too few rows.
    pub sparse: Vec<FieldId>,
    /// Whether somebody switched it off in the settings.
    pub switched_off: bool,
}

impl Ability {
    pub fn runs(&self) -> bool {
        self.missing.is_empty() && self.sparse.is_empty() && !self.switched_off
    }
}

/// What an import can answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// All tiers, the lowest first.
    pub tiers: Vec<TierLine>,
    pub tier: u8,
    /// Every analysis, those that run first, then by how little is missing.
    pub abilities: Vec<Ability>,
    pub columns: u64,
    /// Columns that mean something.
    pub meant: u64,
}

impl Preview {
    /// Analyses that run.
    pub fn runs(&self) -> u64 {
        self.abilities.iter().filter(|ability| ability.runs()).count() as u64
    }
}

/// The preview of a dataset, with the settings that hold for its plant.
pub async fn preview(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Preview, Error> {
    caller.require(Role::Viewer)?;
    let mapped = super::mapping::get(backing, caller, id).await?;
    let readings = super::readings(backing, caller, id).await?;
    let settings = {
        let mut tx = deed::begin(backing, caller).await?;
        configurations::holding(&mut tx, mapped.dataset.facility_id).await?.0
    };
    let mappings: Vec<&Mapping> = mapped.tables.iter().map(|table| &table.mapping).collect();
    let profiles: Vec<&TableProfile> = readings.iter().map(|reading| &reading.profile).collect();
    Ok(judge(&mappings, &profiles, &settings))
}

/// The preview of mapped tables, each with its profile in the same place.
pub fn judge(mappings: &[&Mapping], profiles: &[&TableProfile], settings: &Settings) -> Preview {
    let fill = |name: &str| {
        let fills = mappings.iter().enumerate().flat_map(|(at, mapping)| {
            let profile = profiles.get(at).copied();
            mapping
                .columns
                .iter()
                .filter(|column| column.field.is_some_and(|field| field.as_str() == name))
                .map(move |column| {
                    // A column that is made of others is in no file, and as full as these.
                    let read = profile
                        .and_then(|profile| profile.columns.iter().find(|read| read.index == column.index));
                    read.map_or(1.0, domain::ColumnProfile::fill)
                })
        });
        fills.fold(None, |most: Option<f64>, fill| Some(most.map_or(fill, |most| most.max(fill))))
    };
    let filled = |name: &str| {
        let rare = FieldId::named(name)
            .is_some_and(|field| matches!(field.definition().entity, Entity::Quality | Entity::Equipment));
        fill(name).is_some_and(|fill| if rare { fill > 0.0 } else { fill >= tiers::LEAST_FILL })
    };
    let operations = mappings
        .iter()
        .any(|mapping| matches!(mapping.granularity, Granularity::Operation | Granularity::Labor));
    let tiers = tiers::lines(&filled, operations);
    let mut abilities: Vec<Ability> = ANALYZERS
        .iter()
        .map(|analyzer| {
            let open = || analyzer.needs.iter().filter(|group| !group.iter().any(|field| filled(field)));
            let usual = |group: &&[&str]| group.first().and_then(|field| FieldId::named(field));
            let mapped = |group: &&&[&str]| group.iter().any(|field| fill(field).is_some());
            Ability {
                analyzer: analyzer.id,
                missing: open().filter(|group| !mapped(group)).filter_map(usual).collect(),
                sparse: open()
                    .filter_map(|group| group.iter().find(|field| fill(field).is_some()))
                    .filter_map(|field| FieldId::named(field))
                    .collect(),
                switched_off: settings.leave_out.analyzers.contains(analyzer.id),
            }
        })
        .collect();
    abilities.sort_by_key(|one| (!one.runs(), one.missing.len() + one.sparse.len(), one.analyzer));
    let columns = mappings.iter().flat_map(|mapping| &mapping.columns);
    Preview {
        tier: tiers::reached(&tiers),
        tiers,
        abilities,
        columns: columns.clone().count() as u64,
        meant: columns.filter(|column| column.field.is_some()).count() as u64,
    }
}

#[cfg(test)]
mod tests {
    use domain::{ColumnMapping, mapping::Status};

    use super::*;

    fn mapping(fields: &[&str], granularity: Granularity) -> Mapping {
        let column = |(index, field): (usize, &&str)| ColumnMapping {
            index,
            source: (*field).to_owned(),
            field: FieldId::named(field),
            confidence: 1.0,
            status: Status::Sure,
            unit: None,
            format: None,
            matched_by: None,
            alternatives: Vec::new(),
            evidence: Vec::new(),
        };
        Mapping {
            file: "a.csv".to_owned(),
            rows: 1,
            source_system: None,
            granularity,
            granularity_evidence: Vec::new(),
            detail: domain::mapping::Detail::Keep,
            grain_columns: Vec::new(),
            columns: fields.iter().enumerate().map(column).collect(),
            issues: Vec::new(),
        }
    }

    /// What a table of these fields can answer, where field `at` is filled in `filled` of 100 rows and all others in all.
    fn judged(fields: &[&str], sparse: Option<(usize, u64)>, settings: &Settings) -> Preview {
        let mapping = mapping(fields, Granularity::Header);
        let profile = profile(fields.len(), sparse);
        judge(&[&mapping], &[&profile], settings)
    }

    fn profile(columns: usize, sparse: Option<(usize, u64)>) -> TableProfile {
        let column = |index: usize| {
            let filled = sparse.filter(|(at, _)| *at == index).map_or(100, |(_, filled)| filled);
            domain::ColumnProfile { index, filled, empty: 100 - filled, ..blank() }
        };
        TableProfile {
            file: "a.csv".to_owned(),
            part: None,
            rows: 100,
            sample_rows: Vec::new(),
            columns: (0..columns).map(column).collect(),
            issues: Vec::new(),
        }
    }

    fn blank() -> domain::ColumnProfile {
        domain::ColumnProfile {
            index: 0,
            header: String::new(),
            kind: domain::ValueKind::Decimal,
            format: None,
            ambiguous: Vec::new(),
            currency: None,
            filled: 0,
            empty: 0,
            unreadable: 0,
            distinct: 0,
            min: None,
            max: None,
            mean: None,
            negative: 0,
            zero: 0,
            length_min: 0,
            length_max: 0,
            top: Vec::new(),
            sample: Vec::new(),
            sample_raw: Vec::new(),
        }
    }

    fn of<'a>(preview: &'a Preview, analyzer: &str) -> &'a Ability {
        preview.abilities.iter().find(|ability| ability.analyzer == analyzer).unwrap()
    }

    const COST: [&str; 5] =
        ["work_order_id", "planned_total_cost", "actual_total_cost", "product_id", "order_date"];

    #[test]
    fn what_is_mapped_opens_an_analysis_and_what_is_not_is_named() {
        let all: Vec<&str> = ANALYZERS.iter().flat_map(|analyzer| analyzer.needs.concat()).collect();
        let everything = mapping(&all, Granularity::Operation);
        let full = judge(&[&everything], &[], &Settings::default());
        assert_eq!(full.runs(), ANALYZERS.len() as u64);
        let none = judge(&[], &[], &Settings::default());
        assert_eq!((none.abilities.len(), none.runs(), none.tier), (ANALYZERS.len(), 0, 0));
        assert!(none.abilities.iter().all(|ability| !ability.missing.is_empty()));
    }

    #[test]
    fn a_column_that_is_hardly_filled_opens_nothing() {
        let full = judged(&COST, None, &Settings::default());
        assert!(of(&full, "order_overrun").runs() && full.tier == 1, "{full:#?}");
        assert_eq!((full.columns, full.meant), (5, 5));
        let sparse = judged(&COST, Some((2, 5)), &Settings::default());
        let overrun = of(&sparse, "order_overrun");
        assert!(overrun.missing.is_empty() && !overrun.runs());
        assert_eq!(overrun.sparse, [FieldId::named("actual_total_cost").unwrap()]);
        let undated = judged(&COST, Some((4, 5)), &Settings::default());
        assert_eq!(undated.tier, 0, "a date in one row of twenty dates nothing");
        assert!(
            undated.tiers[1].sentence.starts_with("Add order_date or release_date"),
            "{}",
            undated.tiers[1].sentence
        );
    }

    #[test]
    fn what_the_settings_switch_off_does_not_run() {
        let mut settings = Settings::default();
        settings.leave_out.analyzers.insert("order_overrun".to_owned());
        let preview = judged(&COST, None, &settings);
        assert!(of(&preview, "order_overrun").switched_off);
        assert_eq!(preview.runs() + 1, judged(&COST, None, &Settings::default()).runs());
    }
}
