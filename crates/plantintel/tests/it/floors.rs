//! The walls of the house: a crate uses lower floors only.

use std::collections::BTreeMap;

/// Floor of each crate of the workspace. A new crate, or a new dependency between floors, changes this table.
const FLOORS: &[(&str, u8)] = &[
    ("ontology", 1),
    ("translation", 1),
    ("domain", 2),
    ("ingest", 3),
    ("mapping", 3),
    ("preparation", 3),
    ("analyzers", 3),
    ("assistant", 3),
    ("explorer", 3),
    ("generator", 3),
    ("report", 3),
    ("pages", 3),
    ("cluster", 3),
    ("store", 3),
    ("clients", 3),
    ("mcp", 3),
    ("app", 4),
    ("server", 5),
    ("testkit", 5),
    ("plantintel", 6),
    ("xtask", 6),
];

#[test]
fn a_crate_uses_lower_floors_only() {
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    let metadata = cargo_metadata::MetadataCommand::new()
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap();
    let members: Vec<_> = metadata.packages.iter().collect();
    for package in &members {
        let name = package.name.as_str();
        let Some(floor) = floors.get(name) else { panic!("{name} has no floor") };
        for dependency in &package.dependencies {
            // A test may look sideways or down from anywhere; what is shipped may not.
            if dependency.kind == cargo_metadata::DependencyKind::Development {
                continue;
            }
            if let Some(below) = floors.get(dependency.name.as_str()) {
                assert!(below < floor, "{name} (floor {floor}) uses {} (floor {below})", dependency.name);
            }
        }
    }
    assert_eq!(members.len(), floors.len(), "a crate of the table is gone");
}

#[test]
fn cargo_run_at_the_root_means_the_product() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap();
    // Several crates have programs, and without this `cargo run --release` of the README would not know which is meant.
    let meant: Vec<&str> =
        metadata.packages.iter().filter_map(|package| package.default_run.as_deref()).collect();
    assert_eq!(meant, ["plantintel"]);
}
