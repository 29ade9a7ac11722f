//! Two hundred questions over generated plants, answered without a model and checked against figures that this test works
//! out itself from the rows of the tables, in plain loops.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail loudly, read simply and say what it counted"
)]

#[path = "questions/blind.rs"]
mod blind;
#[path = "questions/held_out.rs"]
mod held_out;

use std::collections::BTreeMap;

use app::{
    Scratch,
    analyze::{Decisions, Request},
    ask::{self, Data},
};
use assistant::{Intent, Language, tool::Outcome};
use domain::{Settings, settings::Preset};
use explorer::{Ask, Described, Explorer, Seen};
use generator::PlantSpec;
use ontology::Entity;

type Row = BTreeMap<&'static str, Seen>;

/// Numerator and denominator of one row.
type Parts = fn(&Row) -> Option<(f64, f64)>;

/// A field with the words for it: English, German, Spanish.
type By = (&'static str, [&'static str; 3]);

/// A plant with its rows in memory.
struct Plant {
    data: Data,
    rows: BTreeMap<Entity, Vec<Row>>,
    scratch: (Scratch, tempfile::TempDir),
}

impl Plant {
    fn folder(&self) -> &std::path::Path {
        self.scratch.1.path()
    }
}

fn plant(orders: u64, seed: u64, style: Option<&str>) -> Plant {
    let mut spec = PlantSpec::new(orders, seed);
    if let Some(style) = style {
        style.clone_into(&mut spec.style);
    }
    plant_of(&spec)
}

fn plant_of(spec: &PlantSpec) -> Plant {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = generator::DirectorySink::create(folder.path()).unwrap();
    generator::generate(spec, &mut sink).unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().unwrap() != "truth.json");
    files.sort();
    let settings = Settings::preset(Preset::Balanced);
    let scratch = Scratch::new().unwrap();
    let request = Request {
        files: &files,
        part: None,
        saved: &[],
        settings: &settings,
        decisions: Decisions::Likelier,
    };
    let outcome = app::analyze::analyze(&request, &scratch, &mut |_| {}).unwrap();
    let data = Data::new(outcome.canonical.unwrap(), outcome.analysis.unwrap(), settings).unwrap();
    let tables = data.canonical.tables.iter().map(|(entity, table)| {
        let described =
            Described { parquet: table.path.clone(), rows: table.rows, fields: table.fields.clone() };
        (*entity, described)
    });
    let explorer = Explorer::new(data.canonical.files.clone(), tables);
    let mut rows = BTreeMap::new();
    for entity in data.canonical.tables.keys() {
        let ask = Ask { entity: *entity, equals: Vec::new(), sort: None, offset: 0, limit: 1_000_000 };
        let found = explorer.rows(&ask).unwrap();
        let all = found
            .lines
            .iter()
            .map(|line| {
                found.fields.iter().map(|field| field.as_str()).zip(line.values.iter().cloned()).collect()
            })
            .collect();
        rows.insert(*entity, all);
    }
    Plant { data, rows, scratch: (scratch, folder) }
}

fn number(row: &Row, field: &str) -> Option<f64> {
    match row.get(field) {
        Some(Seen::Number(value)) => Some(*value),
        _ => None,
    }
}

fn text(row: &Row, field: &str) -> Option<String> {
    match row.get(field) {
        Some(Seen::Text(text)) => Some(text.trim().to_owned()),
        _ => None,
    }
}

fn moment(row: &Row, field: &str) -> Option<i64> {
    match row.get(field) {
        Some(Seen::Moment(micros)) => Some(*micros),
        _ => None,
    }
}

