//! Ready-made packs of an analyzed plant: their numbers are those of the analysis, and they are made for whoever may see it.

use app::{
    Error, analyses,
    reports::packs::{self, Ready},
};
use domain::{Analysis, analysis::EvidenceGrade};
use report::{
    Tongue,
    pack::{Cell, Pack, Part},
};
use store::{reports::Format, usage::UsageType};

use super::house::{House, caller};

fn part<'a>(pack: &'a Pack, heading: &str) -> &'a Part {
    pack.parts.iter().find(|part| part.heading == heading).unwrap_or_else(|| panic!("{heading} in {pack:#?}"))
}

fn amount(cell: &Cell) -> f64 {
    match cell {
        Cell::Money(amount) | Cell::Cents(amount) | Cell::Number(amount, _) | Cell::Share(amount) => *amount,
        Cell::Count(count) => *count as f64,
        other => panic!("{other:?} is no number"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_packs_say_is_what_the_analysis_says() {
    let Some(house) = House::open().await else { return };
    let _worker = house.worker("one");
    let (dataset, _) = house.import_plant(1_500).await;
    house.read(dataset).await;
    let id = house.start(dataset).await;
    let run = house.ended(id).await.analysis;
    let analysis = analyses::result(&house.backing, &house.caller, id).await.unwrap();
    let gather = async |ready: Ready, supplier: Option<&str>| {
        let supplier = supplier.map(str::to_owned);
        packs::gather(&house.backing, &house.caller, &run, analysis.clone(), ready, supplier).await.unwrap()
    };

    lateness(&gather(Ready::Lateness, None).await, &analysis);
    weekly(&gather(Ready::WeeklyLosses, None).await, &analysis);
    let all = gather(Ready::SupplierClaims, None).await;
    let supplier = claims(&all, &analysis);
    let one = gather(Ready::SupplierClaims, Some(&supplier)).await;
    assert!(one.parts.iter().all(|part| part.caption[0].contains(&supplier)), "{one:#?}");
    let nobody = gather(Ready::SupplierClaims, Some("nobody")).await;
    assert!(nobody.parts.iter().all(|part| part.table.is_none()), "{nobody:#?}");

    // As they are taken along, which is counted; a stranger finds nothing.
    let stranger = testkit::org(&house.database, "Other", "unlimited").await;
    for (ready, format, begins) in [
        (Ready::Lateness, Format::Pdf, &b"%PDF-"[..]),
        (Ready::WeeklyLosses, Format::Xlsx, b"PK"),
        (Ready::SupplierClaims, Format::Pdf, b"%PDF-"),
    ] {
        let make = async |who: &app::Caller| {
            packs::make(&house.backing, who, id, (ready, format), None, Tongue::German).await
        };
        let (bytes, name) = make(&house.caller).await.unwrap();
        assert!(bytes.starts_with(begins) && name.ends_with(format.name()), "{name}");
        let gone = make(&caller(&stranger.owner)).await;
        assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    }
    let totals = app::usage::get(&house.backing, &house.caller).await.unwrap().totals;
    let used = |type_: UsageType| {
        totals.iter().filter(|total| total.type_ == type_).map(|total| total.events).sum::<i64>()
    };
    // Of one analysis, papers count once and workbooks count once.
    assert_eq!((used(UsageType::ExportPdf), used(UsageType::ExportXlsx)), (1, 1));

    // Without the upload there is nothing left to count.
    app::datasets::delete(&house.backing, &caller(&house.org.owner), dataset).await.unwrap();
    let gone =
        packs::make(&house.backing, &house.caller, id, (Ready::Lateness, Format::Pdf), None, Tongue::English)
            .await;
    assert!(matches!(gone, Err(Error::Conflict(_))), "{gone:?}");
}

fn lateness(pack: &Pack, analysis: &Analysis) {
    let kpi = analysis.kpis.iter().find(|kpi| kpi.id == "on_time_delivery" && kpi.scope.is_empty()).unwrap();
    let facts = &part(pack, "In short").facts;
    assert!((amount(&facts[0].value) - kpi.value).abs() < 1e-12, "{facts:?} {kpi:?}");
    let total =
        part(pack, "By the month in which they were due").table.as_ref().unwrap().total.clone().unwrap();
    assert_eq!((amount(&total[1]), amount(&total[2])), (kpi.denominator, kpi.numerator));
    let late = kpi.denominator - kpi.numerator;
    assert_eq!(amount(&total[3]) + amount(&total[4]), late);
    let days = part(pack, "By how many days").table.as_ref().unwrap();
    assert_eq!(days.rows.iter().map(|row| amount(&row[1])).sum::<f64>(), late);
    let causes = part(pack, "What they lost their time to").table.as_ref().unwrap();
    assert_eq!(causes.rows.iter().map(|row| amount(&row[1])).sum::<f64>(), amount(&total[3]));
    let median = analysis.kpis.iter().find(|kpi| kpi.id == "median_days_late").unwrap();
    assert!((amount(&facts[3].value) - median.value).abs() < 1e-6, "{facts:?} {median:?}");
}

fn weekly(pack: &Pack, analysis: &Analysis) {
    let weeks = part(pack, "Cost over plan, week by week").table.as_ref().unwrap();
    let total = weeks.total.as_ref().unwrap();
    let variance = analysis.totals.variance.to_f64();
    assert!((amount(&total[2]) - variance).abs() < 0.005, "{total:?} {variance}");
    assert!((weeks.rows.iter().map(|row| amount(&row[2])).sum::<f64>() - variance).abs() < 0.005);
    let kinds = part(pack, "Cost over plan by kind").table.as_ref().unwrap();
    let (sum, week) =
        (kinds.rows.iter().map(|row| amount(&row[1])).sum::<f64>(), kinds.total.as_ref().unwrap());
    assert!((sum - amount(&week[1])).abs() < 0.005, "{kinds:?}");
    assert_eq!(
        part(pack, "New and ended since the analysis before").lines.len(),
        1,
        "the first analysis of its plant"
    );
}

/// Gives back a supplier with a claim.
fn claims(pack: &Pack, analysis: &Analysis) -> String {
    let about_suppliers: Vec<_> = analysis
        .findings
        .iter()
        .filter(|finding| finding.evidence_grade != EvidenceGrade::Hint)
        .filter(|finding| finding.entities.len() == 1 && finding.entities[0].field.as_str() == "supplier_id")
        .collect();
    assert!(!about_suppliers.is_empty(), "the plant is made with a dear supplier");
    for finding in &about_suppliers {
        let page = part(pack, &finding.title);
        let impact = finding.impact.as_ref().unwrap();
        assert_eq!(amount(&page.facts[0].value), impact.value.to_f64());
        let table = page.table.as_ref().unwrap();
        assert!(!table.rows.is_empty(), "{page:#?}");
    }
    about_suppliers[0].entities[0].value.clone()
}
