//! Tables that are written here, asked and held against plain loops; how much was read is held against how much there is.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::{collections::BTreeMap, fs::File, path::Path, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::{DataType, Field, Schema, TimeUnit},
};
use ontology::{Entity, FieldId};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};

use explorer::{Ask, Described, Explorer, Rows, Seen};

const OPERATIONS: usize = 60_000;
const EACH: usize = 5;

fn field(id: &str) -> FieldId {
    FieldId::named(id).unwrap()
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) -> Described {
    let schema = Schema::new(
        columns
            .iter()
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
            .collect::<Vec<_>>(),
    );
    let rows = columns[0].1.len();
    let fields: BTreeMap<FieldId, f64> = columns
        .iter()
        .filter_map(|(name, array)| {
            Some((FieldId::named(name)?, (rows - array.null_count()) as f64 / rows.max(1) as f64))
        })
        .collect();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(25_000))
        .set_data_page_row_count_limit(2_000)
        .set_write_batch_size(500)
        .build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), Arc::new(schema.clone()), Some(properties))
            .unwrap();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    writer.write(&RecordBatch::try_new(Arc::new(schema), arrays).unwrap()).unwrap();
    writer.close().unwrap();
    Described { parquet: path.to_owned(), rows: rows as u64, fields }
}

/// Orders lie by their key, in another order than in the file; operations in the order of the file. Operations know their
/// orders by key alone.
fn plant(folder: &Path, operations: usize) -> Explorer {
    let orders = operations / EACH;
    let mut keys: Vec<String> = (0..orders).map(|at| format!("k{at}")).collect();
    keys.sort();
    let number = |key: &String| key.replace('k', "WO-");
    let row_of = |key: &String| key[1..].parse::<i64>().unwrap() + 2;
    let texts = |of: Vec<String>| Arc::new(StringArray::from(of)) as ArrayRef;
    let orders = write(
        &folder.join("work_orders.parquet"),
        vec![
            ("source_file", Arc::new(Int32Array::from(vec![0; keys.len()])) as ArrayRef),
            ("source_row", Arc::new(Int64Array::from_iter_values(keys.iter().map(row_of)))),
            ("order_key", texts(keys.clone())),
            ("work_order_id", texts(keys.iter().map(number).collect())),
            (
                "quantity_ordered",
                Arc::new(Float64Array::from_iter_values(keys.iter().map(|key| row_of(key) as f64))),
            ),
        ],
    );
    let all = 0..operations;
    let machine = |at: usize| (at % 7 != 3).then(|| format!("M{}", at % 11));
    let hours = |at: usize| (at % 10 != 9).then_some((at * 37 % 101) as f64);
    let operations = write(
        &folder.join("operations.parquet"),
        vec![
            ("source_file", Arc::new(Int32Array::from(vec![1; operations])) as ArrayRef),
            ("source_row", Arc::new(Int64Array::from_iter_values(all.clone().map(|at| at as i64 + 2)))),
            ("order_key", texts(all.clone().map(|at| format!("k{}", at / EACH)).collect())),
            ("machine_id", Arc::new(all.clone().map(machine).collect::<StringArray>())),
            ("actual_run_hours", Arc::new(all.clone().map(hours).collect::<Float64Array>())),
            (
                "operation_actual_start",
                Arc::new(TimestampMicrosecondArray::from_iter_values(
                    all.clone().map(|at| at as i64 * 3_600_000_000),
                )),
            ),
            ("is_outside", Arc::new(all.map(|at| Some(at % 2 == 0)).collect::<BooleanArray>())),
        ],
    );
    assert_eq!(DataType::Timestamp(TimeUnit::Microsecond, None).to_string(), "Timestamp(µs)");
    Explorer::new(
        vec!["orders.csv".to_owned(), "operations.csv".to_owned()],
        [(Entity::WorkOrder, orders), (Entity::Operation, operations)],
    )
}

fn ask(entity: Entity, limit: u64) -> Ask {
    Ask { entity, equals: Vec::new(), sort: None, offset: 0, limit }
}

