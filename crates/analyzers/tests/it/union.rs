//! Several runs as one: orders count once, other rows by their day.

use std::path::Path;

use analyzers::{
    Canonical, Limits,
    canonical::union::{Given, Part, union},
    sandbox::{self, Bounds, Cell},
};
use domain::{Granularity, ValueKind};
use jiff::civil::date;
use ontology::Entity;

use crate::kit;

fn orders(folder: &Path, name: &str, text: &str) -> Canonical {
    let dir = folder.join(name);
    std::fs::create_dir_all(dir.join("out")).unwrap();
    let file = format!("{name}.csv");
    let columns = [
        ("order", "work_order_id", ValueKind::Text, ""),
        ("cost", "actual_total_cost", ValueKind::Decimal, ""),
        ("plan", "planned_total_cost", ValueKind::Decimal, ""),
        ("customer", "customer_id", ValueKind::Text, ""),
    ];
    let heads = text.lines().next().unwrap();
    let held: Vec<_> =
        columns.into_iter().filter(|column| heads.split(',').any(|head| head == column.0)).collect();
    let table = kit::table(&dir, &file, Granularity::Header, &held, text);
    analyzers::canonical::build(&[table], &dir.join("out"), &Limits::default()).unwrap()
}

fn part<'a>(canonical: &'a Canonical, plant: &'a str) -> Part<'a> {
    Part { canonical, plant, period: Some((date(2025, 1, 1), date(2025, 6, 30))) }
}

fn seen(canonical: &Canonical) -> Vec<(String, String, Option<f64>)> {
    let query = "SELECT source_file, work_order_id, actual_total_cost FROM work_orders";
    let answer = sandbox::select(canonical, query, Bounds::default()).unwrap();
    let row = |row: &Vec<Cell>| {
        let [Cell::Number(file), Cell::Text(order), cost] = row.as_slice() else { panic!("{row:?}") };
        let cost = match cost {
            Cell::Number(cost) => Some(*cost),
            _ => None,
        };
        (canonical.files[*file as usize].clone(), order.clone(), cost)
    };
    answer.rows.iter().map(row).collect()
}

#[test]
fn an_order_is_taken_from_the_newest_run_of_its_plant() {
    let folder = tempfile::tempdir().unwrap();
    let newest = orders(folder.path(), "june", "order,cost,customer\nJ2,25,Acme\nJ3,30,Acme\n");
    let older = orders(folder.path(), "may", "order,cost,plan\nJ1,10,9\nJ2,20,19\n");
    let other = orders(folder.path(), "west", "order,cost\nJ1,100\nJ2,200\n");
    let out = folder.path().join("all");
    std::fs::create_dir_all(&out).unwrap();
    let parts = [part(&newest, "east"), part(&older, "east"), part(&other, "west")];
    let (all, given) = union(&parts, &out, &Limits::default()).unwrap();
    let expected = [
        ("june.csv", "J2", 25.0),
        ("june.csv", "J3", 30.0),
        ("may.csv", "J1", 10.0),
        ("west.csv", "J1", 100.0),
        ("west.csv", "J2", 200.0),
    ];
    let mut found = seen(&all);
    found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(file, order, cost)| (file.to_owned(), order.to_owned(), Some(cost)))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(
        given,
        [
            Given { rows: 2, repeated: 0, orders_repeated: 0 },
            Given { rows: 1, repeated: 1, orders_repeated: 1 },
            Given { rows: 2, repeated: 0, orders_repeated: 0 },
        ]
    );
    // The same again is the same bytes.
    let again = folder.path().join("again");
    std::fs::create_dir_all(&again).unwrap();
    let (second, _) = union(&parts, &again, &Limits::default()).unwrap();
    let bytes = |canonical: &Canonical| std::fs::read(canonical.path(Entity::WorkOrder).unwrap()).unwrap();
    assert_eq!(bytes(&all), bytes(&second));
}

#[test]
fn a_row_of_no_order_is_taken_from_the_newest_run_that_covers_its_day() {
    let folder = tempfile::tempdir().unwrap();
    let stops = |name: &str, text: &str| {
        let dir = folder.path().join(name);
        std::fs::create_dir_all(dir.join("out")).unwrap();
        let columns = [
            ("machine", "machine_id", ValueKind::Text, ""),
            ("start", "downtime_start", ValueKind::Date, ""),
            ("hours", "downtime_hours", ValueKind::Decimal, "hours"),
        ];
        let table = kit::table(&dir, &format!("{name}.csv"), Granularity::Event, &columns, text);
        analyzers::canonical::build(&[table], &dir.join("out"), &Limits::default()).unwrap()
    };
    let newest = stops("june", "machine,start,hours\nM1,2025-06-03,2\n");
    let older = stops("may", "machine,start,hours\nM1,2025-06-03,2\nM1,2024-12-30,5\n");
    let out = folder.path().join("all");
    std::fs::create_dir_all(&out).unwrap();
    let (all, given) =
        union(&[part(&newest, "east"), part(&older, "east")], &out, &Limits::default()).unwrap();
    assert_eq!((all.tables[&Entity::Equipment].rows, given[1].rows, given[1].repeated), (2, 1, 1));
    // Of a newer run that says no period nobody knows what it covers: no day counts twice.
    let undated = Part { period: None, ..part(&newest, "east") };
    let out = folder.path().join("undated");
    std::fs::create_dir_all(&out).unwrap();
    let (all, given) = union(&[undated, part(&older, "east")], &out, &Limits::default()).unwrap();
    assert_eq!((all.tables[&Entity::Equipment].rows, given[1].repeated), (1, 2));
}