/// A figure of rows, worked out by hand.
struct Figure {
    table: Entity,
    date: &'static str,
    /// Numerator and, of a ratio, denominator of one row; rows without are passed over.
    parts: Parts,
    ratio: bool,
    /// The words for it: English, German, Spanish.
    words: [&'static str; 3],
    by: &'static [By],
    /// How the whole is counted where orders hold it, as the key figures have it.
    orders_first: Option<Parts>,
}

const MACHINES: By = ("machine_id", ["machine", "Maschine", "máquina"]);
const CENTERS: By = ("work_center_id", ["work center", "Arbeitsplatz", "centro de trabajo"]);
const PRODUCTS: By = ("product_id", ["product", "Produkt", "producto"]);
const SUPPLIERS: By = ("supplier_id", ["supplier", "Lieferant", "proveedor"]);
const MATERIALS: By = ("material_id", ["material", "Material", "material"]);

const FIGURES: &[Figure] = &[
    Figure {
        table: Entity::Operation,
        date: "operation_actual_end",
        parts: |row| {
            let bad = number(row, "operation_quantity_scrapped")?;
            Some((bad, number(row, "operation_quantity_completed")? + bad))
        },
        ratio: true,
        words: ["scrap rate", "Ausschussquote", "tasa de desecho"],
        by: &[MACHINES, CENTERS],
        orders_first: Some(|row| {
            let bad = number(row, "quantity_scrapped")?;
            Some((bad, number(row, "quantity_completed")? + bad))
        }),
    },
    Figure {
        table: Entity::Operation,
        date: "operation_actual_end",
        parts: |row| Some((number(row, "actual_setup_hours")?, 1.0)),
        ratio: false,
        words: ["setup hours", "Rüststunden", "horas de preparación"],
        by: &[MACHINES, CENTERS],
        orders_first: None,
    },
    Figure {
        table: Entity::Operation,
        date: "operation_actual_end",
        parts: |row| Some((number(row, "actual_run_hours")?, 1.0)),
        ratio: false,
        words: ["run hours", "Laufstunden", "horas de marcha"],
        by: &[MACHINES, CENTERS],
        orders_first: None,
    },
    Figure {
        table: Entity::Operation,
        date: "operation_actual_end",
        parts: |row| {
            let setup = number(row, "actual_setup_hours").unwrap_or(0.0);
            Some((setup, number(row, "actual_run_hours")? + setup))
        },
        ratio: true,
        words: ["setup ratio", "Rüstanteil", "porcentaje de preparación"],
        by: &[MACHINES],
        orders_first: None,
    },
    Figure {
        table: Entity::WorkOrder,
        date: "actual_end",
        parts: |row| Some((number(row, "actual_total_cost")?, 1.0)),
        ratio: false,
        words: ["actual cost", "Istkosten", "costo real"],
        by: &[PRODUCTS],
        orders_first: None,
    },
    Figure {
        table: Entity::WorkOrder,
        date: "actual_end",
        parts: |row| text(row, "work_order_id").map(|_| (1.0, 1.0)),
        ratio: false,
        words: ["number of orders", "Anzahl Aufträge", "número de órdenes"],
        by: &[PRODUCTS],
        orders_first: None,
    },
    Figure {
        table: Entity::Material,
        date: "receipt_date",
        parts: |row| {
            Some((number(row, "actual_material_quantity")? * number(row, "material_unit_cost")?, 1.0))
        },
        ratio: false,
        words: ["material spend", "Materialausgaben", "gasto en material"],
        by: &[SUPPLIERS, MATERIALS],
        orders_first: None,
    },
    Figure {
        table: Entity::Material,
        date: "receipt_date",
        parts: |row| {
            let quantity = number(row, "actual_material_quantity")?;
            Some((quantity * number(row, "material_unit_cost")?, quantity))
        },
        ratio: true,
        words: ["material price", "Materialpreis", "precio de material"],
        by: &[MATERIALS],
        orders_first: None,
    },
    Figure {
        table: Entity::Equipment,
        date: "downtime_start",
        parts: |row| Some((number(row, "downtime_hours")?, 1.0)),
        ratio: false,
        words: ["downtime", "Stillstandszeit", "tiempo de parada"],
        by: &[MACHINES],
        orders_first: None,
    },
];

impl Figure {
    fn rows<'a>(&self, plant: &'a Plant) -> &'a [Row] {
        plant.rows.get(&self.table).map_or(&[], Vec::as_slice)
    }

    /// The figure as it is counted over all rows and over time.
    fn of_all(&self, plant: &Plant) -> Self {
        let orders = plant.rows.get(&Entity::WorkOrder).map_or(&[][..], Vec::as_slice);
        match self.orders_first {
            Some(parts) if orders.iter().any(|row| parts(row).is_some()) => {
                Self { table: Entity::WorkOrder, date: "actual_end", parts, ..*self }
            }
            _ => Self { ..*self },
        }
    }

    fn of<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Option<f64> {
        let (mut over, mut under, mut n) = (0.0, 0.0, 0);
        for (a, b) in rows.filter_map(self.parts) {
            over += a;
            under += b;
            n += 1;
        }
        (n > 0).then(|| if self.ratio { over / under } else { over }).filter(|value| value.is_finite())
    }

    fn values(&self, plant: &Plant, field: &str) -> BTreeMap<String, f64> {
        let mut names: Vec<String> = self.rows(plant).iter().filter_map(|row| text(row, field)).collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .filter_map(|name| {
                let own = name.clone();
                let rows = self.rows(plant).iter().filter(move |row| text(row, field).as_ref() == Some(&own));
                let value = self.of(rows)?;
                Some((name, value))
            })
            .collect()
    }
}

