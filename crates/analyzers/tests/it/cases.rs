//! Small files that show one rule each.

use analyzers::Limits;
use domain::{Granularity, ValueKind};

use crate::kit::{build, build_with, table};

#[test]
fn figures_of_the_order_repeated_on_its_operations_count_once() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Job", "work_order_id", ValueKind::Text, ""),
        ("Op", "operation_sequence", ValueKind::Integer, ""),
        ("Part", "product_id", ValueKind::Text, ""),
        ("Order Qty", "quantity_ordered", ValueKind::Integer, ""),
        ("Order Total", "planned_total_cost", ValueKind::Decimal, ""),
        ("Labor", "actual_labor_cost", ValueKind::Decimal, ""),
        ("Run Min", "actual_run_hours", ValueKind::Decimal, "minutes"),
        ("Good", "operation_quantity_completed", ValueKind::Integer, ""),
        ("Due", "due_date", ValueKind::Date, ""),
    ];
    let text = "\
Job,Op,Part,Order Qty,Order Total,Labor,Run Min,Good,Due
A,10,P1,5,100.0,10.0,60,5,2025-01-05
A,9,P1,5,100.0,30.0,30,5,2025-01-05
A,20,P1,5,100.0,20.0,90,4,2025-01-05
B,10,P2,7,50.0,5.0,6,7,2025-01-06
,10,P2,7,50.0,5.0,6,7,2025-01-06
Total,,,12,150.0,65.0,192,,
B,10,P2,7,50.0,5.0,6,7,2025-01-06
";
    let built = build(&[table(folder.path(), "ops.csv", Granularity::Operation, &columns, text)]);
    assert_eq!(
        built.ask("SELECT order_key, product_id, quantity_ordered, planned_total_cost, actual_labor_cost, actual_run_hours, quantity_completed FROM work_orders"),
        ["A P1 5.0 100.0 60.0 3.0 4.0", "B P2 7.0 50.0 5.0 0.1 7.0"]
    );
    assert_eq!(
        built.ask("SELECT operation_key, source_row FROM operations"),
        ["A/10 2", "A/9 3", "A/20 4", "B/10 5"]
    );
    assert_eq!((built.aside("no order"), built.aside("total"), built.aside("every column")), (1, 1, 1));
}

#[test]
fn machines_that_shared_an_order_add_their_pieces_where_no_step_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Job", "work_order_id", ValueKind::Text, ""),
        ("Press", "machine_id", ValueKind::Text, ""),
        ("Good", "operation_quantity_completed", ValueKind::Integer, ""),
        ("Scrap", "operation_quantity_scrapped", ValueKind::Integer, ""),
    ];
    let text = "Job,Press,Good,Scrap\nA,M1,60,1\nA,M2,40,2\nA,M1,10,0\nB,M1,7,0\n";
    let built = build(&[table(folder.path(), "shifts.csv", Granularity::Labor, &columns, text)]);
    assert_eq!(
        built.ask("SELECT order_key, quantity_completed, quantity_scrapped FROM work_orders"),
        ["A 110.0 3.0", "B 7.0 0.0"]
    );
}

