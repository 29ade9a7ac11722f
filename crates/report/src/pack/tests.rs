//! Packs as they are written: whole, in every language, the same on paper and in the workbook.

use std::io::Read;

use domain::pack::{Claims, Lateness, Weekly};
use translation::Tongue;

use super::{Cell, Pack, claims, lateness, sample, weekly};
use crate::{pdf, sample::sample as analysis, workbook};

fn packs() -> [Pack; 4] {
    let mut analysis = analysis();
    let mut late = analysis.findings[0].clone();
    late.type_ = "late_release";
    late.impact = None;
    late.quantity = Some(domain::analysis::Quantity { unit: "h", value: 90.5, low: 70.0, high: 110.0 });
    analysis.findings.push(late);
    [
        weekly(&analysis, &sample::weekly()),
        claims(&analysis, &sample::claims(), None),
        claims(&analysis, &sample::claims(), Some("S03")),
        lateness(&analysis, &sample::lateness()),
    ]
}

/// The same packs of a plant without anything.
fn empty() -> [Pack; 4] {
    let mut analysis = analysis();
    analysis.findings.clear();
    analysis.period = None;
    let missing = Claims {
        missing: vec![
            "No row names a supplier: add the supplier of each line of material, or of outside work."
                .to_owned(),
        ],
        ..Claims::default()
    };
    [
        weekly(
            &analysis,
            &Weekly { missing: vec!["The data hold no whole week.".to_owned()], ..Weekly::default() },
        ),
        claims(&analysis, &missing, None),
        claims(&analysis, &sample::claims(), Some("S99")),
        lateness(&analysis, &Lateness::default()),
    ]
}

fn all() -> impl Iterator<Item = Pack> {
    let mut quiet = sample::weekly();
    quiet.orders.0 = 0;
    quiet.kinds.clear();
    quiet.resources.clear();
    quiet.findings.clear();
    quiet.fates = Some(Vec::new());
    let mut punctual = sample::lateness();
    (punctual.late, punctual.overdue) = (0, 0);
    (punctual.causes, punctual.orders) = (Vec::new(), Vec::new());
    let quiet = [
        weekly(&analysis(), &quiet),
        lateness(&analysis(), &punctual),
        claims(&analysis(), &Claims::default(), None),
    ];
    packs().into_iter().chain(empty()).chain(quiet)
}

#[test]
fn every_pack_is_written_on_paper_and_as_a_workbook_the_same_each_time() {
    for (at, pack) in all().enumerate() {
        let tongue = Tongue::ALL[at % Tongue::ALL.len()];
        let (paper, book) = (pdf::parts(&pack, tongue).unwrap(), workbook::parts(&pack, tongue).unwrap());
        assert!(paper.starts_with(b"%PDF-") && book.starts_with(b"PK"));
        if at < 4 {
            assert!(paper == pdf::parts(&pack, tongue).unwrap(), "{}", pack.title);
            assert!(book == workbook::parts(&pack, tongue).unwrap(), "{}", pack.title);
        }
    }
}

#[test]
fn what_is_not_found_is_said_in_a_sentence_of_its_own() {
    for pack in empty() {
        assert!(pack.parts.iter().all(|part| part.table.is_none()), "{pack:#?}");
        assert!(!pack.parts[0].lines.is_empty(), "{pack:#?}");
    }
    for pack in all() {
        for part in &pack.parts {
            let says =
                !part.lines.is_empty() || part.table.as_ref().is_some_and(|table| !table.rows.is_empty());
            assert!(says, "{} of {} says nothing", part.heading, pack.title);
        }
    }
}

