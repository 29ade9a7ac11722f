//! Confirmed exports are known again, whatever became of their order and spelling, and what changed is told.

use domain::TableProfile;
use mapping::{
    Knowledge, Remembered,
    learning::{Drift, KnownTable, MatchedBy, Recognised, recognise, signature},
    propose,
};
use ontology::Unit;

#[expect(dead_code, reason = "only tables are looked at")]
mod cases;

fn all() -> Vec<cases::Case> {
    cases::load_all(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fresh"))
}

fn known(table: &TableProfile) -> KnownTable {
    let mapping = propose(table, Knowledge::shipped(), &Remembered::nothing());
    KnownTable::of(&mapping, Some(table))
}

fn best(known: &[KnownTable], table: &TableProfile) -> Recognised {
    recognise(known, table, None).remove(0)
}

#[test]
fn an_export_is_found_among_all_others_whatever_its_order_and_spelling() {
    let cases = all();
    let memory: Vec<KnownTable> = cases.iter().map(|case| known(&case.table)).collect();
    for (place, case) in cases.iter().enumerate() {
        let mut table = case.table.clone();
        table.columns.reverse();
        for column in &mut table.columns {
            column.header = column.header.to_uppercase();
        }
        let found = best(&memory, &table);
        // Upper case is the same header where the language folds it back; all of these languages do.
        assert_eq!(found.table, place, "{}", case.truth.case);
        assert!(found.is_same_export(), "{}: {:?}", case.truth.case, found.drift);
        assert!((found.likeness - 1.0).abs() < 1e-9);
        let headers = |table: &TableProfile| -> Vec<String> {
            table.columns.iter().map(|column| column.header.clone()).collect()
        };
        let (before, after) = (headers(&case.table), headers(&table));
        assert_eq!(signature(before.iter().map(String::as_str)), signature(after.iter().map(String::as_str)));
    }
}

#[test]
fn added_missing_and_changed_columns_are_told() {
    let cases = all();
    let case = cases.iter().find(|case| case.truth.case == "focco-roteiro-operation-pt").unwrap();
    let memory = [known(&case.table)];
    let mut table = case.table.clone();
    let gone = table.columns.pop().unwrap();
    table.columns[0].header = "Ordem interna".to_owned();
    table.columns[4].kind = domain::ValueKind::Date;
    let minutes = table.columns.iter().position(|column| column.header.ends_with("Apontado (min)")).unwrap();
    table.columns[minutes].header = table.columns[minutes].header.replace("(min)", "(h)");
    let hours = table.columns.iter().position(|column| column.header.contains("Preparação Padrão")).unwrap();
    table.columns[hours].mean = table.columns[hours].mean.map(|mean| mean / 60.0);
    let mut new = table.columns[1].clone();
    "Cor da etiqueta".clone_into(&mut new.header);
    new.kind = domain::ValueKind::Boolean;
    table.columns.push(new);
    let found = best(&memory, &table);
    let told: Vec<String> = found.drift.iter().map(Drift::sentence).collect();
    let is = |drift: &dyn Fn(&Drift) -> bool| found.drift.iter().any(drift);
    assert!(is(&|drift| matches!(drift, Drift::Renamed { column: 0, .. })), "{told:?}");
    assert!(is(&|drift| matches!(drift, Drift::Kind { column: 4, .. })), "{told:?}");
    assert!(
        is(
            &|drift| matches!(drift, Drift::Unit { column, before: Unit::Minutes, now: Unit::Hours, .. } if *column == minutes)
        ),
        "{told:?}"
    );
    assert!(is(&|drift| matches!(drift, Drift::Scale { column, .. } if *column == hours)), "{told:?}");
    assert!(
        is(&|drift| matches!(drift, Drift::Added { source, .. } if source == "Cor da etiqueta")),
        "{told:?}"
    );
    assert!(is(&|drift| matches!(drift, Drift::Missing { source } if *source == gone.header)), "{told:?}");
    assert_eq!(found.drift.len(), 6, "{told:?}");
}

#[test]
fn a_fifth_of_the_headers_may_be_renamed() {
    let (mut right, mut wrong, mut all_columns) = (0, 0, 0);
    for case in all() {
        let memory = [known(&case.table)];
        let mut table = case.table.clone();
        for (at, column) in table.columns.iter_mut().enumerate().filter(|(at, _)| at % 5 == 2) {
            column.header = format!("Zz{at}");
        }
        let found = best(&memory, &table);
        all_columns += table.columns.len();
        for pair in &found.columns {
            if pair.column == pair.known {
                right += 1;
            } else {
                wrong += 1;
            }
            assert!(pair.by == MatchedBy::Values || pair.column % 5 != 2);
        }
    }
    println!("{right} right, {wrong} wrong of {all_columns}");
    assert!(wrong * 200 <= all_columns, "{wrong} wrong of {all_columns}");
    assert!(right * 100 >= all_columns * 95, "{right} of {all_columns}");
}

#[test]
fn the_newest_of_equals_comes_first_and_strangers_are_left_out() {
    let cases = all();
    let one = known(&cases[0].table);
    let found = recognise(&[one.clone(), known(&cases[9].table), one], &cases[0].table, None);
    let places: Vec<usize> = found.iter().map(|found| found.table).collect();
    assert_eq!(places, [2, 0]);
}