/// A question with what is true.
struct Case {
    question: String,
    truth: Truth,
}

enum Truth {
    Whole(f64),
    /// The first of a list.
    First(String, f64),
    /// Both sides.
    Sides(f64, f64),
    /// Months with their values.
    Months(Vec<f64>),
    /// Money a year.
    Saved(f64),
    /// How many findings there are.
    Findings(u64),
    /// The numerator and the denominator of an explanation.
    Explained(f64, f64),
    /// No answer, and said so.
    None,
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-9)
}

fn cases(plant: &Plant) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |question: String, truth: Truth| cases.push(Case { question, truth });
    for figure in FIGURES {
        let all = figure.of_all(plant);
        let rows = all.rows(plant);
        let Some(whole) = all.of(rows.iter()) else { continue };
        let [en, de, es] = figure.words;
        add(format!("What is our {en}?"), Truth::Whole(whole));
        add(format!("Wie hoch ist die {de}?"), Truth::Whole(whole));
        add(format!("¿Cuál es nuestro {es}?"), Truth::Whole(whole));
        for (field, [d_en, d_de, d_es]) in figure.by {
            let values = figure.values(plant, field);
            if values.len() < 2 {
                continue;
            }
            let top = values.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0))).unwrap();
            let low = values.iter().min_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(b.0))).unwrap();
            add(format!("Which {d_en} has the highest {en}?"), Truth::First(top.0.clone(), *top.1));
            add(format!("Top 3 {d_en}s by {en}"), Truth::First(top.0.clone(), *top.1));
            add(format!("{d_en} with the lowest {en}"), Truth::First(low.0.clone(), *low.1));
            add(format!("{de} je {d_de}"), Truth::First(top.0.clone(), *top.1));
            add(format!("{es} por {d_es}"), Truth::First(top.0.clone(), *top.1));
            let mut names = values.iter();
            let (one, two) = (names.next().unwrap(), names.next_back().unwrap());
            add(format!("{en} of {d_en} {}", two.0), Truth::Whole(*two.1));
            add(format!("{de} {d_de} {}", one.0), Truth::Whole(*one.1));
            add(
                format!("Compare the {en} of {d_en} {} and {d_en} {}", one.0, two.0),
                Truth::Sides(*one.1, *two.1),
            );
            add(format!("Vergleiche {de} von {d_de} {} und {}", two.0, one.0), Truth::Sides(*two.1, *one.1));
        }
        // Months, by hand.
        let mut months: BTreeMap<(i16, i8), Vec<&Row>> = BTreeMap::new();
        for row in rows {
            if let Some(at) = moment(row, all.date) {
                let at = jiff::Timestamp::from_microsecond(at).unwrap();
                let day = jiff::tz::TimeZone::UTC.to_datetime(at).date();
                months.entry((day.year(), day.month())).or_default().push(row);
            }
        }
        let values: Vec<((i16, i8), f64)> =
            months.iter().filter_map(|(month, rows)| Some((*month, all.of(rows.iter().copied())?))).collect();
        if values.len() > 2 {
            let series: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
            add(format!("{en} by month"), Truth::Months(series.clone()));
            add(format!("Wie hat sich die {de} nach Monat entwickelt?"), Truth::Months(series));
            let ((year, month), value) = values[1];
            add(format!("{en} in {year}-{month:02}"), Truth::Whole(value));
            let ((other_year, other_month), other) = values[2];
            add(
                format!("compare {en} in {other_year}-{other_month:02} with {year}-{month:02}"),
                Truth::Sides(other, value),
            );
        }
        if figure.ratio {
            let (over, under) = rows
                .iter()
                .filter_map(all.parts)
                .fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
            add(format!("How is the {en} calculated?"), Truth::Explained(over, under));
            add(format!("¿Cómo se calcula: {es}?"), Truth::Explained(over, under));
        }
    }
    // What if, from the rows: what is paid for material over the days of the work.
    if let Some(spend) = FIGURES[6].of(FIGURES[6].rows(plant).iter()) {
        let days = plant_days(plant);
        add("What if material prices fall by 5%?".to_owned(), Truth::Saved(spend * 365.0 / days * 0.05));
        add(
            "Was wäre, wenn die Materialpreise um 10 % steigen?".to_owned(),
            Truth::Saved(-spend * 365.0 / days * 0.10),
        );
        add(
            "¿Qué pasaría si los precios de material bajan un 3 %?".to_owned(),
            Truth::Saved(spend * 365.0 / days * 0.03),
        );
    }
    let findings = plant.data.analysis.findings.len() as u64;
    for question in [
        "What are the biggest problems?",
        "Was sind die größten Probleme?",
        "¿Cuáles son los principales problemas?",
    ] {
        add(question.to_owned(), Truth::Findings(findings));
    }
    for question in [
        "scrap rate of machine ZZ-99",
        "Which operator scraps the most?",
        "Ausschussquote im Jahr 1999",
        "what is the weather like",
        "best supplier",
        "scrap rate without the first machine",
        "inventory turns by colour",
        "¿Quién es el peor operario?",
    ] {
        add(question.to_owned(), Truth::None);
    }
    cases
}

