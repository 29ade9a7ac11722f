//! Ready-made packs of an analysis: the losses of the week, claims of suppliers, lateness. What they count comes from the
//! tables of the analysis, as the analysis itself had them; what became of findings, from the analyses before.

use std::collections::BTreeMap;

use analyzers::{
    over_time::{Series, nature},
    packs,
};
use domain::{
    Analysis,
    analysis::{EvidenceGrade, Period},
    id::AnalysisId,
    number,
    pack::{FindingFate, FindingWeek, Weekly},
};
use report::{Tongue, pack::Pack as Said};
use store::{
    analyses::Analysis as Run,
    reports::{Format, Pack},
};

use super::{build::taken_as, write::file_name};
use crate::{
    Backing, Caller, Error,
    analyses::{
        self,
        over_time::{Fate, Fated, OverTime, over_time},
        tables,
    },
    configurations::settings,
    usage,
};

/// A pack that is counted from tables; the cost review is written from the analysis alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    WeeklyLosses,
    SupplierClaims,
    Lateness,
}

impl Ready {
    /// None for the cost review.
    pub fn parse(pack: Pack) -> Option<Self> {
        match pack {
            Pack::CostReview => None,
            Pack::WeeklyLosses => Some(Self::WeeklyLosses),
            Pack::SupplierClaims => Some(Self::SupplierClaims),
            Pack::Lateness => Some(Self::Lateness),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::WeeklyLosses => Pack::WeeklyLosses.name(),
            Self::SupplierClaims => Pack::SupplierClaims.name(),
            Self::Lateness => Pack::Lateness.name(),
        }
    }
}

/// Whether a pack is made as that, and of one supplier.
pub fn check(pack: Pack, format: Format, supplier: Option<&str>) -> Result<(), Error> {
    if pack != Pack::CostReview && !matches!(format, Format::Pdf | Format::Xlsx) {
        return Err(Error::invalid("format", "this pack is made as pdf or xlsx"));
    }
    if pack != Pack::SupplierClaims && supplier.is_some() {
        return Err(Error::invalid("supplier", "only the pack of supplier claims is of one supplier"));
    }
    if supplier.is_some_and(|name| name.chars().count() > SUPPLIER_MAX) {
        return Err(Error::invalid("supplier", format!("suppliers have up to {SUPPLIER_MAX} characters")));
    }
    Ok(())
}

const SUPPLIER_MAX: usize = 200;

/// A pack of an analysis: its bytes and its name. It is counted as taken along.
pub async fn make(
    backing: &Backing,
    caller: &Caller,
    id: AnalysisId,
    (ready, format): (Ready, Format),
    supplier: Option<String>,
    tongue: Tongue,
) -> Result<(Vec<u8>, String), Error> {
    let run = analyses::get(backing, caller, id).await?.analysis;
    let analysis = analyses::result(backing, caller, id).await?;
    let pack = gather(backing, caller, &run, analysis, ready, supplier).await?;
    let bytes = tokio::task::spawn_blocking(move || write(format, &pack, tongue))
        .await
        .map_err(|error| Error::Work(format!("making a report broke: {error}")))??;
    if let Some(taken) = taken_as(format) {
        usage::exported(backing, caller, taken, ("analysis", &id.to_string())).await?;
    }
    Ok((bytes, file_name(&format!("{} {}.x", run.name, ready.name().replace('_', " ")), format.name())))
}

/// What a pack says, before it is written.
pub async fn gather(
    backing: &Backing,
    caller: &Caller,
    run: &Run,
    analysis: Analysis,
    ready: Ready,
    supplier: Option<String>,
) -> Result<Said, Error> {
    let tables = tables::tables(backing, caller, run.id).await?;
    let settings = settings::restore(&run.settings)?;
    Ok(match ready {
        Ready::Lateness => {
            let lateness = tables.analyzed(settings, packs::lateness).await?;
            report::pack::lateness(&analysis, &lateness)
        }
        Ready::SupplierClaims => {
            let look = move |plant: &_| {
                let claims = packs::claims(plant, &analysis);
                report::pack::claims(&analysis, &claims, supplier.as_deref())
            };
            tables.analyzed(settings, look).await?
        }
        Ready::WeeklyLosses => {
            let mut weekly = tables.analyzed(settings, packs::weekly).await?;
            let over_time = over_time(backing, caller, run.id).await?;
            weekly.findings = followed(&analysis, &over_time, &weekly);
            weekly.fates = fates(backing, caller, &analysis, &over_time).await?;
            report::pack::weekly(&analysis, &weekly)
        }
    })
}

/// Writes it in a language.
pub(super) fn write(format: Format, pack: &Said, tongue: Tongue) -> Result<Vec<u8>, Error> {
    let made = match format {
        Format::Xlsx => report::workbook::parts(pack, tongue),
        Format::Pdf => report::pdf::parts(pack, tongue),
        Format::Html | Format::Csv => {
            return Err(Error::invalid("format", "this pack is made as pdf or xlsx"));
        }
    };
    made.map_err(|error| Error::Work(error.to_string()))
}

