//! Same spec, same bytes; and the bytes are those of the dialect.

use std::collections::BTreeMap;

use generator::{MemorySink, PlantSpec, Problem, Problems, generate, styles};

fn files(spec: &PlantSpec) -> BTreeMap<String, Vec<u8>> {
    let mut sink = MemorySink::default();
    generate(spec, &mut sink).unwrap();
    sink.files
}

fn line(bytes: &[u8], number: usize) -> String {
    // Windows-1252 letters of our captions are Latin-1.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    text.lines().nth(number).unwrap().to_owned()
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    for (style, _) in styles().unwrap() {
        let spec = PlantSpec { style, ..PlantSpec::new(400, 77) };
        assert_eq!(files(&spec), files(&spec));
    }
}

/// A digest of a small plant, so that a change of the random numbers is seen in review: everybody's expectations move with it.
#[test]
fn the_numbers_of_a_seed_stay() {
    let digest = |bytes: &[u8]| {
        bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        })
    };
    let files = files(&PlantSpec::new(300, 1));
    let exports = files.iter().filter(|(name, _)| *name != "truth.json");
    let digests: Vec<String> =
        exports.map(|(name, bytes)| format!("{name} {:016x}", digest(bytes))).collect();
    insta::assert_snapshot!(digests.join("\n"));
}

#[test]
fn another_seed_is_another_plant() {
    assert_ne!(files(&PlantSpec::new(400, 1))["jobs.csv"], files(&PlantSpec::new(400, 2))["jobs.csv"]);
}

#[test]
fn a_problem_leaves_what_it_does_not_touch_alone() {
    let spec = PlantSpec { problems: Problems::none(), ..PlantSpec::new(2_000, 9) };
    let clean = files(&spec);
    let planted = files(&PlantSpec { problems: [Problem::SupplierPrice].into_iter().collect(), ..spec });
    for file in ["operations.csv", "labor_tickets.csv", "downtime.csv", "rejects.csv"] {
        assert_eq!(clean[file], planted[file], "{file}");
    }
    let changed = |a: &[u8], b: &[u8]| {
        let lines = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        lines(a).into_iter().zip(lines(b)).filter(|(a, b)| a != b).map(|(a, _)| a).collect::<Vec<_>>()
    };
    let lines = changed(&clean["materials.csv"], &planted["materials.csv"]);
    assert!(!lines.is_empty() && lines.iter().all(|line| line.contains(",S03,")));
}

#[test]
fn dialects_write_as_their_systems_do() {
    for (style, file, expected) in [
        ("sap", "vorgaenge.csv", "Auftrag;Werk;Vorgang;Vorgangskurztext;Arbeitsplatz;Equipment"),
        ("flat", "production.csv", "Work Order,Op No,Site,Item"),
        ("header", "work_orders.csv", "Work Order,Site,Item,Item Description"),
        ("jobshop", "labor_tickets.csv", "Ticket No,Job No,Oper Seq,Work Center"),
    ] {
        let files = files(&PlantSpec { style: style.to_owned(), ..PlantSpec::new(200, 4) });
        assert!(line(&files[file], 0).starts_with(expected), "{}", line(&files[file], 0));
    }
    let files = files(&PlantSpec { style: "sap".to_owned(), ..PlantSpec::new(200, 4) });
    let cells: Vec<String> = line(&files["materialentnahmen.csv"], 1).split(';').map(str::to_owned).collect();
    assert!(cells[8].contains(',') && cells[7].split('.').count() == 3, "{cells:?}");
    assert!(line(&files["auftraege.csv"], 0).contains("Priorität"));
}

#[test]
fn a_header_repeats_nothing_and_a_flat_file_repeats_the_order() {
    let count = |style: &str, file: &str| {
        let files = files(&PlantSpec { style: style.to_owned(), ..PlantSpec::new(200, 4) });
        assert_eq!(files.len(), 2, "one export and the truth");
        files[file].split(|byte| *byte == b'\n').count() - 2
    };
    assert_eq!(count("header", "work_orders.csv"), 200);
    assert!(count("flat", "production.csv") > 800);
}
