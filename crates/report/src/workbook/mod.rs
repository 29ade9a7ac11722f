//! A workbook: an overview, then one sheet per finding, with real numbers and dates that people can reckon on with.

mod answers;
mod finding;
mod overview;
mod parts;
pub mod problems;
mod review;
mod style;

use domain::{Analysis, Currency};
use rust_xlsxwriter::{DocProperties, Workbook};
use translation::Tongue;

use crate::{Caption, ReportError, pack::Pack};

/// The analysis as XLSX.
pub fn workbook(analysis: &Analysis, caption: &Caption, tongue: Tongue) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&created()?);
    let style = style::Style::new(&analysis.currency, tongue);
    overview::write(&mut workbook, analysis, caption, &style)?;
    review::write(&mut workbook, analysis, &style)?;
    for (rank, finding) in analysis.findings_by_money().into_iter().enumerate() {
        finding::write(&mut workbook, rank + 1, finding, &style)?;
    }
    answers::write(&mut workbook, &caption.answers, &style)?;
    overview::write_kpis(&mut workbook, analysis, &style)?;
    overview::write_quality(&mut workbook, analysis, &style)?;
    Ok(workbook.save_to_buffer()?)
}

/// A ready-made pack as XLSX.
pub fn parts(pack: &Pack, tongue: Tongue) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&created()?);
    let currency = pack.currency.clone().unwrap_or_else(Currency::unstated);
    parts::write(&mut workbook, pack, &style::Style::new(&currency, tongue))?;
    Ok(workbook.save_to_buffer()?)
}

/// The library stamps the time of writing; a fixed one keeps equal input equal, byte for byte.
fn created() -> Result<DocProperties, ReportError> {
    let at = rust_xlsxwriter::ExcelDateTime::from_ymd(2000, 1, 1)?;
    Ok(DocProperties::new().set_title("PlantIntel").set_creation_datetime(&at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::sample;

    #[test]
    fn the_same_analysis_gives_the_same_bytes_with_a_sheet_per_finding() {
        let analysis = sample();
        let bytes = workbook(&analysis, &Caption::default(), Tongue::German).unwrap();
        assert_eq!(bytes, workbook(&analysis, &Caption::default(), Tongue::German).unwrap());
        assert!(bytes.starts_with(b"PK"));
    }

    #[test]
    fn text_that_looks_like_a_formula_stays_text() {
        let mut analysis = sample();
        analysis.findings[0].title = "=HYPERLINK(\"x\")".to_owned();
        workbook(&analysis, &Caption::default(), Tongue::German).unwrap();
    }
}
