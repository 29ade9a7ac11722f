//! An analysis in a few sentences, for whoever reads nothing else.

use super::{Yearly, cases, counts, steps, sum};
use crate::{Analysis, number};

/// The sentences, the money first.
pub fn summary(analysis: &Analysis) -> Vec<String> {
    let money = |amount: f64| number::money(amount, &analysis.currency);
    let mut said = Vec::new();
    let (planned, actual) = (analysis.totals.planned_cost.to_f64(), analysis.totals.actual_cost.to_f64());
    let variance = analysis.totals.variance.to_f64();
    if planned > 0.0 && actual > 0.0 {
        let side = if variance >= 0.0 { "over" } else { "under" };
        said.push(format!(
            "What was made cost {}, {} {side} its plan of {} ({}).",
            money(actual),
            money(variance.abs()),
            money(planned),
            number::percent(variance.abs() / planned, 1)
        ));
    }
    let counted: Vec<Yearly> =
        analysis.findings.iter().filter(|finding| counts(finding)).filter_map(Yearly::of).collect();
    let n = counted.len();
    match sum(counted) {
        Some(all) => said.push(format!(
            "{n} findings in money cost {} a year, likely between {} and {}; {} of that can be won back.",
            money(all.value),
            money(all.low),
            money(all.high),
            money(all.recoverable)
        )),
        None if analysis.findings.is_empty() => {
            said.push("Nothing stands out from chance at these settings. That is an answer.".to_owned());
        }
        None => {
            said.push("The findings are not in money: the files carry no cost or rate for them.".to_owned());
        }
    }
    let cases = cases(analysis);
    let leading: Vec<_> = cases.iter().filter(|case| case.yearly.is_some()).take(3).collect();
    for (at, case) in leading.iter().enumerate() {
        let rank = ["The largest case", "The second case", "The third case"][at];
        let amount = case.yearly.map_or(0.0, |yearly| yearly.value);
        said.push(format!("{rank}, {} a year: {}", money(amount), case.title()));
    }
    if let Some(first) = steps(&analysis.findings).into_iter().find(|step| step.recoverable.is_some()) {
        said.push(format!(
            "To begin with, {}: {} (takes {})",
            first.within, first.action.title, first.action.effort
        ));
    }
    said.push(format!(
        "It rests on {} of {} rows; the data score {} of 100 (grade {}).",
        number::count(analysis.rows.used),
        number::count(analysis.rows.read),
        analysis.data_quality.score,
        analysis.data_quality.grade
    ));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::sample::{analysis, finding};

    #[test]
    fn the_sentences_say_what_the_analysis_says() {
        let analysis = analysis(vec![
            finding("scrap_rate", &[("machine_id", "M07")], 10_000.0),
            finding("material_price_variance", &[("supplier_id", "S03")], 86_400.0),
        ]);
        let said = summary(&analysis).join("\n");
        for part in [
            "What was made cost $1,100,000, $100,000 over its plan of $1,000,000 (10.0%).",
            "2 findings in money cost $128,533 a year",
            "The largest case, $115,200 a year: ",
            "To begin with, this week: ",
            "It rests on 90 of 100 rows; the data score 86 of 100 (grade B).",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn a_plant_without_findings_is_told_so() {
        let said = summary(&analysis(Vec::new())).join(" ");
        assert!(said.contains("Nothing stands out from chance") && !said.contains("case"), "{said}");
    }
}