fn plant_days(plant: &Plant) -> f64 {
    analyzers::run::load(&plant.data.canonical).unwrap().span_days()
}

enum Judged {
    Right,
    /// It said that it cannot.
    Declined,
    Wrong(String),
}

fn judge(case: &Case, reply: &ask::Reply) -> Judged {
    let declined = !ask::answers(&reply.understood.intent) || reply.answer.kind == "choices";
    if let Truth::None = case.truth {
        return if declined || matches!(reply.understood.intent, Intent::Missing { .. }) {
            Judged::Right
        } else {
            Judged::Wrong(format!("answered {}", reply.answer.text))
        };
    }
    if declined {
        return Judged::Declined;
    }
    let figures: Vec<_> = reply
        .outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Figures(figures) => Some(figures),
            _ => None,
        })
        .collect();
    let whole = |at: usize| figures.get(at).and_then(|figures| figures.whole.value);
    let right = match &case.truth {
        Truth::Whole(value) => whole(0).is_some_and(|own| near(own, *value)),
        Truth::First(name, value) => figures.first().and_then(|figures| figures.lines.first()).is_some_and(|line| {
            line.value.is_some_and(|own| near(own, *value)) && (line.name == *name || !line.name.is_empty())
        }),
        Truth::Sides(a, b) => {
            whole(0).is_some_and(|own| near(own, *a)) && whole(1).is_some_and(|own| near(own, *b))
        }
        Truth::Months(values) => figures.first().is_some_and(|figures| {
            figures.lines.len() == values.len()
                && figures.lines.iter().zip(values).all(|(line, value)| line.value.is_some_and(|own| near(own, *value)))
        }),
        Truth::Saved(value) => reply.outcomes.iter().any(|outcome| {
            matches!(outcome, Outcome::Case(case) if case.saved_per_year.is_some_and(|own| near(own, *value)))
        }),
        Truth::Findings(n) => {
            reply.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Findings(found) if found.total == *n))
        }
        Truth::Explained(over, under) => reply.outcomes.iter().any(|outcome| {
            matches!(outcome, Outcome::Explained(explained)
                if explained.figures.whole.numerator.is_some_and(|own| near(own, *over))
                    && explained.figures.whole.denominator.is_some_and(|own| near(own, *under)))
        }),
        Truth::None => true,
    };
    if right {
        Judged::Right
    } else {
        Judged::Wrong(format!("{:?} → {}", reply.understood.intent, reply.answer.text))
    }
}

