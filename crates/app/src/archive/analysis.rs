//! An analysis with everything that a page, a workbook or the API shows of it.

use domain::{
    Analysis, Currency, Finding, Money,
    analysis::{
        Action, DataQuality, DataQualityItem, Effect, EntityRef, EvidenceCell, EvidenceGrade, EvidenceTable,
        Guidance, Impact, KpiValue, Period, Quantity, RowRef, Rows, SetAside, SettingUse, SkippedAnalyzer,
        Totals,
    },
    breakdown::{
        Band, Breakdown, Loss, MachineLine, OperationLine, QualityLine, Scale, Service, Sides, TierLine,
    },
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Archived, Unreadable, fields, members, named, take};

fields!(Analysis {
    data_tier,
    analyzers_run,
    analyzers_skipped,
    period,
    currency,
    rows,
    totals,
    kpis,
    findings,
    guidance,
    data_quality,
    charts,
    settings,
    breakdown,
});
fields!(Breakdown { scales, tiers, sides, losses, operations, machines, quality });
fields!(Scale { subject, setting, allowed });
fields!(TierLine { tier, name, gives, analyzers, reached, missing, sentence });
fields!(Sides { orders_over, over, orders_under, under });
fields!(Loss { class, amount, quantity, basis });
fields!(OperationLine { name, records, hours, allowed, efficiency, cost_efficiency, spread, band });
fields!(MachineLine {
    machine,
    hours,
    labor,
    scrap,
    waste,
    standstill,
    driver,
    scrap_rate,
    scrap_expected,
    risk,
    reasons,
    chance,
    band,
    service,
});
fields!(Service { last, due, interval_days, own_interval, overdue_days });
fields!(QualityLine { field, value, orders, with_issue, pieces, scrapped, scrap, rework, waste, band });
fields!(SettingUse { name, value, active, reason });
fields!(SkippedAnalyzer { analyzer, missing, reason });
fields!(Period { start, end });
fields!(Rows { read, used, set_aside });
fields!(SetAside { reason, rows, examples });
fields!(RowRef { file, row });
fields!(Totals { planned_cost, actual_cost, variance, explained, remainder, parts });
fields!(KpiValue { id, value, unit, numerator, denominator, scope, note });
fields!(EntityRef { field, value });
fields!(Finding {
    id,
    type_,
    analyzer,
    entities,
    title,
    start,
    start_low,
    start_high,
    effect,
    impact,
    quantity,
    p,
    q,
    tests_in_family,
    unit_of_analysis,
    n,
    method,
    evidence_grade,
    priority,
    comparison,
    observations,
    counter_evidence,
    shadows,
    assumptions,
    missing_fields,
    evidence_rows,
    actions,
    chart,
    evidence_table,
});
fields!(EvidenceTable { heads, rows, total });
fields!(Effect { measure, value, low, high, raw });
fields!(Impact { value, low, high, annualized, addressable });
fields!(Quantity { unit, value, low, high });
fields!(Action { title, effort });
fields!(Guidance { field, unlocks, unexplained, sentence });
fields!(DataQuality { score, grade, items });
fields!(DataQualityItem { kind, sentence, rows, examples, field });
fields!(Money { amount, currency });

named!(Decimal, |amount| amount.to_string(), |text| text.parse().ok());
named!(Currency, |currency| currency.as_str().to_owned(), Currency::parse);
named!(Band, |band| band.as_str().to_owned(), |name| {
    Band::ALL.into_iter().find(|band| band.as_str() == name)
});
named!(EvidenceGrade, |grade| grade.as_str().to_owned(), |name| {
    [EvidenceGrade::Strong, EvidenceGrade::Likely, EvidenceGrade::Hint]
        .into_iter()
        .find(|grade| grade.as_str() == name)
});

impl Archived for EvidenceCell {
    fn keep(&self) -> Value {
        match self {
            Self::Text(text) => json!({"text": text}),
            Self::Number(number) => json!({"number": number.keep()}),
            Self::Percent(share) => json!({"percent": share.keep()}),
            Self::Money(amount) => json!({"money": amount.keep()}),
            Self::Date(micros) => json!({"date": micros}),
            Self::Row(row) => json!({"row": row.keep()}),
            Self::Empty => Value::Null,
        }
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        if value.is_null() {
            return Ok(Self::Empty);
        }
        let mut cell = members(value)?;
        let kind = cell.keys().next().cloned().unwrap_or_default();
        Ok(match kind.as_str() {
            "text" => Self::Text(take(&mut cell, "text")?),
            "number" => Self::Number(take(&mut cell, "number")?),
            "percent" => Self::Percent(take(&mut cell, "percent")?),
            "money" => Self::Money(take(&mut cell, "money")?),
            "date" => Self::Date(take(&mut cell, "date")?),
            "row" => Self::Row(take(&mut cell, "row")?),
            _ => return Err(Unreadable::not("cell", &Value::Object(cell))),
        })
    }
}
