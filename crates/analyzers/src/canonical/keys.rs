//! What names an order and an operation across files.

use datafusion::prelude::SessionContext;
use domain::{Granularity, Issue, issue::Severity};
use ontology::FieldId;

use super::{expression, read};
use crate::{error::AnalyzeError, mapped_table::MappedTable};

/// How keys are made from columns, the same for all files of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    /// Leading zeros, a trailing `.0` and case do not count.
    pub(crate) lenient: bool,
    /// Fields in front of the number, where numbers repeat across plants or companies.
    pub(crate) scope: Vec<FieldId>,
    /// The assembly is part of the order's key.
    pub(crate) assembly: bool,
    /// The field that names an operation within its order, where all files share one.
    pub(crate) operation: Option<FieldId>,
}

/// A share of numbers above which repetition across plants is no accident.
const REPEATED: f64 = 0.01;

impl Keys {
    /// The order's key in a row of the table, as SQL.
    pub(crate) fn order(&self, table: &MappedTable) -> Option<String> {
        let id = self.number(table)?;
        let mut parts: Vec<String> = self
            .scope
            .iter()
            .filter_map(|field| expression::of(table, *field))
            .map(|part| format!("coalesce({part}, '')"))
            .collect();
        parts.push(id.clone());
        if self.assembly
            && let Some(assembly) = field("assembly_sequence").and_then(|field| expression::of(table, field))
        {
            parts.push(format!("coalesce({}, '0')", bare(&assembly)));
        }
        if parts.len() == 1 {
            return Some(id);
        }
        Some(format!("CASE WHEN {id} IS NULL THEN NULL ELSE concat_ws('/', {}) END", parts.join(", ")))
    }

    fn number(&self, table: &MappedTable) -> Option<String> {
        let id = expression::of(table, field("work_order_id")?)?;
        Some(if self.lenient { lenient(&id) } else { id })
    }

    /// What names the operation within its order, as SQL.
    pub(crate) fn operation(&self, table: &MappedTable) -> Option<String> {
        let own = self.operation.filter(|field| !table.sources(*field).is_empty());
        let named = own.or_else(|| {
            NAMES_OF_OPERATION
                .iter()
                .filter_map(|name| field(name))
                .find(|field| !table.sources(*field).is_empty())
        })?;
        let part = bare(&expression::of(table, named)?);
        let assembly = field("assembly_sequence")
            .filter(|_| !self.assembly)
            .and_then(|field| expression::of(table, field));
        Some(match assembly {
            Some(assembly) => format!("concat_ws('/', coalesce({}, '0'), {part})", bare(&assembly)),
            None => part,
        })
    }
}

/// From the best name of an operation to the poorest.
const NAMES_OF_OPERATION: [&str; 6] =
    ["operation_sequence", "operation_code", "operation_name", "machine_id", "work_center_id", "tool_id"];

fn field(name: &str) -> Option<FieldId> {
    FieldId::named(name)
}

fn lenient(text: &str) -> String {
    format!(
        "upper(coalesce(nullif(ltrim(regexp_replace({text}, '[.]0+$', ''), '0'), ''), CASE WHEN {text} IS NOT NULL THEN '0' END))"
    )
}

/// A step number without leading zeros.
fn bare(text: &str) -> String {
    format!("coalesce(nullif(ltrim({text}, '0'), ''), CASE WHEN {text} IS NOT NULL THEN '0' END)")
}

