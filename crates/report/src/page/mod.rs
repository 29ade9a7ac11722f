//! One self-contained page: everything it shows is inside it, and it asks the network for nothing.

mod context;
mod font;

use askama::Template;
use domain::Analysis;
use translation::Tongue;

use crate::{Caption, ReportError, chart::Renderer};

/// The analysis as HTML, in the reader's language.
pub fn page(analysis: &Analysis, caption: &Caption, tongue: Tongue) -> Result<String, ReportError> {
    let renderer = Renderer::new()?;
    let context = context::Page::new(analysis, caption, &renderer, tongue)?;
    Ok(translation::page(context.render()?, tongue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::sample;

    #[test]
    fn the_page_is_complete_and_needs_nothing_from_the_network() {
        let html = page(
            &sample(),
            &Caption { files: vec!["JOBCOST.csv".to_owned()], ..Caption::default() },
            Tongue::English,
        )
        .unwrap();
        for part in ["Supplier S03", "$86,400", "What we saw", "JOBCOST.csv", "<svg", "Not available"] {
            assert!(html.contains(part), "{part} is missing");
        }
        for address in ["http://", "https://", "src=\"//", "<script"] {
            let outside = html.replace("http://www.w3.org/", "");
            assert!(!outside.contains(address), "{address} is asked for");
        }
    }

    #[test]
    fn answers_stand_in_the_page_the_workbook_and_the_pack() {
        let quote = crate::Quote {
            question: "Which <machine> is worst?".to_owned(),
            language: "en".to_owned(),
            text: vec!["Highest: M-07, 6.21%.".to_owned()],
            heads: vec!["machine".to_owned(), "scrap rate".to_owned()],
            rows: vec![vec![
                crate::QuoteCell { shown: "=M-07".to_owned(), ..Default::default() },
                crate::QuoteCell { shown: "6.21%".to_owned(), number: Some(0.0621), percent: true },
            ]],
            notes: vec!["Produced is good and scrapped.".to_owned()],
            queries: vec!["figures: scrap_ratio, 812 rows".to_owned()],
            rests_on: vec!["operations.csv row 814".to_owned()],
            ..Default::default()
        };
        let caption = Caption { answers: vec![quote], ..Caption::default() };
        let html = page(&sample(), &caption, Tongue::English).unwrap();
        for part in [
            "Questions and answers",
            "Which &#60;machine&#62; is worst?",
            "Highest: M-07, 6.21%.",
            "Looked up figures: scrap_ratio, 812 rows",
            "operations.csv row 814",
        ] {
            assert!(html.contains(part), "{part} is missing");
        }
        let pages = |pdf: Vec<u8>| String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count();
        let bare = pages(crate::pdf::pack(&sample(), &Caption::default(), Tongue::English).unwrap());
        assert_eq!(pages(crate::pdf::pack(&sample(), &caption, Tongue::English).unwrap()), bare + 1);
        let with = crate::workbook::workbook(&sample(), &caption, Tongue::English).unwrap();
        assert!(
            with.len()
                > crate::workbook::workbook(&sample(), &Caption::default(), Tongue::English).unwrap().len()
        );
    }

    /// `PLANTINTEL_PAGE=/tmp/page.html cargo test -p report` keeps the page to look at.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may be asked for its page")]
    fn the_sample_page_can_be_looked_at() {
        if let Ok(path) = std::env::var("PLANTINTEL_PAGE") {
            std::fs::write(path, page(&sample(), &Caption::default(), Tongue::German).unwrap()).unwrap();
        }
    }

    #[test]
    fn hostile_cells_stay_text() {
        let mut analysis = sample();
        analysis.findings[0].title = "<script>alert(1)</script>".to_owned();
        let html = page(&analysis, &Caption::default(), Tongue::German).unwrap();
        assert!(!html.contains("<script>"));
    }
}