fn at(rows: &Rows) -> Vec<u64> {
    rows.lines.iter().map(|line| line.row).collect()
}

fn value(rows: &Rows, line: usize, id: &str) -> Seen {
    let place = rows.fields.iter().position(|known| known.as_str() == id).unwrap();
    rows.lines[line].values[place].clone()
}

#[test]
fn one_page_and_one_order_read_what_they_show_and_not_the_table() {
    let folder = tempfile::tempdir().unwrap();
    plant(folder.path(), OPERATIONS).prepare().unwrap();
    // Another process opens what lies there.
    let explorer = plant_again(folder.path());
    let columns = 7;
    let page = explorer.rows(&Ask { offset: 59_000, ..ask(Entity::Operation, 50) }).unwrap();
    assert_eq!((page.total, at(&page)[0], at(&page)[49]), (60_000, 59_002, 59_051));
    assert_eq!(value(&page, 0, "work_order_id"), Seen::Text("WO-11800".to_owned()));
    let total: f64 = (0..OPERATIONS).filter(|at| at % 10 != 9).map(|at| (at * 37 % 101) as f64).sum();
    assert!(page.sums.contains(&Some(total)), "{:?}", page.sums);
    assert!(explorer.cells_read() <= 50 * columns + 100, "{} cells for fifty rows", explorer.cells_read());

    let before = explorer.cells_read();
    let order = explorer.order("WO-7123", 400).unwrap();
    assert_eq!(at(&order[&Entity::Operation]), (35_617..35_622).collect::<Vec<_>>());
    assert_eq!(at(&order[&Entity::WorkOrder]), [7_125]);
    assert_eq!(value(&order[&Entity::Operation], 0, "work_order_id"), Seen::Text("WO-7123".to_owned()));
    let read = explorer.cells_read() - before;
    assert!(read <= 200, "{read} cells for six rows");
    assert!(explorer.order("WO-none", 400).unwrap().is_empty());
    assert_eq!(
        explorer.rows(&ask(Entity::WorkOrder, 3)).unwrap().lines[2].row,
        4,
        "orders in the order of their file"
    );
}

fn plant_again(folder: &Path) -> Explorer {
    let copy = folder.join("copy");
    std::fs::create_dir(&copy).unwrap();
    let made = plant(&copy, OPERATIONS);
    for name in ["work_orders.aside", "operations.aside"] {
        std::fs::copy(folder.join(name), copy.join(name)).unwrap();
    }
    made
}