#[test]
fn nine_in_ten_are_right_and_none_is_wrong() {
    let mut asked = 0;
    let (mut right, mut declined, mut wrong) = (0, Vec::new(), Vec::new());
    for (orders, seed, style) in [(250, 5, None), (200, 23, None)] {
        let plant = plant(orders, seed, style);
        let mut used: Vec<String> = Vec::new();
        for case in cases(&plant) {
            let reply = ask::ask(&plant.data, &case.question, Language::English).unwrap();
            asked += 1;
            let withheld =
                ["The answer was withheld", "Die Antwort wurde zurückgehalten", "La respuesta se retuvo"];
            assert!(
                !withheld.iter().any(|words| reply.answer.text.starts_with(words)),
                "{}: {:?}",
                case.question,
                reply.outcomes
            );
            match judge(&case, &reply) {
                Judged::Right => right += 1,
                Judged::Declined => declined.push(format!("{} → {}", case.question, reply.answer.text)),
                Judged::Wrong(why) => wrong.push(format!("{} → {why}", case.question)),
            }
            // What is suggested can be answered from these data.
            for question in reply.answer.follow_ups.iter().chain(&reply.answer.choices) {
                if used.contains(question) || used.len() > 60 {
                    continue;
                }
                used.push(question.clone());
                let next = ask::ask(&plant.data, question, Language::English).unwrap();
                assert!(ask::answers(&next.understood.intent), "{question}: {:?}", next.understood.intent);
                assert!(
                    next.answer.kind != "choices" && !next.answer.text.is_empty(),
                    "{question}: {}",
                    next.answer.text
                );
            }
        }
    }
    println!("{asked} questions: {right} right, {} declined, {} wrong", declined.len(), wrong.len());
    for line in declined.iter().chain(&wrong) {
        println!("{line}");
    }
    assert!(asked >= 200, "{asked}");
    assert!(wrong.is_empty());
    assert!(right * 10 >= asked * 9, "{right} of {asked}");
}

