//! Questions as controllers of plants word them, written after a first list of the kind had been tried and mended. What is true is worked
//! out by the same plain loops; a question may also be declined, and must then say so.

use super::{CENTERS, Case, FIGURES, Figure, MACHINES, Plant, Truth};

fn figure(words: &str) -> &'static Figure {
    FIGURES.iter().find(|figure| figure.words[0] == words).unwrap()
}

/// The largest, or the smallest, of a field.
fn end(plant: &Plant, words: &str, field: &str, largest: bool) -> Truth {
    let values = figure(words).values(plant, field);
    let pick = if largest {
        values.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)))
    } else {
        values.iter().min_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(b.0)))
    };
    pick.map_or(Truth::None, |(name, value)| Truth::First(name.clone(), *value))
}

fn of(plant: &Plant, words: &str, field: &str, name: &str) -> Truth {
    figure(words).values(plant, field).get(name).map_or(Truth::None, |value| Truth::Whole(*value))
}

fn whole(plant: &Plant, words: &str) -> Truth {
    let all = figure(words).of_all(plant);
    all.of(all.rows(plant).iter()).map_or(Truth::None, Truth::Whole)
}

fn year(plant: &Plant, words: &str, year: i16) -> Truth {
    let all = figure(words).of_all(plant);
    let rows = all.rows(plant).iter().filter(|row| {
        super::moment(row, all.date).is_some_and(|at| {
            let at = jiff::Timestamp::from_microsecond(at).unwrap();
            jiff::tz::TimeZone::UTC.to_datetime(at).date().year() == year
        })
    });
    all.of(rows).map_or(Truth::None, Truth::Whole)
}

