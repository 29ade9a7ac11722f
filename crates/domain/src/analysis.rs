//! An analysis: key figures, findings in dollars, what could not be said, and what the data lack.

use ontology::FieldId;

use crate::{
    breakdown::Breakdown,
    chart::Chart,
    money::{Currency, Money},
};

/// The whole result of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// 0 to 4 (5 with maintenance, energy, price standards and a calendar), by fields that are mapped and filled.
    pub data_tier: u8,
    pub analyzers_run: Vec<&'static str>,
    pub analyzers_skipped: Vec<SkippedAnalyzer>,
    pub period: Option<Period>,
    pub currency: Currency,
    pub rows: Rows,
    pub totals: Totals,
    pub kpis: Vec<KpiValue>,
    /// Ranked: highest priority first.
    pub findings: Vec<Finding>,
    pub guidance: Vec<Guidance>,
    pub data_quality: DataQuality,
    /// Charts of the whole plant (waterfall, Pareto, waiting).
    pub charts: Vec<Chart>,
    /// Every setting: its value, and whether it had a say.
    pub settings: Vec<SettingUse>,
    /// Where time, material and quality go; `None` in an analysis that was made before there was such a thing.
    pub breakdown: Option<Breakdown>,
}

impl Analysis {
    /// Findings as people read them: those in money first, largest yearly amount on top, then the others by priority.
    pub fn findings_by_money(&self) -> Vec<&Finding> {
        let yearly = |finding: &Finding| finding.impact.as_ref().map(|impact| impact.annualized.amount);
        let mut findings: Vec<&Finding> = self.findings.iter().collect();
        findings.sort_by(|a, b| {
            yearly(b).cmp(&yearly(a)).then(b.priority.cmp(&a.priority)).then(a.id.cmp(&b.id))
        });
        findings
    }
}

/// A setting as this analysis was made with it.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingUse {
    pub name: &'static str,
    pub value: f64,
    /// Whether another value could have made another analysis of these data.
    pub active: bool,
    /// Why not, where it is not active.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SkippedAnalyzer {
    pub analyzer: &'static str,
    pub missing: Vec<FieldId>,
    /// Why, where it is not a missing field.
    pub reason: Option<String>,
}

/// Plant-local days, both included, as ISO dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    pub start: String,
    pub end: String,
}

/// What became of the rows of all files. `read` = `used` + all `set_aside`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    pub read: u64,
    pub used: u64,
    pub set_aside: Vec<SetAside>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SetAside {
    pub reason: String,
    pub rows: u64,
    pub examples: Vec<RowRef>,
}

/// A row of a file of the customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowRef {
    pub file: String,
    /// 1-based line or sheet row.
    pub row: u64,
}

/// The ledger. `planned_cost` is flexed to the quantity made; `explained` + `remainder` = `variance`, to the cent.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    pub planned_cost: Money,
    pub actual_cost: Money,
    pub variance: Money,
    pub explained: Money,
    pub remainder: Money,
    /// Signed parts of the variance (material price, material usage, labor rate, …) that sum to it.
    pub parts: Vec<(String, Money)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct KpiValue {
    /// Id of the KPI in `ontology`.
    pub id: &'static str,
    pub value: f64,
    pub unit: &'static str,
    pub numerator: f64,
    pub denominator: f64,
    /// What it is about: empty for the whole plant.
    pub scope: Vec<EntityRef>,
    /// A caveat that belongs to the figure ("of the time any work was booked").
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityRef {
    pub field: FieldId,
    pub value: String,
}

/// A claim with its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Stable under re-run: a digest of type and entities.
    pub id: String,
    pub type_: &'static str,
    pub analyzer: &'static str,
    pub entities: Vec<EntityRef>,
    pub title: String,
    /// First day of the effect, as ISO dates, with its interval.
    pub start: Option<String>,
    pub start_low: Option<String>,
    pub start_high: Option<String>,
    pub effect: Effect,
    pub impact: Option<Impact>,
    /// Hours or pieces where no rate turns them into money.
    pub quantity: Option<Quantity>,
    pub p: f64,
    pub q: f64,
    pub tests_in_family: u64,
    /// `work_order`, `operation`, `booking`, `machine_shift`, …: what was counted as independent.
    pub unit_of_analysis: &'static str,
    pub n: u64,
    pub method: &'static str,
    pub evidence_grade: EvidenceGrade,
    /// 0 to 100.
    pub priority: u8,
    /// What it was compared with, in words.
    pub comparison: String,
    /// What we saw, in sentences.
    pub observations: Vec<String>,
    /// What would prove it wrong.
    pub counter_evidence: Vec<String>,
    /// Findings that this one explains away.
    pub shadows: Vec<EntityRef>,
    pub assumptions: Vec<String>,
    pub missing_fields: Vec<FieldId>,
    /// Largest contributors first, then a random sample.
    pub evidence_rows: Vec<RowRef>,
    pub actions: Vec<Action>,
    pub chart: Option<Chart>,
    /// A table of the orders or operations behind it: heads, then rows.
    pub evidence_table: Option<EvidenceTable>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceTable {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<EvidenceCell>>,
    /// How many there are in all.
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum EvidenceCell {
    Text(String),
    Number(f64),
    Percent(f64),
    Money(f64),
    /// Microseconds since 1970-01-01 on the plant's own clock.
    Date(i64),
    Row(RowRef),
    Empty,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// `price_ratio`, `run_time_ratio`, `scrap_rate`, …
    pub measure: &'static str,
    /// Shrunken towards the comparison.
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub raw: f64,
}

/// Dollars of the period analyzed, unless a name says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Impact {
    pub value: Money,
    pub low: Money,
    pub high: Money,
    pub annualized: Money,
    pub addressable: Money,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    pub unit: &'static str,
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceGrade {
    /// Would arise by chance in fewer than 1 of 100 comparable searches.
    Strong,
    /// Fewer than 1 of 10.
    Likely,
    /// Not counted in totals.
    Hint,
}

impl EvidenceGrade {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Likely => "likely",
            Self::Hint => "hint",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub title: String,
    /// `hours`, `days`, `weeks`: the effort it takes.
    pub effort: &'static str,
}

/// A field that the data lack, and what it would be good for.
#[derive(Debug, Clone, PartialEq)]
pub struct Guidance {
    pub field: FieldId,
    /// Analyzers that it would make possible or sharper.
    pub unlocks: Vec<&'static str>,
    /// Money (or hours where no money is known) that it would split.
    pub unexplained: f64,
    pub sentence: String,
}

/// How good the data are, with reasons that open their rows.
#[derive(Debug, Clone, PartialEq)]
pub struct DataQuality {
    /// 0 to 100.
    pub score: u8,
    pub grade: char,
    pub items: Vec<DataQualityItem>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DataQualityItem {
    /// Stable kind: `conflicting_span`, `keying_error`, `duplicate_row`, `impossible_order`, …
    pub kind: &'static str,
    pub sentence: String,
    pub rows: u64,
    pub examples: Vec<RowRef>,
    pub field: Option<FieldId>,
}