#[test]
fn every_table_says_what_it_is_about_and_its_sums_are_those_of_its_rows() {
    for part in packs().into_iter().flat_map(|pack| pack.parts) {
        let Some(table) = &part.table else { continue };
        let caption = part.caption.join(" · ");
        assert!(caption.contains("20") || caption.contains("amounts in"), "{}: {caption}", part.heading);
        let counts = ["order", "operation", "finding", "claim", "Claim"];
        assert!(counts.iter().any(|unit| caption.contains(unit)), "{}: {caption}", part.heading);
        let money = table.rows.iter().flatten().any(|cell| matches!(cell, Cell::Money(_)));
        assert!(!money || caption.contains("amounts in USD"), "{}: {caption}", part.heading);
        assert!(
            table.rows.iter().chain(&table.total).all(|row| row.len() == table.columns.len()),
            "{}",
            part.heading
        );
        let Some(total) = &table.total else { continue };
        for (at, sum) in total.iter().enumerate() {
            if let Cell::Count(sum) = sum {
                let rows = table.rows.iter().map(|row| if let Cell::Count(n) = row[at] { n } else { 0 });
                assert_eq!(rows.sum::<u64>(), *sum, "{}, column {at}", part.heading);
            }
        }
    }
}

#[test]
fn a_claim_of_one_supplier_names_no_other_and_advises_nobody_inside() {
    let pack = claims(&analysis(), &sample::claims(), Some("S03"));
    assert_eq!(pack.parts.len(), 2);
    let said = format!("{pack:?}");
    for inside in ["S07", "S11", "This page is for you", "Ask S03", "Left alone", "What the data lack"] {
        assert!(!said.contains(inside), "{inside} in {said}");
    }
    let table = pack.parts[0].table.as_ref().unwrap();
    assert_eq!(table.rows.len(), 40);
    let differences: f64 = table
        .rows
        .iter()
        .flatten()
        .map(|cell| if let Cell::Cents(amount) = cell { *amount } else { 0.0 })
        .sum();
    // Standard price, price paid and difference of forty lines.
    assert!((differences - 40.0 * (5.0 + 5.6 + 15.0)).abs() < 1e-6);
}

/// The texts of a workbook, and whether it holds any formula.
fn inside(book: &[u8]) -> (String, bool) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let (mut texts, mut formula) = (String::new(), false);
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        let is_xml = std::path::Path::new(&name).extension().is_some_and(|ending| ending == "xml");
        if is_xml && file.read_to_string(&mut text).is_ok() {
            formula |= name.contains("worksheets/") && text.contains("<f>");
            if name.contains("sharedStrings") {
                texts = text;
            }
        }
    }
    (texts, formula)
}

#[test]
fn what_looks_like_a_formula_stays_text_in_the_workbook() {
    for pack in packs() {
        let (texts, formula) = inside(&workbook::parts(&pack, Tongue::German).unwrap());
        assert!(!formula);
        if pack.title == "Weekly losses" {
            assert!(texts.contains("=Saw") && texts.contains("Verluste der Woche"), "{texts}");
        }
    }
}

#[test]
fn our_words_are_said_in_every_language() {
    for tongue in [Tongue::German, Tongue::Spanish] {
        let mut missed: Vec<String> = all().flat_map(|pack| pdf::unsaid(&pack, tongue)).collect();
        // Sentences of the sample, which stand for what analyzers say.
        missed.retain(|text| !["price list", "since June"].iter().any(|words| text.contains(words)));
        missed.sort();
        missed.dedup();
        assert_eq!(missed, Vec::<String>::new(), "{tongue:?}");
    }
}

/// `PLANTINTEL_PACKS=/tmp/packs cargo test -p report` keeps the packs to look at.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test may be asked for its packs")]
fn the_sample_packs_can_be_looked_at() {
    let Ok(folder) = std::env::var("PLANTINTEL_PACKS") else { return };
    std::fs::create_dir_all(&folder).unwrap();
    for (at, pack) in all().enumerate() {
        for tongue in Tongue::ALL {
            let path = |ending: &str| format!("{folder}/{at}-{}.{ending}", tongue.tag());
            std::fs::write(path("pdf"), pdf::parts(&pack, tongue).unwrap()).unwrap();
            std::fs::write(path("xlsx"), workbook::parts(&pack, tongue).unwrap()).unwrap();
        }
    }
}
