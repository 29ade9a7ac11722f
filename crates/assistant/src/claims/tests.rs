use serde_json::json;

use super::Grounds;
use crate::{
    Catalog,
    tool::{Comparison, Difference, Figures, FindingLine, Findings, Line, Outcome, Table},
};

fn line(name: &str, value: f64) -> Line {
    Line { name: name.to_owned(), value: Some(value), rows: 10, ..Line::default() }
}

fn grounds() -> Grounds {
    let mut grounds = Grounds::default();
    grounds.heard("What about scrap of M-07 at Northgate?");
    let figures = Figures {
        metric: "cost_variance".to_owned(),
        unit: "money".to_owned(),
        lines: vec![line("M-07", 600.0), line("M-02", 300.0), line("M-03", 100.0)],
        whole: line("", 1_000.0),
        groups: 3,
        ..Figures::default()
    };
    grounds.heard("M-07 M-02 M-03");
    grounds.outcome(&Outcome::Figures(figures));
    grounds
}

#[test]
fn what_the_results_bear_out_may_be_said() {
    let grounds = grounds();
    for said in [
        "M-07 has the highest cost.",
        "M-07 costs twice as much as M-02.",
        "Most of the cost is on M-07.",
        "M-03 has the lowest cost.",
        "The second largest is M-02.",
        "M-07 is higher than M-02.",
        "M-07 hat die höchsten Kosten, doppelt so viel wie M-02.",
        "M-07 tiene el mayor costo, el doble que M-02.",
        "Die Mehrheit der Kosten liegt bei M-07.",
        "At least look at Northgate.",
        "The OEE in June is not known.",
        "I looked at M-07.",
    ] {
        assert_eq!(grounds.unsupported(said), None, "{said}");
    }
}

#[test]
fn what_no_result_bears_out_is_found() {
    let grounds = grounds();
    for said in [
        "M-02 has the highest cost.",
        "M-07 has the lowest cost.",
        "M-07 costs three times; it tripled against M-03 and M-02, and it quadrupled.",
        "Cost has tenfold effect.",
        "M-02 tiene el mayor costo.",
        "M-02 hat die höchsten Kosten.",
        "Der Lieferant Kolbenwerk ist schuld.",
        "The supplier Evilcorp is to blame.",
        "El proveedor es Malvado de siempre.",
        "ACMEX ist schuld.",
        "Kolbenwerk GmbH liefert.",
    ] {
        assert!(grounds.unsupported(said).is_some(), "{said}");
    }
    let mut grounds = grounds.clone();
    grounds.heard("Evilcorp");
    assert!(grounds.unsupported("The supplier Evilcorp is the worst.").is_some());
    // Without any look-up no such word holds.
    let nothing = Grounds::default();
    for said in [
        "Scrap doubled.",
        "Half of it is waste.",
        "The largest loss is set-up.",
        "Cost rose.",
        "Der Ausschuss hat sich verdoppelt.",
        "Die Hälfte ist Ausschuss.",
        "Die meisten Aufträge sind zu spät.",
        "Los costos bajaron.",
        "La mitad es merma.",
        "El costo se duplicó.",
        "The majority is late.",
    ] {
        assert!(nothing.unsupported(said).is_some(), "{said}");
    }
}

#[test]
fn a_part_of_a_list_knows_one_end() {
    let mut grounds = Grounds::default();
    let lines = vec![line("M-07", 0.6), line("M-02", 0.3)];
    grounds.outcome(&Outcome::Figures(Figures {
        unit: "1".to_owned(),
        lines,
        groups: 9,
        ..Figures::default()
    }));
    assert_eq!(grounds.unsupported("M-07 has the highest rate."), None);
    assert!(grounds.unsupported("M-02 has the lowest rate.").is_some());
}

#[test]
fn a_comparison_a_table_and_a_finding_support_what_they_say() {
    let mut grounds = Grounds::default();
    let both = Comparison { difference: Some(Difference::of(2.0, 4.1)), ..Comparison::default() };
    grounds.outcome(&Outcome::Comparison(Box::new(both)));
    assert_eq!(grounds.unsupported("Scrap doubled; it is higher."), None);
    assert!(grounds.unsupported("Scrap tripled.").is_some());
    let mut grounds = Grounds::default();
    grounds.outcome(&Outcome::Table(Table {
        columns: vec!["machine".to_owned(), "cost".to_owned()],
        rows: vec![vec![json!("Press"), json!(5.0)], vec![json!("Saw"), json!(7.0)]],
        ..Table::default()
    }));
    grounds.heard("Press Saw");
    assert_eq!(grounds.unsupported("The costliest is the Saw."), None);
    assert!(grounds.unsupported("The costliest is the Press.").is_some());
    let mut grounds = Grounds::default();
    grounds.outcome(&Outcome::Findings(Findings {
        total: 1,
        lines: vec![FindingLine {
            id: "f".to_owned(),
            title: "Supplier S03 has doubled its price".to_owned(),
            type_: String::new(),
            impact: None,
            low: None,
            high: None,
            annualized: None,
            grade: String::new(),
            priority: 1,
            sources: Vec::new(),
        }],
        ..Findings::default()
    }));
    assert_eq!(grounds.unsupported("Its price doubled."), None);
}

#[test]
fn a_name_of_the_data_that_was_not_read_is_found() {
    let mut grounds = Grounds::default();
    let mut catalog = Catalog::default();
    if let Some(field) = ontology::FieldId::named("supplier_name") {
        catalog.values.insert(field, vec!["Hidden Steel Works".to_owned()]);
    }
    grounds.catalog(&catalog);
    assert!(grounds.unsupported("Hidden Steel Works is late.").is_some());
    grounds.heard("Hidden Steel Works");
    assert_eq!(grounds.unsupported("Hidden Steel Works is late."), None);
}
