//! Reports as PDF: one page per finding, and a pack of all that matters. Made here, without a browser.
//!
//! Our words are in the reader's language; what customers wrote stays as it is. Which letters there are says [`typeface`].

mod answers;
mod finding;
mod pack;
mod parts;
mod picture;
mod sheet;
mod table;
mod typeface;

use domain::Analysis;

pub(crate) use finding::grade;
use translation::Tongue;

use crate::{Caption, ReportError, chart::Renderer, pack::Pack};

/// One finding on one page; `None` where the analysis has no such finding.
pub fn finding(
    analysis: &Analysis,
    id: &str,
    caption: &Caption,
    tongue: Tongue,
) -> Result<Option<Vec<u8>>, ReportError> {
    let Some(finding) = analysis.findings.iter().find(|finding| finding.id == id) else { return Ok(None) };
    let renderer = Renderer::new()?;
    let mut document = sheet::Document::new(&finding.title, &pack::foot(analysis, caption), tongue);
    finding::write(&mut document, analysis, finding, &renderer, tongue)?;
    Ok(Some(document.finish()))
}

/// The pack of a month: where the money goes, the findings in order, a page for each of the largest, and the data that
/// it all rests on.
pub fn pack(analysis: &Analysis, caption: &Caption, tongue: Tongue) -> Result<Vec<u8>, ReportError> {
    let renderer = Renderer::new()?;
    let mut document = sheet::Document::new("Cost review", &pack::foot(analysis, caption), tongue);
    pack::write(&mut document, analysis, caption, &renderer, tongue)?;
    Ok(document.finish())
}

/// A ready-made pack. Its foot names no files: it may be sent to somebody outside.
pub fn parts(pack: &Pack, tongue: Tongue) -> Result<Vec<u8>, ReportError> {
    let renderer = Renderer::new()?;
    let mut document = sheet::Document::new(&pack.title, &foot(pack), tongue);
    parts::write(&mut document, pack, &renderer, tongue)?;
    Ok(document.finish())
}

/// Words of a pack that stay English.
#[cfg(test)]
pub(crate) fn unsaid(pack: &Pack, tongue: Tongue) -> Vec<String> {
    let mut document = sheet::Document::new(&pack.title, &foot(pack), tongue);
    parts::write(&mut document, pack, &Renderer::new().unwrap(), tongue).unwrap();
    document.unsaid.take()
}

fn foot(pack: &Pack) -> String {
    let pieces = ["PlantIntel".to_owned(), pack.title.clone()];
    pieces.into_iter().chain(pack.subtitle.first().cloned()).collect::<Vec<_>>().join(" · ")
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
        let plain = finding(&analysis, &id, &caption, Tongue::English).unwrap().unwrap();
        assert!(plain.starts_with(b"%PDF-"));
        assert_eq!(pages(&plain), 1);
        let long = "A very long sentence about what was seen, again and again. ".repeat(30);
        analysis.findings[0].observations = vec![long.clone(); 12];
        analysis.findings[0].title = long;
        assert_eq!(pages(&finding(&analysis, &id, &caption, Tongue::English).unwrap().unwrap()), 1);
        assert!(finding(&analysis, "nobody", &caption, Tongue::English).unwrap().is_none());
    }

    #[test]
    fn a_pack_is_the_same_bytes_every_time_and_survives_any_letter() {
        let mut analysis = sample();
        analysis.findings[0].title = "料号 7741 (x) \\ kostet 5 € mehr – “viel”".to_owned();
        let first = pack(&analysis, &Caption::default(), Tongue::German).unwrap();
        assert_eq!(first, pack(&analysis, &Caption::default(), Tongue::German).unwrap());
        assert!(pages(&first) >= 2, "{}", pages(&first));
    }

    #[test]
    fn our_words_are_said_in_every_language() {
        // Sentences of the sample, which stand for what analyzers say; those are looked after where they are made.
        let of_the_sample = |text: &String| SAMPLE.iter().any(|words| text.contains(words));
        for tongue in [Tongue::German, Tongue::Spanish] {
            let mut missed = Vec::new();
            for priced in [true, false] {
                let mut analysis = sample();
                if !priced {
                    analysis.findings.clear();
                    analysis.period = None;
                }
                let caption =
                    Caption { settings: "Settings: balanced, 3 changed.".to_owned(), ..Caption::default() };
                let mut document = sheet::Document::new("Cost review", "PlantIntel", tongue);
                pack::write(&mut document, &analysis, &caption, &Renderer::new().unwrap(), tongue).unwrap();
                missed.extend(document.unsaid.take());
            }
            missed.retain(|text| !of_the_sample(text));
            assert_eq!(missed, Vec::<String>::new(), "{tongue:?}");
        }
    }

    const SAMPLE: [&str; 11] = [
        "finished orders",
        "Supplier S03",
        "from other suppliers",
        "7741",
        "Material used, share of plan",
        "After 3 June",
        "price list",
        "price agreement",
        "Scrap cost by reason",
        "no order number",
        "With machine numbers",
    ];

    /// `PLANTINTEL_PDF=/tmp/pack.pdf cargo test -p report` keeps the pack to look at.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may be asked for its pack")]
    fn the_sample_pack_can_be_looked_at() {
        if let Ok(path) = std::env::var("PLANTINTEL_PDF") {
            let mut analysis = sample();
            analysis.findings[0].title =
                "料号 7741-B (부품) uses 11% more bar stock in Łódź than 12 other plants".to_owned();
            std::fs::write(path, pack(&analysis, &Caption::default(), Tongue::German).unwrap()).unwrap();
        }
    }
}