#[test]
fn rows_are_sorted_narrowed_and_added_up_as_plain_loops_say() {
    let folder = tempfile::tempdir().unwrap();
    let explorer = plant(folder.path(), 3_000);
    let (hours, machine) = (field("actual_run_hours"), field("machine_id"));
    let of = |at: usize| (at % 10 != 9).then_some((at * 37 % 101) as f64);
    for descending in [true, false] {
        let sorted = explorer
            .rows(&Ask { sort: Some((hours, descending)), offset: 10, ..ask(Entity::Operation, 40) })
            .unwrap();
        let mut expected: Vec<usize> = (0..3_000).collect();
        expected.sort_by(|a, b| {
            let (x, y) = (of(*a), of(*b));
            let order = if descending { y.partial_cmp(&x) } else { x.partial_cmp(&y) };
            y.is_some().cmp(&x.is_some()).then(order.unwrap()).then(a.cmp(b))
        });
        let expected: Vec<u64> = expected[10..50].iter().map(|at| *at as u64 + 2).collect();
        assert_eq!(at(&sorted), expected);
    }
    let named = |at: usize| if at % 7 == 3 { String::new() } else { format!("M{}", at % 11) };
    for wanted in ["M4", "", "M99", "' OR 1=1"] {
        let narrowed = explorer
            .rows(&Ask { equals: vec![(machine, wanted.to_owned())], ..ask(Entity::Operation, 5_000) })
            .unwrap();
        let expected: Vec<usize> = (0..3_000).filter(|at| named(*at) == wanted).collect();
        assert_eq!(at(&narrowed), expected.iter().map(|at| *at as u64 + 2).collect::<Vec<_>>(), "{wanted}");
        let sum: f64 = expected.iter().filter_map(|at| of(*at)).sum();
        let place = narrowed.fields.iter().position(|known| *known == hours).unwrap();
        assert_eq!(narrowed.sums[place].unwrap_or_default(), sum);
    }
    // By numbers that operations have from their orders, and by values of every kind.
    for (id, value, rows) in [
        ("work_order_id", "WO-17", vec![87, 88, 89, 90, 91]),
        ("operation_actual_start", "1970-01-01T05:00:00", vec![7]),
        (
            "actual_run_hours",
            "37.0",
            (0..3_000).filter(|at| of(*at) == Some(37.0)).map(|at| at as u64 + 2).collect(),
        ),
    ] {
        let found = explorer
            .rows(&Ask { equals: vec![(field(id), value.to_owned())], ..ask(Entity::Operation, 500) })
            .unwrap();
        assert_eq!(at(&found), rows, "{id}");
    }
    let groups = explorer.groups(&ask(Entity::Operation, 50), machine, Some(hours)).unwrap();
    assert_eq!((groups.total, groups.groups.len()), (11, 12));
    let place = groups.additive.iter().position(|known| *known == hours).unwrap();
    for group in &groups.groups {
        let members: Vec<usize> = (0..3_000).filter(|at| named(*at) == group.name).collect();
        assert_eq!(group.rows, members.len() as u64, "{}", group.name);
        assert_eq!(group.sums[place], Some(members.iter().filter_map(|at| of(*at)).sum()));
    }
    assert!(groups.groups.is_sorted_by(|a, b| a.sums[place] >= b.sums[place]));
    let by_order = explorer.groups(&ask(Entity::Operation, 2), field("work_order_id"), None).unwrap();
    assert_eq!((by_order.total, by_order.groups[0].name.as_str(), by_order.groups[0].rows), (600, "WO-0", 5));
    let row = explorer.of_row("operations.csv", 100).unwrap();
    assert_eq!((row.len(), at(&row[&Entity::Operation])), (1, vec![100]));
    assert!(explorer.of_row("none.csv", 100).unwrap().is_empty());
}

#[test]
fn what_lies_beside_a_table_and_is_not_its_own_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    plant(folder.path(), 3_000).prepare().unwrap();
    let beside = Explorer::beside(&folder.path().join("operations.parquet"));
    let good = std::fs::read(&beside).unwrap();
    for bad in [&good[..good.len() / 2], b"PIASIDE1\xff\xff\xff\xff", b"", b"something else of some length"] {
        std::fs::write(&beside, bad).unwrap();
        let page = plant(folder.path(), 3_000).rows(&ask(Entity::Operation, 1)).unwrap();
        assert_eq!(page.total, 3_000);
        assert_eq!(std::fs::read(&beside).unwrap(), good, "the same bytes every time");
    }
}

#[test]
fn rows_are_counted_by_month_with_the_gaps_between() {
    let folder = tempfile::tempdir().unwrap();
    let day = |at: i64| at * 24 * 3_600_000_000;
    // January, none in February, two in March of 1970, and one row without a date.
    let moments = TimestampMicrosecondArray::from(vec![Some(day(3)), Some(day(60)), None, Some(day(70))]);
    let described = write(
        &folder.path().join("operations.parquet"),
        vec![
            ("source_file", Arc::new(Int32Array::from(vec![0; 4])) as ArrayRef),
            ("operation_actual_start", Arc::new(moments)),
        ],
    );
    let explorer = Explorer::new(vec!["a.csv".to_owned()], [(Entity::Operation, described)]);
    let months = explorer.months().unwrap().unwrap();
    assert_eq!((months.entity, months.field), (Entity::Operation, field("operation_actual_start")));
    let told: Vec<(i32, i32, u64)> =
        months.months.iter().map(|month| (month.year, month.month, month.rows)).collect();
    assert_eq!(told, [(1970, 1, 1), (1970, 2, 0), (1970, 3, 2)]);
    assert_eq!(Explorer::new(Vec::new(), []).months().unwrap(), None);
}