#[test]
fn files_join_although_they_write_numbers_differently() {
    let folder = tempfile::tempdir().unwrap();
    let orders = table(
        folder.path(),
        "orders.csv",
        Granularity::Header,
        &[
            ("Order", "work_order_id", ValueKind::Text, ""),
            ("Part", "product_id", ValueKind::Text, ""),
            ("State", "work_order_status", ValueKind::Text, ""),
            ("Made", "quantity_completed", ValueKind::Integer, ""),
        ],
        "Order,Part,State,Made\n000101,P1,Closed,5\n000102,P2,Closed,5\n000103,P3,Cancelled,0\n",
    );
    let tickets = table(
        folder.path(),
        "tickets.csv",
        Granularity::Labor,
        &[
            ("Order", "work_order_id", ValueKind::Integer, ""),
            ("Op", "operation_sequence", ValueKind::Text, ""),
            ("Kind", "booking_type", ValueKind::Text, ""),
            ("Hours", "booking_hours", ValueKind::Decimal, "hours"),
            ("Reversed", "is_reversal", ValueKind::Boolean, ""),
            ("Id", "booking_id", ValueKind::Integer, ""),
        ],
        "Order,Op,Kind,Hours,Reversed,Id\n101,0010,Rüsten,1.5,,1\n101,0010,Bearbeiten,4,,2\n101,0010,Bearbeiten,4,Y,3\n101,0010,Bearbeiten,3,,4\n102,0020,Bearbeiten,2,,5\n",
    );
    let built = build(&[orders, tickets]);
    assert_eq!(
        built.ask("SELECT order_key, product_id, actual_setup_hours, actual_run_hours, actual_labor_hours FROM work_orders"),
        ["101 P1 1.5 3.0 4.5", "102 P2 0.0 2.0 2.0"]
    );
    assert_eq!(
        built.ask("SELECT operation_key, actual_setup_hours, actual_run_hours FROM operations"),
        ["101/10 1.5 3.0", "102/20 0.0 2.0"]
    );
    assert_eq!(built.aside("cancelled"), 1);
    assert!(built.canonical.issues.iter().any(|issue| issue.kind == "keys_normalised"));
}

#[test]
fn a_later_file_replaces_what_it_says_anew_and_completes_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Order", "work_order_id", ValueKind::Text, ""),
        ("Cost", "actual_total_cost", ValueKind::Decimal, ""),
    ];
    let january = table(folder.path(), "a.csv", Granularity::Header, &columns, "Order,Cost\nA,10\nB,20\n");
    let february = table(folder.path(), "b.csv", Granularity::Header, &columns, "Order,Cost\nB,25\nC,30\n");
    let plans = table(
        folder.path(),
        "c.csv",
        Granularity::Header,
        &[
            ("Order", "work_order_id", ValueKind::Text, ""),
            ("Plan", "planned_total_cost", ValueKind::Decimal, ""),
        ],
        "Order,Plan\nA,11\nC,29\n",
    );
    let built = build(&[january, february, plans]);
    assert_eq!(
        built.ask("SELECT order_key, planned_total_cost, actual_total_cost FROM work_orders"),
        ["A 11.0 10.0", "B - 25.0", "C 29.0 30.0"]
    );
    assert_eq!(built.aside("later file"), 1);
}

#[test]
fn dates_and_times_of_day_make_moments_and_amounts_add() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Order", "work_order_id", ValueKind::Decimal, ""),
        ("Day", "operation_actual_start", ValueKind::Date, ""),
        ("Clock", "operation_actual_start", ValueKind::TimeOfDay, ""),
        ("Scrap A", "operation_quantity_scrapped", ValueKind::Integer, ""),
        ("Scrap B", "operation_quantity_scrapped", ValueKind::Integer, ""),
        ("Std", "planned_run_hours", ValueKind::Decimal, "minutes/unit"),
        ("In", "operation_quantity_in", ValueKind::Integer, ""),
        ("Who", "employee_name", ValueKind::Text, ""),
    ];
    let text = "Order,Day,Clock,Scrap A,Scrap B,Std,In,Who\n7.0,2025-03-01,14:30,1,2,3,40,Ann\n8.0,2025-03-02,,,,3,20,Bob\n";
    let built = build(&[table(folder.path(), "ops.csv", Granularity::Operation, &columns, text)]);
    assert_eq!(
        built.ask("SELECT order_key, operation_actual_start, operation_quantity_scrapped, planned_run_hours FROM operations"),
        ["7 2025-03-01T14:30:00 3.0 2.0", "8 2025-03-02T00:00:00 - 1.0"]
    );
    let people = ontology::FieldId::named("employee_name").unwrap();
    assert!(built.canonical.tables.values().all(|table| !table.fields.contains_key(&people)));
}