/// The figures of findings in the week and before, as they stand week by week on the pages of the findings.
fn followed(analysis: &Analysis, over_time: &OverTime, weekly: &Weekly) -> Vec<FindingWeek> {
    let Some(week) = &weekly.week else { return Vec::new() };
    let findings = analysis.findings_by_money().into_iter();
    findings
        .filter(|finding| finding.evidence_grade != EvidenceGrade::Hint)
        .filter_map(|finding| {
            let series = over_time.figure(&finding.id)?;
            let (last, units) = value(series, week);
            let before = weekly.before.as_ref().and_then(|before| value(series, before).0);
            Some(FindingWeek {
                finding: finding.id.clone(),
                title: finding.title.clone(),
                yearly: finding.impact.as_ref().map(|impact| impact.annualized.to_f64()),
                kpi: series.kpi.clone(),
                scope: series.scope.clone(),
                last,
                before,
                units,
                rising_is_worse: nature(&series.kpi).rising_is_worse,
                began: finding
                    .start
                    .as_deref()
                    .is_some_and(|start| week.start.as_str() <= start && start <= week.end.as_str()),
            })
        })
        .collect()
}

/// A figure over the weeks that begin in a period, with the rows or orders behind it.
fn value(series: &Series, period: &Period) -> (Option<f64>, u64) {
    let epoch = jiff::civil::date(1970, 1, 1);
    let day = |iso: &str| {
        number::civil(iso)
            .and_then(|day| day.since((jiff::Unit::Day, epoch)).ok())
            .map(|span| span.get_days())
    };
    let (Some(first), Some(last)) = (day(&period.start), day(&period.end)) else { return (None, 0) };
    let weeks = series.weeks.iter().filter(|week| (first..=last).contains(&week.monday));
    let (over, under, units) = weeks.fold((0.0, 0.0, 0), |(over, under, units), week| {
        (over + week.over, under + week.under, units + u64::from(week.units))
    });
    ((under > 0.0).then(|| over / under), units)
}

/// What is new and what has ended since the analysis before; none where there is none.
async fn fates(
    backing: &Backing,
    caller: &Caller,
    analysis: &Analysis,
    over_time: &OverTime,
) -> Result<Option<Vec<FindingFate>>, Error> {
    let Some(all) = &over_time.fates else { return Ok(None) };
    let ended: Vec<&Fated> = all.of(Fate::Gone).collect();
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    if let Some(earlier) = over_time.earlier.first().filter(|_| !ended.is_empty()) {
        match analyses::result(backing, caller, earlier.id).await {
            Ok(before) => {
                titles.extend(before.findings.into_iter().map(|finding| (finding.id, finding.title)));
            }
            // It was deleted, or is looked at again: what ended stays without its words.
            Err(Error::NotFound(_) | Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let title = |id: &str| analysis.findings.iter().find(|one| one.id == id).map(|one| one.title.clone());
    let new = all.of(Fate::New).filter_map(|one| {
        Some(FindingFate { title: title(&one.finding)?, fate: "new", yearly: one.yearly.1 })
    });
    let gone = ended.into_iter().map(|one| FindingFate {
        title: titles
            .get(&one.finding)
            .cloned()
            .unwrap_or_else(|| "A finding of an analysis that is not kept any more".to_owned()),
        fate: "ended",
        yearly: one.yearly.0,
    });
    Ok(Some(new.chain(gone).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use analyzers::over_time::Week;

    #[test]
    fn a_figure_of_several_weeks_is_its_sums_divided() {
        let week = |monday: i32, over: f64, under: f64| Week { monday, over, under, units: 3 };
        let series = Series {
            kpi: "scrap_ratio".to_owned(),
            scope: Vec::new(),
            // 2025-01-06 is day 20094.
            weeks: vec![
                week(20_087, 9.0, 9.0),
                week(20_094, 1.0, 10.0),
                week(20_101, 3.0, 30.0),
                week(20_108, 8.0, 16.0),
            ],
        };
        let period = |start: &str, end: &str| Period { start: start.to_owned(), end: end.to_owned() };
        assert_eq!(value(&series, &period("2025-01-06", "2025-01-19")), (Some(0.1), 6));
        assert_eq!(value(&series, &period("2025-01-20", "2025-01-26")), (Some(0.5), 3));
        assert_eq!(value(&series, &period("2025-03-03", "2025-03-09")), (None, 0));
    }

    #[test]
    fn a_pack_is_a_pdf_or_a_workbook_and_only_claims_are_of_one_supplier() {
        assert!(check(Pack::CostReview, Format::Html, None).is_ok());
        assert!(check(Pack::Lateness, Format::Xlsx, None).is_ok());
        assert!(check(Pack::SupplierClaims, Format::Pdf, Some("S03")).is_ok());
        for (pack, format, supplier) in [
            (Pack::Lateness, Format::Html, None),
            (Pack::WeeklyLosses, Format::Csv, None),
            (Pack::CostReview, Format::Pdf, Some("S03")),
        ] {
            assert!(check(pack, format, supplier).is_err(), "{pack:?} {format:?} {supplier:?}");
        }
        assert!(check(Pack::SupplierClaims, Format::Pdf, Some(&"x".repeat(201))).is_err());
    }
}
