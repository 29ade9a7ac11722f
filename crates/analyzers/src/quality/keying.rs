//! Values that are several times what is usual for the same work: a shifted decimal point, minutes for hours.
//!
//! Robust: the ratio to plan (or per piece) in logarithms, against the median of the same product and operation. They
//! are listed here and stay in totals; estimates weigh them down.

use datafusion::prelude::SessionContext;
use domain::analysis::DataQualityItem;
use ontology::{Entity, FieldId};

use super::{EXAMPLES, has_all, places};
use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
    query::table_name,
};

/// A figure that is keyed, what it is measured against, and what groups alike work.
struct Keyed {
    table: Entity,
    field: &'static str,
    against: &'static str,
    like: &'static [&'static str],
    words: &'static str,
}

const KEYED: &[Keyed] = &[
    Keyed {
        table: Entity::Operation,
        field: "actual_run_hours",
        against: "planned_run_hours",
        like: OPERATION,
        words: "run times",
    },
    Keyed {
        table: Entity::Operation,
        field: "actual_run_hours",
        against: "operation_quantity_completed",
        like: OPERATION,
        words: "run times",
    },
    Keyed {
        table: Entity::Operation,
        field: "actual_setup_hours",
        against: "planned_setup_hours",
        like: OPERATION,
        words: "set-up times",
    },
    Keyed {
        table: Entity::Material,
        field: "actual_material_quantity",
        against: "planned_material_quantity",
        like: &["material_id"],
        words: "issued quantities",
    },
    Keyed {
        table: Entity::Material,
        field: "material_unit_cost",
        against: "material_standard_cost",
        like: &["material_id"],
        words: "material prices",
    },
];

const OPERATION: &[&str] = &["operation_code", "operation_name", "operation_sequence", "work_center_id"];

/// Robust standard deviations, and the factor, that a value must be away from its like: a wide spread alone is no error.
const SIGMAS: f64 = 6.0;
const FACTOR: f64 = 5.0;
/// A handful of values has no usual one.
const ALIKE: u32 = 8;

pub(super) async fn run(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Vec<DataQualityItem>, AnalyzeError> {
    let mut items = Vec::new();
    let mut done: Vec<(Entity, &str)> = Vec::new();
    for keyed in KEYED {
        let like = keyed.like.iter().find(|name| has_all(canonical, keyed.table, &[**name]));
        let (Some(like), false) = (like, done.contains(&(keyed.table, keyed.field))) else { continue };
        if !has_all(canonical, keyed.table, &[keyed.field, keyed.against]) {
            continue;
        }
        done.push((keyed.table, keyed.field));
        let (field, against, table) = (keyed.field, keyed.against, table_name(keyed.table));
        let ratios = format!(
            "SELECT source_file, source_row, {like} AS alike, ln({field} / {against}) AS r FROM {table} \
             WHERE {field} > 0 AND {against} > 0 AND {like} IS NOT NULL"
        );
        let deviations = format!(
            "SELECT a.source_file AS source_file, a.source_row AS source_row, a.r - b.middle AS d FROM ({ratios}) a JOIN \
             (SELECT alike, median(r) AS middle FROM ({ratios}) GROUP BY alike HAVING count(*) >= {ALIKE}) b ON a.alike = b.alike"
        );
        let spread =
            read::numbers(session, &format!("SELECT 1.4826 * median(abs(d)) FROM ({deviations})")).await?;
        let limit = (SIGMAS * spread.first().copied().unwrap_or(0.0)).max(FACTOR.ln());
        let n = read::numbers(
            session,
            &format!("SELECT CAST(count(*) AS DOUBLE) FROM ({deviations}) WHERE abs(d) > {limit:?}"),
        )
        .await?[0];
        if n == 0.0 {
            continue;
        }
        let query = format!(
            "SELECT source_file, source_row FROM ({deviations}) WHERE abs(d) > {limit:?} ORDER BY abs(d) DESC, source_file, source_row LIMIT {EXAMPLES}"
        );
        items.push(DataQualityItem {
            kind: "keying_error",
            sentence: format!(
                "{n} {} are more than {:.0} times off what is usual for the same work: a slipped decimal point or another \
                 unit. They stay in totals and weigh little in estimates.",
                keyed.words,
                limit.exp()
            ),
            rows: n as u64,
            examples: places(canonical, &read::rows(session, &query).await?),
            field: FieldId::named(field),
        });
    }
    Ok(items)
}
