//! Cells are prepared before they mean anything: for this upload, and for the next one of its kind.

use app::{
    analyses,
    configurations::{Form, preview},
    datasets::{
        self, known,
        mapping::Confirmation,
        preparation::{self, Gives, Origin, Prepared, Recipe, Rule, Step},
    },
    mapping_profiles,
    reports::build::Choice,
};
use domain::{ValueKind, id::DatasetId};
use serde_json::json;
use store::{analyses::AnalysisState, datasets::MappingState};

use super::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preparation_is_done_to_the_whole_file_and_to_the_next_of_its_kind() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, caller) = (&house.backing, &house.caller);
    let (dataset, _) = house.import_plant(400).await;
    house.read(dataset).await;
    let before = datasets::mapping::get(backing, caller, dataset).await.unwrap();
    let readings = datasets::readings(backing, caller, dataset).await.unwrap();
    let (table, number) = readings
        .iter()
        .enumerate()
        .find_map(|(at, reading)| {
            let number = reading.profile.columns.iter().find(|column| {
                matches!(column.kind, ValueKind::Decimal) && column.filled == reading.profile.rows
            })?;
            Some((at, number.header.clone()))
        })
        .unwrap();
    let n_raw = readings[table].profile.columns.len();

    // A circle is refused with its members, and nothing changes.
    let formula = |column: &str, expression: &str| Prepared {
        column: column.to_owned(),
        rule: Some(Rule::Formula { expression: expression.to_owned(), gives: Gives::Number }),
        ..Prepared::default()
    };
    let circle = Recipe { columns: vec![formula("One", "{Two} + 1"), formula("Two", "{One} + 1")] };
    let refused = preparation::put(backing, caller, dataset, table, None, &circle).await;
    assert!(
        matches!(&refused, Err(app::Error::Invalid(flaws)) if flaws[0].message.contains("One")),
        "{refused:?}"
    );
    let tried = preparation::preview(backing, caller, dataset, table, &circle).await.unwrap();
    assert!(!tried.errors.is_empty() && tried.preview.is_none());

    let wanted = Recipe {
        columns: vec![
            formula("Twice", &format!("{{{number}}} * 2")),
            Prepared {
                column: "Plant code".to_owned(),
                from: Origin::Fixed { value: " tol ".to_owned() },
                steps: vec![Step::Trim, Step::Uppercase],
                ..Prepared::default()
            },
        ],
    };
    let tried = preparation::preview(backing, caller, dataset, table, &wanted).await.unwrap();
    assert_eq!(tried.preview.unwrap().reports.len(), 2);
    let stale = preparation::put(backing, caller, dataset, table, Some(-1), &wanted).await;
    assert!(matches!(stale, Err(app::Error::Stale(_))), "{stale:?}");
    let mapped =
        preparation::put(backing, caller, dataset, table, Some(before.version), &wanted).await.unwrap();
    let columns = &mapped.tables[table].mapping.columns;
    assert_eq!(columns.len(), n_raw + 2);
    assert_eq!(columns[..n_raw], before.tables[table].mapping.columns[..]);
    let kept = preparation::get(backing, caller, dataset, table).await.unwrap();
    assert_eq!(kept.preparation, wanted);
    let rows = kept.reports[0]["rows"].as_u64().unwrap();
    assert_eq!(rows, readings[table].profile.rows, "{}", kept.reports);
    let seen = datasets::rows(backing, caller, dataset, table, 0, 5).await.unwrap();
    let headers: Vec<&str> =
        seen.reading.profile.columns.iter().map(|column| column.header.as_str()).collect();
    let (one, two, code) = (
        headers.iter().position(|header| *header == number).unwrap(),
        headers.iter().position(|header| *header == "Twice").unwrap(),
        headers.iter().position(|header| *header == "Plant code").unwrap(),
    );
    for (_, cells) in &seen.rows {
        let (single, double) = (cells[one].number().unwrap(), cells[two].number().unwrap());
        assert!((double - 2.0 * single).abs() < 1e-9 * single.abs().max(1.0));
        assert_eq!(cells[code].text(), Some("TOL"));
    }
    of_two_at_once_one_is_taken_whole(&house, dataset, (table, &number), &wanted).await;
    let score = preparation::score(backing, caller, dataset).await.unwrap();
    assert!(score.score > 0 && !score.band().is_empty());
    app::datasets::suggestions::list(backing, caller, dataset, table).await.unwrap();

    // Confirmed, it is saved with the mapping: the next export is prepared while it is read, and the whole import is known.
    let confirmed = datasets::mapping::confirm(backing, caller, dataset, None, &[], &Confirmation::default())
        .await
        .unwrap();
    let (profile, _) = confirmed.tables[table].profile.unwrap();
    let (_, version) = mapping_profiles::get(backing, caller, profile).await.unwrap();
    assert!(version.preparation.contains(&wanted), "{:?}", version.preparation);
    assert!(mapping_profiles::score(backing, caller, profile).await.unwrap().is_some());
    let (again, _) = house.import_plant(401).await;
    house.read(again).await;
    let kept = preparation::get(backing, caller, again, table).await.unwrap();
    assert_eq!(kept.preparation, wanted);
    let recalled = datasets::mapping::get(backing, caller, again).await.unwrap();
    assert_eq!(recalled.tables[table].mapping.columns.len(), n_raw + 2);
    let known = known::known(backing, caller, again).await.unwrap();
    assert!(!known.is_empty());
    for file in &known {
        assert!(file.new.is_empty() && file.missing.is_empty() && !file.endangered, "{file:?}");
        assert!(file.likeness > 0.99, "{file:?}");
    }
    let run = house.ended(house.start(again).await).await.analysis;
    assert_eq!(run.state, AnalysisState::Completed, "{:?}", run.reason);
    let result = analyses::result(backing, caller, run.id).await.unwrap();
    assert!(!result.findings.is_empty());
    reports_hold_what_was_chosen(&result);

    // What another preset would change, without keeping anything.
    let careful = preview::preview(backing, caller, None, Some("conservative"), None).await.unwrap();
    assert_eq!(careful.analysis, run.id);
    assert_eq!(careful.kept + careful.dropped.len(), result.findings.len());
    assert!(careful.recoverable.1 <= careful.recoverable.0 + 0.01, "{:?}", careful.recoverable);
    let same = preview::preview(backing, caller, None, None, None).await.unwrap();
    assert!(same.dropped.is_empty() && same.appeared.is_empty(), "{same:?}");
    let changes = std::collections::BTreeMap::from([("confidence_level".to_owned(), json!(7))]);
    let refused = preview::preview(backing, caller, None, None, Some(&changes)).await;
    assert!(matches!(refused, Err(app::Error::Invalid(_))), "{refused:?}");
    assert_eq!(Form::default().preset, None);

    // Taken back, the table is as read.
    let back = preparation::put(backing, caller, again, table, None, &Recipe::default()).await.unwrap();
    assert_eq!(back.tables[table].mapping.columns.len(), n_raw);
    assert_eq!(back.tables[table].state, MappingState::Proposed);
    worker.stop().await;
}