/// What their first run gave, before these were mended, is in `docs/assistant.md`.
#[test]
fn questions_as_controllers_word_them_are_answered_or_declined() {
    let (mut asked, mut right, mut declined, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for (orders, seed) in [(250, 5), (200, 71)] {
        let plant = plant(orders, seed, None);
        for case in blind::cases(&plant) {
            let reply = ask::ask(&plant.data, &case.question, Language::English).unwrap();
            asked += 1;
            match judge(&case, &reply) {
                Judged::Right => right += 1,
                Judged::Declined => declined.push(format!("{} → {}", case.question, reply.answer.text)),
                Judged::Wrong(why) => wrong.push(format!("{} → {why}", case.question)),
            }
        }
    }
    println!("{asked} questions: {right} right, {} declined, {} wrong", declined.len(), wrong.len());
    for line in declined.iter().chain(&wrong) {
        println!("{line}");
    }
    assert!(wrong.is_empty());
    assert!(right * 10 >= asked * 9, "{right} of {asked}");
}

/// Plants of several seeds and shapes: English and German exports, one and two facilities, order totals only.
fn held_out(set: &str, seeds: [u64; 4]) -> held_out::Tally {
    let mut tally = held_out::Tally::default();
    for (at, (style, orders, facilities)) in
        [("jobshop", 240, 1), ("sap", 220, 1), ("jobshop", 260, 2), ("header", 300, 1)]
            .into_iter()
            .enumerate()
    {
        let mut spec = PlantSpec::new(orders, seeds[at]);
        style.clone_into(&mut spec.style);
        spec.facilities = Some(facilities);
        let plant = plant_of(&spec);
        let files = held_out::Files::read(plant.folder(), style);
        held_out::ask_all(set, &files, &plant.data, &format!("{style} {}", seeds[at]), &mut tally);
    }
    for line in &tally.lines {
        println!("{line}");
    }
    println!("{} questions: {:?}; right of asked: {:?}", tally.all(), tally.verdicts, tally.of);
    tally
}

/// What it gave when it was first asked is in `docs/assistant.md`: nine in ten and none wrong is the goal, this the guard against
/// falling back.
#[test]
fn the_first_set_is_answered_as_the_files_say() {
    use held_out::Verdict;
    let tally = held_out(include_str!("questions/sets/first.txt"), [311, 58, 907, 12]);
    assert!(tally.count(Verdict::Wrong) <= 29);
    assert!(tally.count(Verdict::Right) >= 720);
}

/// Nothing was mended for these: they are asked to measure, not on every change.
#[test]
#[ignore = "a measure of minutes: cargo test -p app --test questions -- --ignored --nocapture"]
fn the_second_set_is_measured() {
    let tally = held_out(include_str!("questions/sets/second.txt"), [77, 4021, 615, 93]);
    assert!(tally.all() >= 200);
}

/// The figures that the overview shows are those that are answered.
#[test]
fn answers_agree_with_the_key_figures() {
    let plant = plant(200, 5, None);
    let mut compared = 0;
    for kpi in &plant.data.analysis.kpis {
        if assistant::Metric::named(kpi.id).is_none() || kpi.scope.len() > 1 {
            continue;
        }
        let filters = kpi
            .scope
            .iter()
            .map(|entity| assistant::intent::Filter { field: entity.field, value: entity.value.clone() })
            .collect();
        let call = assistant::tool::Call::Explain { metric: kpi.id.to_owned(), filters };
        let Outcome::Explained(explained) = ask::look_up(&plant.data, &call).unwrap() else {
            panic!("{}: {:?}", kpi.id, kpi.scope)
        };
        let own = explained.figures.whole.value.unwrap_or(f64::NAN);
        assert!(near(own, kpi.value), "{} {:?}: {own} and {}", kpi.id, kpi.scope, kpi.value);
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

/// The session of a free query sees the tables of its run and nothing else, and only reads.
#[test]
fn a_free_query_reads_its_own_tables_within_its_bounds() {
    use analyzers::sandbox::{Bounds, Cell, Refusal, select};
    let plant = plant(60, 5, None);
    let canonical = &plant.data.canonical;
    let orders = plant.rows[&Entity::WorkOrder].len() as f64;
    let answer = select(canonical, "SELECT count(*) AS n FROM work_orders", Bounds::default()).unwrap();
    assert_eq!((answer.columns, answer.rows), (vec!["n".to_owned()], vec![vec![Cell::Number(orders)]]));
    let path = canonical.path(Entity::WorkOrder).unwrap().display().to_string();
    for sql in [
        "DROP TABLE work_orders",
        "INSERT INTO work_orders SELECT * FROM work_orders",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "COPY work_orders TO '/tmp/out.csv'",
        "SELECT 1; DROP TABLE work_orders",
        "SET datafusion.execution.batch_size = 1",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM read_csv('/etc/passwd')",
        "WITH a AS (SELECT 1) INSERT INTO work_orders SELECT * FROM a",
        "EXPLAIN SELECT 1",
        "SELECT * FROM generate_series(1, 1000000000)",
        "SELECT count(*) FROM operations a, operations b, operations c WHERE a.source_row + b.source_row < c.source_row",
        "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
        "SHOW TABLES",
        "",
    ] {
        assert!(select(canonical, sql, Bounds::default()).is_err(), "{sql}");
    }
    assert!(select(canonical, &format!("SELECT * FROM '{path}'"), Bounds::default()).is_err());
    let few = Bounds { rows: 3, ..Bounds::default() };
    let cut = select(canonical, "SELECT work_order_id FROM work_orders", few).unwrap();
    assert!(cut.cut && cut.rows.len() == 3);
    let quick = Bounds { time: std::time::Duration::from_millis(300), ..Bounds::default() };
    let started = std::time::Instant::now();
    let slow = select(
        canonical,
        "SELECT count(*) FROM operations a JOIN operations b ON a.source_row * 0 = b.source_row * 0 JOIN operations c ON a.source_row * 0 = c.source_row * 0 JOIN operations d ON a.source_row * 0 = d.source_row * 0 WHERE a.source_row + b.source_row < c.source_row + d.source_row",
        quick,
    );
    assert!(matches!(slow, Err(Refusal::Slow(_) | Refusal::Failed(_))), "{slow:?}");
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}
