//! The exports of shared/erp-examples: encoding, delimiter, header row and row count of each.

use std::path::Path;

#[test]
fn every_example_is_read_as_its_case_says() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/erp-examples"));
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: {} is not here", folder.display());
        return;
    };
    let mut wrong = Vec::new();
    let mut cases = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let Ok(case) = std::fs::read_to_string(path.join("case.json")) else { continue };
        let case: serde_json::Value = serde_json::from_str(&case).unwrap();
        let table = crate::read(&path.join("data.csv")).unwrap().remove(0);
        cases += 1;
        let expected = (
            case["encoding"].as_str().unwrap().to_lowercase(),
            case["delimiter"].as_str().map(str::to_owned),
            vec![case["header_row"].as_u64().unwrap()],
            case["rows"].as_u64().unwrap(),
        );
        let found = (
            table.source.encoding.clone().unwrap_or_default().to_lowercase(),
            table.source.delimiter.clone(),
            table.source.header_rows.clone(),
            table.profile.rows,
        );
        if found.0.replace("bom", "BOM") != expected.0.replace("bom", "BOM")
            || (&found.1, &found.2, found.3) != (&expected.1, &expected.2, expected.3)
        {
            wrong.push(format!("{}: expected {expected:?}, found {found:?}", path.display()));
        }
    }
    assert!(cases > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
