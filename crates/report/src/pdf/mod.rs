//! Reports as PDF: one page per finding, and a pack of all that matters. Made here, without a browser.
//!
//! Letters are those of the standard fonts that every reader has (Western European); others are written as `?`, and the
//! workbook and the page have them.

mod answers;
mod finding;
mod pack;
mod picture;
mod sheet;
mod typeface;

use domain::Analysis;

use crate::{Caption, ReportError, chart::Renderer};

/// One finding on one page; `None` where the analysis has no such finding.
pub fn finding(analysis: &Analysis, id: &str, caption: &Caption) -> Result<Option<Vec<u8>>, ReportError> {
    let Some(finding) = analysis.findings.iter().find(|finding| finding.id == id) else { return Ok(None) };
    let renderer = Renderer::new()?;
    let mut document = sheet::Document::new(&finding.title, &pack::foot(analysis, caption));
    finding::write(&mut document, analysis, finding, &renderer)?;
    Ok(Some(document.finish()))
}

/// The pack of a month: where the money goes, the findings in order, a page for each of the largest, and the data that
/// it all rests on.
pub fn pack(analysis: &Analysis, caption: &Caption) -> Result<Vec<u8>, ReportError> {
    let renderer = Renderer::new()?;
    let mut document = sheet::Document::new("Cost review", &pack::foot(analysis, caption));
    pack::write(&mut document, analysis, caption, &renderer)?;
    Ok(document.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::sample;

    fn pages(pdf: &[u8]) -> usize {
        String::from_utf8_lossy(pdf).matches("/Type /Page\n").count()
    }

    #[test]
    fn a_finding_has_exactly_one_page_however_much_it_says() {
        let mut analysis = sample();
        let id = analysis.findings[0].id.clone();
        let caption = Caption { files: vec!["JOBCOST.csv".to_owned()], ..Caption::default() };
        let plain = finding(&analysis, &id, &caption).unwrap().unwrap();
        assert!(plain.starts_with(b"%PDF-"));
        assert_eq!(pages(&plain), 1);
        let long = "A very long sentence about what was seen, again and again. ".repeat(30);
        analysis.findings[0].observations = vec![long.clone(); 12];
        analysis.findings[0].title = long;
        assert_eq!(pages(&finding(&analysis, &id, &caption).unwrap().unwrap()), 1);
        assert!(finding(&analysis, "nobody", &caption).unwrap().is_none());
    }

    #[test]
    fn a_pack_is_the_same_bytes_every_time_and_survives_any_letter() {
        let mut analysis = sample();
        analysis.findings[0].title = "料号 7741 (x) \\ kostet 5 € mehr – “viel”".to_owned();
        let first = pack(&analysis, &Caption::default()).unwrap();
        assert_eq!(first, pack(&analysis, &Caption::default()).unwrap());
        assert!(pages(&first) >= 2, "{}", pages(&first));
    }

    /// `PLANTINTEL_PDF=/tmp/pack.pdf cargo test -p report` keeps the pack to look at.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may be asked for its pack")]
    fn the_sample_pack_can_be_looked_at() {
        if let Ok(path) = std::env::var("PLANTINTEL_PDF") {
            std::fs::write(path, pack(&sample(), &Caption::default()).unwrap()).unwrap();
        }
    }
}
