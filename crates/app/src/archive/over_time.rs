//! What an analysis says in the light of earlier ones, and the sums that later ones stand on.

use analyzers::what_if::{Load, Sums};
use domain::id::AnalysisId;
use serde_json::{Value, json};

use super::{Archived, Unreadable, fields, named};
use crate::analyses::over_time::{
    Against, Changes, Earlier, Fate, Fated, Fates, Figure, History, KpiDifference, Lasting, OverTime, Series,
    Week,
};

fields!(History { series });
fields!(Series { kpi, scope, weeks });
fields!(OverTime { earlier, span, tested, tested_reason, against, changes, fates, figures });
fields!(Earlier { id, name, finished_at });
fields!(Figure { finding, series });
fields!(Against {
    kpi,
    scope,
    baseline,
    expected,
    value,
    difference,
    low,
    high,
    worse,
    p,
    q,
    beyond_noise,
    baseline_weeks,
    weeks,
});
fields!(Changes { changes, tests, notes });
fields!(Lasting { kpi, scope, start, start_low, start_high, growing, before, now, worse, p, q, weeks });
fields!(Fates { findings, kpis });
fields!(Fated { finding, fate, yearly, effect, p });
fields!(KpiDifference { kpi, scope, unit, before, after, difference, p, beyond_noise });
fields!(Sums {
    days,
    setups,
    setup_hours,
    run_hours,
    pieces,
    scrapped,
    orders,
    labor_hour,
    machine_hour,
    scrap_cost,
    material_spend,
    piece_cost,
    load,
});
fields!(Load { machines, utilization, effective_hours, ca2, ce2, waited, operations, open_per_week });

named!(Fate, |fate| fate.as_str().to_owned(), |name| {
    Fate::ALL.into_iter().find(|fate| fate.as_str() == name)
});
named!(AnalysisId, |id| id.to_string(), |text| text.parse().ok());
named!(jiff::Timestamp, |at| at.to_string(), |text| text.parse().ok());

/// There are many: a list is shorter than names.
impl Archived for Week {
    fn keep(&self) -> Value {
        json!([self.monday, self.over.keep(), self.under.keep(), self.units])
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        let refuse = || Unreadable::not("week", &value);
        let [monday, over, under, units] = value.as_array().map(Vec::as_slice).ok_or_else(refuse)? else {
            return Err(refuse());
        };
        let whole = |value: &Value| value.as_i64().ok_or_else(refuse);
        Ok(Self {
            monday: i32::try_from(whole(monday)?).map_err(|_| refuse())?,
            over: f64::restore(over.clone())?,
            under: f64::restore(under.clone())?,
            units: u32::try_from(whole(units)?).map_err(|_| refuse())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analyses::over_time::SumsOf,
        archive::{decode, encode},
    };

    #[test]
    fn a_basis_comes_back_as_it_was() {
        let week = Week { monday: -3, over: 0.1, under: 3.0, units: 7 };
        let series = Series { kpi: "scrap_ratio".to_owned(), scope: Vec::new(), weeks: vec![week] };
        let sums = Sums { days: 12.5, labor_hour: Some(30.1), ..Sums::default() };
        let history = History { series: vec![series] };
        assert_eq!(decode::<History>(&encode(&history)).unwrap(), history);
        let sums: SumsOf = vec![(Vec::new(), sums)];
        assert_eq!(decode::<SumsOf>(&encode(&sums)).unwrap(), sums);
        assert!(decode::<Week>(br#"{"form":1,"of":[1,"2"]}"#).is_err());
    }
}
