//! `plantintel analyze`.

use crate::program::{call, plant};

#[test]
fn exports_of_a_plant_become_findings_with_a_ledger_that_closes_the_same_way_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let files = plant(folder.path(), 2_000, "all");
    let html = folder.path().join("report.html").display().to_string();
    let xlsx = folder.path().join("report.xlsx").display().to_string();
    let pdf = folder.path().join("report.pdf").display().to_string();
    let mut arguments = vec!["analyze", "--json", "--html", &html, "--xlsx", &xlsx, "--pdf", &pdf];
    arguments.extend(files.iter().map(String::as_str));
    let first = call(&arguments);
    let again = call(&arguments);
    assert_eq!(first.stdout, again.stdout);
    let analysis = first.json();
    let findings = analysis["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        assert!(!finding["title"].as_str().unwrap().is_empty());
        assert!(!finding["evidence_rows"].as_array().unwrap().is_empty(), "{}", finding["title"]);
        assert!((0.0..=1.0).contains(&finding["q"].as_f64().unwrap()));
    }
    // Everything that a finding says is said in the other languages too.
    let mut english = Vec::new();
    for finding in findings {
        let lists = ["observations", "counter_evidence", "assumptions"];
        let said = ["title", "comparison", "method"].iter().map(|name| &finding[*name]);
        let said = said.chain(lists.iter().flat_map(|name| finding[*name].as_array().into_iter().flatten()));
        let said =
            said.chain(finding["actions"].as_array().into_iter().flatten().map(|action| &action["title"]));
        let unknown =
            |text: &&str| !translation::knows(&pages::words::plain(text), translation::Tongue::German);
        english.extend(said.filter_map(|text| text.as_str()).filter(unknown));
    }
    assert!(english.is_empty(), "not in the catalogue: {english:#?}");
    let cents = |name: &str| (analysis["totals"][name].as_f64().unwrap() * 100.0).round() as i64;
    assert_eq!(cents("explained") + cents("remainder"), cents("variance"));
    let rows = &analysis["rows"];
    let set_aside: u64 =
        rows["set_aside"].as_array().unwrap().iter().map(|item| item["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows["read"].as_u64().unwrap(), rows["used"].as_u64().unwrap() + set_aside);
    let page = std::fs::read_to_string(html).unwrap();
    // So are the messages and captions of all pictures, which only the page holds.
    let told: Vec<String> = ["<title>", "class=\"caption\">"]
        .iter()
        .flat_map(|open| page.split(open).skip(1))
        .filter_map(|rest| rest.split('<').next())
        .map(|text| text.trim().replace("&#39;", "'").replace("&#38;", "&"))
        .filter(|text| !text.is_empty() && !translation::knows(text, translation::Tongue::German))
        .collect();
    assert!(told.is_empty(), "not in the catalogue: {told:#?}");
    assert!(
        page.contains(findings[0]["title"].as_str().unwrap().split(['&', '<', '\'', '"']).next().unwrap())
    );
    assert!(std::fs::read(xlsx).unwrap().starts_with(b"PK"));
    assert!(std::fs::read(pdf).unwrap().starts_with(b"%PDF-"));
}

#[test]
fn settings_are_checked_before_anything_is_read() {
    for (arguments, says) in [
        (["analyze", "x.csv", "--preset", "bold"], "conservative, balanced or aggressive"),
        (["analyze", "x.csv", "--set", "confidence_level=2"], "a number from 0 to 1"),
        (["analyze", "x.csv", "--set", "nonsense=1"], "there is no setting"),
    ] {
        let answer = call(&arguments);
        assert_eq!(answer.code, 2, "{}", answer.stderr);
        assert!(answer.stderr.contains(says), "{}", answer.stderr);
    }
}

#[test]
fn open_decisions_stop_a_run_without_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    // Nothing says whether the day or the month comes first.
    std::fs::write(
        &path,
        "Job,Due,Qty\n1001,01/02/2025,5\n1002,03/04/2025,6\n1003,05/06/2025,7\n1004,07/08/2025,8\n",
    )
    .unwrap();
    let answer = call(&["analyze", &path.display().to_string(), "--no-input", "--json"]);
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    assert!(answer.stderr.contains("Due"), "{}", answer.stderr);
    assert!(answer.stdout.is_empty());
}