/// Whoever is overtaken changes nothing: the cells are those of the preparation that stands. In the end it is `wanted` again.
async fn of_two_at_once_one_is_taken_whole(
    house: &House,
    dataset: DatasetId,
    (table, number): (usize, &str),
    wanted: &Recipe,
) {
    let (backing, caller) = (&house.backing, &house.caller);
    let times = |factor: u8| Recipe {
        columns: vec![Prepared {
            column: "Times".to_owned(),
            rule: Some(Rule::Formula {
                expression: format!("{{{number}}} * {factor}"),
                gives: Gives::Number,
            }),
            ..Prepared::default()
        }],
    };
    let version = preparation::get(backing, caller, dataset, table).await.unwrap().version;
    let (three, seven) = (times(3), times(7));
    let (one, other) = tokio::join!(
        preparation::put(backing, caller, dataset, table, Some(version), &three),
        preparation::put(backing, caller, dataset, table, Some(version), &seven),
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "{one:?} {other:?}");
    let factor = if one.is_ok() { 3.0 } else { 7.0 };
    let seen = datasets::rows(backing, caller, dataset, table, 0, 5).await.unwrap();
    let column =
        |name: &str| seen.reading.profile.columns.iter().position(|column| column.header == name).unwrap();
    let (single, times) = (column(number), column("Times"));
    for (_, cells) in &seen.rows {
        let (single, times) = (cells[single].number().unwrap(), cells[times].number().unwrap());
        assert!((times - factor * single).abs() < 1e-9 * single.abs().max(1.0), "{single} {times}");
    }
    preparation::put(backing, caller, dataset, table, None, wanted).await.unwrap();
}

/// A report holds what was chosen of an analysis, and says how much of it that is.
fn reports_hold_what_was_chosen(analysis: &domain::Analysis) {
    let caption = report::Caption { settings: "Settings: balanced.".to_owned(), ..Default::default() };
    let (whole, said) = Choice::default().apply(analysis, &caption);
    assert!(whole == *analysis && said.settings == caption.settings);
    let sure = Choice { grade: Some("strong".to_owned()), no_charts: true, ..Choice::default() };
    let (strong, said) = sure.apply(analysis, &caption);
    assert!(strong.findings.iter().all(|finding| finding.evidence_grade.as_str() == "strong"));
    assert!(strong.charts.is_empty() && strong.totals == analysis.totals && strong.kpis == analysis.kpis);
    let lacks = strong.findings.len() < analysis.findings.len();
    assert_eq!(said.settings.contains("findings are in this report."), lacks, "{}", said.settings);
    let one = Choice { most: Some(1), ..Choice::default() };
    let (largest, _) = one.apply(analysis, &caption);
    assert_eq!(largest.findings.len(), 1);
    assert_eq!(largest.findings[0].id, analysis.findings_by_money()[0].id);
    let mut parts = 0;
    for area in ["cost", "operations", "equipment", "quality", "efficiency"] {
        let choice = Choice { areas: vec![area.to_owned()], ..Choice::default() };
        choice.check().unwrap();
        parts += choice.apply(analysis, &caption).0.findings.len();
    }
    assert_eq!(parts, analysis.findings.len(), "every finding is of one area");
    let wrong = Choice {
        areas: vec!["weather".to_owned()],
        grade: Some("hint".to_owned()),
        most: Some(0),
        ..Choice::default()
    };
    assert!(matches!(wrong.check(), Err(app::Error::Invalid(flaws)) if flaws.len() == 3));
}
