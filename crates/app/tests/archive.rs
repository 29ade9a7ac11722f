//! What is kept of a reading, a mapping and an analysis comes back as it was.

use std::path::PathBuf;

use app::{Scratch, analyze, archive, generate, map, read, reading::Reading, view};
use domain::Settings;

#[test]
fn a_plant_comes_back_to_the_last_bit() {
    let scratch = Scratch::new().unwrap();
    let folder = scratch.folder("plant").unwrap();
    let request = generate::Request { orders: 800, seed: 7, problems: "all", style: None, effect: 1.0 };
    generate::generate(&folder, &request).unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "json"))
        .collect();
    files.sort();
    let mut tables = Vec::new();
    for file in &files {
        tables.extend(read::read(file, None, &scratch, &mut |_| {}).unwrap());
    }
    for table in &tables {
        let reading = Reading::from(table);
        assert_eq!(archive::decode::<Reading>(&archive::encode(&reading)).unwrap(), reading);
    }
    let mappings = map::propose(&tables);
    for mapping in &mappings {
        assert_eq!(&archive::decode::<domain::Mapping>(&archive::encode(mapping)).unwrap(), mapping);
    }
    let settings = Settings::default();
    let request = analyze::Request {
        files: &files,
        part: None,
        saved: &[],
        settings: &settings,
        decisions: analyze::Decisions::Likelier,
    };
    let analysis = analyze::analyze(&request, &scratch, &mut |_| {}).unwrap().analysis.unwrap();
    assert!(!analysis.findings.is_empty() && !analysis.charts.is_empty());
    let back: domain::Analysis = archive::decode(&archive::encode(&analysis)).unwrap();
    assert_eq!(back, analysis);
    assert_eq!(view::analysis::analysis(&back).to_string(), view::analysis::analysis(&analysis).to_string());
}