#[test]
fn several_currencies_are_never_added() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Order", "work_order_id", ValueKind::Text, ""),
        ("Cost", "actual_total_cost", ValueKind::Decimal, ""),
        ("Cur", "currency", ValueKind::Text, ""),
    ];
    let built = build(&[table(
        folder.path(),
        "a.csv",
        Granularity::Header,
        &columns,
        "Order,Cost,Cur\nA,10,EUR\nB,20,EUR\nC,30,USD\n",
    )]);
    assert_eq!(built.ask("SELECT sum(actual_total_cost) FROM work_orders"), ["30.0"]);
    assert_eq!(built.canonical.currency, domain::Currency::parse("EUR"));
    assert_eq!(built.aside("currency"), 1);
}

#[test]
fn with_rates_amounts_are_those_of_the_day_and_what_has_no_rate_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Order", "work_order_id", ValueKind::Text, ""),
        ("Cost", "actual_total_cost", ValueKind::Decimal, ""),
        ("Hours", "actual_labor_hours", ValueKind::Decimal, ""),
        ("Cur", "currency", ValueKind::Text, ""),
        ("Date", "order_date", ValueKind::Date, ""),
    ];
    let text = "Order,Cost,Hours,Cur,Date\nA,10,2,eur,2025-03-01\nB,20,2,EUR,2025-07-02\nC,30,2,USD,2025-03-01\n\
                D,40,2,,2025-03-01\nE,50,2,EUR,2024-12-31\nF,60,2,GBP,2025-03-01\nG,70,2,EUR,\n";
    let orders = table(folder.path(), "a.csv", Granularity::Header, &columns, text);
    let rates = domain::ExchangeRates::parse("USD", "EUR 2025-01-01 1.1\nEUR 2025-07-01 1.25").unwrap();
    let limits = || Limits { exchange: Some(rates.clone()), ..Limits::default() };
    let built = build_with(std::slice::from_ref(&orders), limits());
    assert_eq!(
        built.ask("SELECT order_key, actual_total_cost, actual_labor_hours FROM work_orders ORDER BY 1"),
        ["A 11.0 2.0", "B 25.0 2.0", "C 30.0 2.0", "D 40.0 2.0"]
    );
    assert_eq!(built.canonical.currency, domain::Currency::parse("USD"));
    assert_eq!(built.aside("exchange rates"), 3);

    // A file of amounts that does not say in which currency: nothing is converted, and the run says so.
    let columns = [
        ("Order", "work_order_id", ValueKind::Text, ""),
        ("Material", "actual_material_cost", ValueKind::Decimal, ""),
    ];
    let silent = table(folder.path(), "b.csv", Granularity::Header, &columns, "Order,Material\nA,5\nB,6\n");
    let built = build_with(&[orders, silent], limits());
    assert!(
        built.canonical.issues.iter().any(|issue| issue.kind == "not_converted" && issue.file == "b.csv")
    );
    assert_eq!(built.canonical.currency, domain::Currency::parse("EUR"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Job", "work_order_id", ValueKind::Text, ""),
        ("Op", "operation_sequence", ValueKind::Integer, ""),
        ("Hours", "actual_run_hours", ValueKind::Decimal, "hours"),
    ];
    let mut text = "Job,Op,Hours\n".to_owned();
    for row in 0..20_000_u32 {
        text.push_str(&format!("J{:05},{},{}\n", (row * 7_919) % 5_003, row % 7, f64::from(row % 97) / 7.0));
    }
    let build = || build(&[table(folder.path(), "ops.csv", Granularity::Operation, &columns, &text)]);
    let (first, second) = (build(), build());
    for entity in [ontology::Entity::WorkOrder, ontology::Entity::Operation] {
        let read = |built: &crate::kit::Built| std::fs::read(built.canonical.path(entity).unwrap()).unwrap();
        assert!(read(&first) == read(&second), "{entity:?}");
    }
}

#[test]
fn content_that_says_nothing_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [("Order", "work_order_id", ValueKind::Text, "")];
    let nothing = table(folder.path(), "a.csv", Granularity::Header, &columns, "Order\n\n");
    let limits = analyzers::Limits::default();
    let error = analyzers::canonical::build(&[nothing], folder.path(), &limits).unwrap_err();
    assert!(error.to_string().contains("rows can be used"), "{error}");
}
