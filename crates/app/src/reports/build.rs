//! A report put together by who takes it along: which part of the business, how sure, how many, with or without pictures.

use analyzers::suite::{AREAS, area};
use domain::{Analysis, analysis::EvidenceGrade, id::AnalysisId};
use report::{Caption, Tongue};
use store::{reports::Format, usage::UsageType};

use super::{
    answers,
    write::{file_name, write},
};
use crate::{Backing, Caller, Error, analyses, error::Flaw, usage};

/// What goes into a report; everything, unless something is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// `cost`, `operations`, `equipment`, `quality`, `efficiency`; none means all.
    pub areas: Vec<String>,
    /// `strong`, or `likely` and better; none takes hints too.
    pub grade: Option<String>,
    /// Findings at most, the largest yearly amounts first.
    pub most: Option<usize>,
    /// Leaves pictures of the whole plant out.
    pub no_charts: bool,
    /// Leaves answers of the assistant out.
    pub no_answers: bool,
}

impl Choice {
    /// Everything that cannot be taken, by field.
    pub fn check(&self) -> Result<(), Error> {
        let mut flaws = Vec::new();
        let mut flaw = |field: &str, message: String| flaws.push(Flaw { field: field.to_owned(), message });
        if self.areas.iter().any(|wanted| !AREAS.contains(&wanted.as_str())) {
            flaw("areas", format!("use {}", AREAS.join(", ")));
        }
        if self.grade.as_deref().is_some_and(|grade| !["strong", "likely"].contains(&grade)) {
            flaw("grade", "use strong or likely".to_owned());
        }
        if self.most == Some(0) {
            flaw("most", "a report has at least one finding".to_owned());
        }
        if flaws.is_empty() { Ok(()) } else { Err(Error::Invalid(flaws)) }
    }

    /// The analysis and its caption with what was chosen. Totals and key figures stay those of the whole analysis, and the
    /// caption says how many of its findings are there.
    pub fn apply(&self, analysis: &Analysis, caption: &Caption) -> (Analysis, Caption) {
        let takes = |finding: &domain::Finding| {
            let in_area = self.areas.is_empty() || self.areas.iter().any(|one| one == area(finding.analyzer));
            let sure = match self.grade.as_deref() {
                Some("strong") => finding.evidence_grade == EvidenceGrade::Strong,
                Some(_) => finding.evidence_grade != EvidenceGrade::Hint,
                None => true,
            };
            in_area && sure
        };
        let largest: Vec<&str> = analysis
            .findings_by_money()
            .into_iter()
            .filter(|finding| takes(finding))
            .take(self.most.unwrap_or(usize::MAX))
            .map(|finding| finding.id.as_str())
            .collect();
        let mut chosen = analysis.clone();
        chosen.findings.retain(|finding| largest.contains(&finding.id.as_str()));
        if self.no_charts {
            chosen.charts.clear();
        }
        let mut said = caption.clone();
        if self.no_answers {
            said.answers.clear();
        }
        if chosen.findings.len() < analysis.findings.len() {
            said.settings.push_str(&format!(
                " {} of {} findings are in this report.",
                chosen.findings.len(),
                analysis.findings.len()
            ));
        }
        (chosen, said)
    }
}

/// A report of an analysis as it was put together: its bytes and its name. It is counted as taken along.
pub async fn make(
    backing: &Backing,
    caller: &Caller,
    id: AnalysisId,
    format: Format,
    choice: &Choice,
    tongue: Tongue,
) -> Result<(Vec<u8>, String), Error> {
    choice.check()?;
    let run = analyses::get(backing, caller, id).await?.analysis;
    let analysis = analyses::result(backing, caller, id).await?;
    let caption = answers::caption(backing, caller, &run).await?;
    let choice = choice.clone();
    let bytes = tokio::task::spawn_blocking(move || {
        let (chosen, caption) = choice.apply(&analysis, &caption);
        write(format, &chosen, &caption, tongue)
    })
    .await
    .map_err(|error| Error::Work(format!("making a report broke: {error}")))??;
    if let Some(taken) = taken_as(format) {
        usage::exported(backing, caller, taken, ("analysis", &id.to_string())).await?;
    }
    Ok((bytes, file_name(&format!("{}.x", run.name), format.name())))
}

/// As what a report that is taken along is counted.
pub fn taken_as(format: Format) -> Option<UsageType> {
    match format {
        Format::Xlsx => Some(UsageType::ExportXlsx),
        Format::Csv => Some(UsageType::ExportCsv),
        Format::Pdf => Some(UsageType::ExportPdf),
        Format::Html => None,
    }
}
