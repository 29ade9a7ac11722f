//! Every labelled export is analyzed, or refused with what to do: no export makes the program fail.

use crate::program::{call, shared};

#[test]
fn no_export_makes_the_program_fail() {
    let Some(folder) = shared("erp-examples") else { return };
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("data.csv"))
        .filter(|path| path.is_file())
        .collect();
    cases.sort();
    assert!(cases.len() > 10);
    let mut analyzed = 0;
    for path in &cases {
        let name = path.display().to_string();
        let answer = call(&["analyze", &name, "--json"]);
        match answer.code {
            0 => {
                let rows = &answer.json()["rows"];
                let aside: u64 = rows["set_aside"]
                    .as_array()
                    .map_or(0, |list| list.iter().filter_map(|one| one["rows"].as_u64()).sum());
                assert_eq!(rows["read"].as_u64(), rows["used"].as_u64().map(|used| used + aside), "{name}");
                analyzed += 1;
            }
            // What nobody can read is said to be so, with what to do.
            3 => assert!(
                answer.stderr.contains("match") || answer.stderr.contains("order number"),
                "{}",
                answer.stderr
            ),
            code => panic!("{name}: {code}: {}", answer.stderr),
        }
    }
    assert!(analyzed * 10 >= cases.len() * 8, "{analyzed} of {} were analyzed", cases.len());
}