/// Looks at the keys of all tables, registered as `raw_0`, `raw_1`, ….
pub(crate) async fn decide(
    session: &SessionContext,
    tables: &[MappedTable],
    issues: &mut Vec<Issue>,
) -> Result<Keys, AnalyzeError> {
    let mut keys = Keys::default();
    let with_orders: Vec<usize> =
        (0..tables.len()).filter(|idx| keys.order(&tables[*idx]).is_some()).collect();
    let all_carry = |name: &str| {
        field(name).is_some_and(|field| {
            !with_orders.is_empty() && with_orders.iter().all(|idx| !tables[*idx].sources(field).is_empty())
        })
    };
    keys.assembly = all_carry("assembly_sequence");
    let operations: Vec<&MappedTable> = tables
        .iter()
        .filter(|table| matches!(table.mapping.granularity, Granularity::Operation | Granularity::Labor))
        .collect();
    keys.operation = NAMES_OF_OPERATION[..3].iter().filter_map(|name| field(name)).find(|field| {
        !operations.is_empty() && operations.iter().all(|table| !table.sources(*field).is_empty())
    });
    if with_orders.len() > 1 && helps(session, tables, &with_orders, &keys).await? {
        keys.lenient = true;
        issues.push(Issue {
            file: tables[with_orders[0]].file.clone(),
            row: None,
            column: None,
            severity: Severity::Note,
            kind: "keys_normalised",
            message: "Order numbers are written differently in your files; they match once leading zeros and a trailing \
                      .0 are left out, so that is how they were joined."
                .to_owned(),
            rows: 0,
            examples: Vec::new(),
        });
    }
    for name in ["company_id", "facility_id"] {
        let Some(scope) = field(name).filter(|_| all_carry(name)) else { continue };
        for idx in &with_orders {
            let (Some(order), Some(place)) =
                (keys.order(&tables[*idx]), expression::of(&tables[*idx], scope))
            else {
                continue;
            };
            let query = format!(
                "SELECT CAST(coalesce(sum(CASE WHEN lo <> hi THEN 1 ELSE 0 END), 0) AS DOUBLE), CAST(count(*) AS DOUBLE) \
                 FROM (SELECT min(place) AS lo, max(place) AS hi FROM (SELECT {order} AS k, {place} AS place FROM raw_{idx}) \
                 WHERE k IS NOT NULL GROUP BY k)"
            );
            let counts = read::numbers(session, &query).await?;
            if counts[0] > REPEATED * counts[1] {
                keys.scope.push(scope);
                break;
            }
        }
    }
    Ok(keys)
}

/// Whether lenient keys join files that exact keys do not, without making two orders one.
async fn helps(
    session: &SessionContext,
    tables: &[MappedTable],
    with_orders: &[usize],
    keys: &Keys,
) -> Result<bool, AnalyzeError> {
    let loose = Keys { lenient: true, ..keys.clone() };
    let reference = *with_orders
        .iter()
        .min_by_key(|idx| (tables[**idx].mapping.granularity, **idx))
        .unwrap_or(&with_orders[0]);
    let distinct = |keys: &Keys, idx: usize| {
        keys.number(&tables[idx])
            .map(|key| format!("SELECT DISTINCT {key} AS k FROM raw_{idx} WHERE {key} IS NOT NULL"))
    };
    let mut gained = false;
    for idx in with_orders.iter().filter(|idx| **idx != reference) {
        let mut matched = [0.0; 2];
        let mut own = [0.0; 2];
        let mut other = [0.0; 2];
        for (which, keys) in [keys, &loose].into_iter().enumerate() {
            let (Some(left), Some(right)) = (distinct(keys, *idx), distinct(keys, reference)) else {
                return Ok(false);
            };
            let query = format!(
                "SELECT CAST((SELECT count(*) FROM ({left}) a JOIN ({right}) b ON a.k = b.k) AS DOUBLE) AS matched, \
                 CAST((SELECT count(*) FROM ({left})) AS DOUBLE) AS own, CAST((SELECT count(*) FROM ({right})) AS DOUBLE) AS other"
            );
            let counts = read::numbers(session, &query).await?;
            (matched[which], own[which], other[which]) = (counts[0], counts[1], counts[2]);
        }
        // Lenient keys that make two numbers of one file the same would mix orders.
        if own[1] < own[0] || other[1] < other[0] {
            return Ok(false);
        }
        gained |= matched[1] > matched[0] && matched[0] < 0.9 * own[0].min(other[0]);
    }
    Ok(gained)
}