pub(super) fn cases(plant: &Plant) -> Vec<Case> {
    let machine = MACHINES.0;
    let center = CENTERS.0;
    let first = |words: &str, field: &str| {
        figure(words).values(plant, field).into_keys().next().unwrap_or_else(|| "none".to_owned())
    };
    let (m, s, c) =
        (first("run hours", machine), first("material spend", "supplier_id"), first("run hours", center));
    let mat = first("material price", "material_id");
    let findings = || Truth::Findings(plant.data.analysis.findings.len() as u64);
    let scrap = "scrap rate";
    let mut cases: Vec<(String, Truth)> = vec![
        ("What was our scrap percentage in 2024?".to_owned(), year(plant, scrap, 2024)),
        (format!("how much scrap did we have on {m}"), of(plant, scrap, machine, &m)),
        ("which machine scraps the most".to_owned(), end(plant, scrap, machine, true)),
        (
            "Top five vendors by what we paid them".to_owned(),
            end(plant, "material spend", "supplier_id", true),
        ),
        (format!("How much did we spend with {s}?"), of(plant, "material spend", "supplier_id", &s)),
        (format!("how much money went to {s}"), of(plant, "material spend", "supplier_id", &s)),
        (format!("How many hours was {m} down?"), of(plant, "downtime", machine, &m)),
        ("which machine was down the most".to_owned(), end(plant, "downtime", machine, true)),
        ("How many jobs did we do in 2024?".to_owned(), year(plant, "number of orders", 2024)),
        ("what did everything cost us in 2024".to_owned(), year(plant, "actual cost", 2024)),
        ("which product was most expensive".to_owned(), end(plant, "actual cost", "product_id", true)),
        (format!("setup hours on {c}"), of(plant, "setup hours", center, &c)),
        (
            "who are our biggest suppliers by spend".to_owned(),
            end(plant, "material spend", "supplier_id", true),
        ),
        (format!("avg price we pay for {mat}"), of(plant, "material price", "material_id", &mat)),
        ("machine with least downtme".to_owned(), end(plant, "downtime", machine, false)),
        ("scrp rate 2024".to_owned(), year(plant, scrap, 2024)),
        ("biggest cost drivers".to_owned(), findings()),
        ("where are we losing money?".to_owned(), findings()),
        ("what should I look at first".to_owned(), findings()),
        ("total run time in 2024".to_owned(), year(plant, "run hours", 2024)),
        ("materials we spent the most on".to_owned(), end(plant, "material spend", "material_id", true)),
        ("rank work centers by set up".to_owned(), end(plant, "setup hours", center, true)),
        // German.
        ("Ausschussquote im Jahr 2024".to_owned(), year(plant, scrap, 2024)),
        (format!("Wieviel Ausschuss hatten wir auf {m}?"), of(plant, scrap, machine, &m)),
        ("Welche Maschine steht am meisten?".to_owned(), end(plant, "downtime", machine, true)),
        ("Welche Maschine hat den meisten Ausschuss?".to_owned(), end(plant, scrap, machine, true)),
        (format!("Was haben wir bei {s} bezahlt?"), of(plant, "material spend", "supplier_id", &s)),
        (
            "Größte Lieferanten nach Einkaufsvolumen".to_owned(),
            end(plant, "material spend", "supplier_id", true),
        ),
        ("Wie viele Aufträge gab es 2024?".to_owned(), year(plant, "number of orders", 2024)),
        ("Was haben die Aufträge 2024 gekostet?".to_owned(), year(plant, "actual cost", 2024)),
        (format!("Rüstzeit an {c}"), of(plant, "setup hours", center, &c)),
        ("Arbeitsplatz mit der höchsten Rüstzeit".to_owned(), end(plant, "setup hours", center, true)),
        (format!("Wie lange stand {m}?"), of(plant, "downtime", machine, &m)),
        ("Teuerstes Produkt nach Istkosten".to_owned(), end(plant, "actual cost", "product_id", true)),
        (format!("Durchschnittspreis für {mat}"), of(plant, "material price", "material_id", &mat)),
        ("Wo verlieren wir das meiste Geld?".to_owned(), findings()),
        ("Was sind die größten Kostentreiber?".to_owned(), findings()),
        ("Womit sollen wir anfangen?".to_owned(), findings()),
        ("gesamte Laufzeit 2024".to_owned(), year(plant, "run hours", 2024)),
        ("Ausschusquote gesammt".to_owned(), whole(plant, scrap)),
        ("Rüstanteil insgesamt".to_owned(), whole(plant, "setup ratio")),
        // Spanish.
        ("tasa de rechazo en 2024".to_owned(), year(plant, scrap, 2024)),
        ("¿Qué máquina tiene más merma?".to_owned(), end(plant, scrap, machine, true)),
        (format!("¿Cuánto gastamos con el proveedor {s}?"), of(plant, "material spend", "supplier_id", &s)),
        (format!("¿Cuánto le pagamos a {s}?"), of(plant, "material spend", "supplier_id", &s)),
        ("los 5 proveedores con más gasto".to_owned(), end(plant, "material spend", "supplier_id", true)),
        ("horas de paro por máquina".to_owned(), end(plant, "downtime", machine, true)),
        ("¿Cuál es la máquina con más paros?".to_owned(), end(plant, "downtime", machine, true)),
        ("¿Cuántas órdenes hubo en 2024?".to_owned(), year(plant, "number of orders", 2024)),
        ("¿Cuánto costó todo en 2024?".to_owned(), year(plant, "actual cost", 2024)),
        (format!("tiempo de preparacion en {c}"), of(plant, "setup hours", center, &c)),
        ("producto con el mayor costo".to_owned(), end(plant, "actual cost", "product_id", true)),
        (format!("precio medio de {mat}"), of(plant, "material price", "material_id", &mat)),
        ("¿Dónde perdemos dinero?".to_owned(), findings()),
        ("¿Por dónde empezamos?".to_owned(), findings()),
        ("gasto total en materiales".to_owned(), whole(plant, "material spend")),
        // What these data do not hold, or nobody can know.
        ("how happy are our customers".to_owned(), Truth::None),
        ("Wie wird der Umsatz nächstes Jahr?".to_owned(), Truth::None),
        ("¿Quién trabaja peor?".to_owned(), Truth::None),
        ("where does the 34,304 come from".to_owned(), Truth::None),
        ("co2 footprint per part".to_owned(), Truth::None),
    ];
    // A truth that the plant does not hold asks for no decline.
    cases.retain(|(question, truth)| {
        !matches!(truth, Truth::None)
            || ["happy", "nächstes", "Quién", "34,304", "co2"].iter().any(|word| question.contains(word))
    });
    cases.into_iter().map(|(question, truth)| Case { question, truth }).collect()
}
