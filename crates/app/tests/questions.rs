//! Two hundred questions over generated plants, answered without a model and checked against figures that this test works
//! out itself from the rows of the tables, in plain loops.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail loudly, read simply and say what it counted"
)]

#[path = "questions/blind.rs"]
mod blind;
#[path = "questions/figures.rs"]
mod figures;
#[path = "questions/held_out/mod.rs"]
mod held_out;
#[path = "questions/listed.rs"]
mod listed;

use std::collections::BTreeMap;

use app::{
    Scratch,
    analyze::{Decisions, Request},
    ask::{self, Data},
};
use assistant::{Language, tool::Outcome};
use domain::{Settings, settings::Preset};
use explorer::{Ask, Described, Explorer, Seen};
use generator::PlantSpec;
use ontology::Entity;

use figures::{CENTERS, FIGURES, Figure, MACHINES};
use listed::{Case, Judged, Truth, cases, judge, near};

type Row = BTreeMap<&'static str, Seen>;

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

fn plant(orders: u64, seed: u64) -> Plant {
    plant_of(&PlantSpec::new(orders, seed))
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

#[test]
fn nine_in_ten_are_right_and_none_is_wrong() {
    let mut asked = 0;
    let (mut right, mut declined, mut wrong) = (0, Vec::new(), Vec::new());
    // Every question of one plant, and some of another.
    for (orders, seed, step) in [(250, 5, 1), (200, 23, 4)] {
        let plant = plant(orders, seed);
        let mut used: Vec<String> = Vec::new();
        for case in cases(&plant).into_iter().step_by(step) {
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
                if used.contains(question) || used.len() > 20 {
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
        let plant = plant(orders, seed);
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

/// The style of a plant's export, its orders, its facilities and its seed.
type Shape = (&'static str, u64, u32, u64);

fn held_out(set: &str, shapes: &[Shape]) -> held_out::Tally {
    let mut tally = held_out::Tally::default();
    for (style, orders, facilities, seed) in shapes {
        let mut spec = PlantSpec::new(*orders, *seed);
        (*style).clone_into(&mut spec.style);
        spec.facilities = Some(*facilities);
        let plant = plant_of(&spec);
        let files = held_out::Files::read(plant.folder(), style);
        held_out::ask_all(set, &files, &plant.data, &format!("{style} {seed}"), &mut tally);
    }
    for line in &tally.lines {
        println!("{line}");
    }
    println!("{} questions: {:?}; right of asked: {:?}", tally.all(), tally.verdicts, tally.of);
    tally
}

const FIRST: &str = include_str!("questions/sets/first.txt");
const TWO_PLANTS: Shape = ("jobshop", 260, 2, 907);

/// What the set gave when it was first asked is in `docs/assistant.md`: nine in ten and none wrong is the goal, this the guard
/// against falling back, on one plant of four.
#[test]
fn the_first_set_is_answered_as_the_files_say() {
    use held_out::Verdict;
    let tally = held_out(FIRST, &[TWO_PLANTS]);
    assert!(tally.count(Verdict::Wrong) <= 2);
    assert!(tally.count(Verdict::Right) >= 205);
}

/// A set over plants of several seeds and shapes: English and German exports, one and two facilities, order totals only. What it gave
/// when it was first asked is in `docs/assistant.md`; the bounds are what it gives since it was mended for.
fn measured(set: &str, seeds: [u64; 4], right: u32, wrong: u32) {
    use held_out::Verdict;
    let [one, german, two, header] = seeds;
    let shapes = [
        ("jobshop", 240, 1, one),
        ("sap", 220, 1, german),
        ("jobshop", 260, 2, two),
        ("header", 300, 1, header),
    ];
    let tally = held_out(set, &shapes);
    assert!(tally.count(Verdict::Wrong) <= wrong);
    assert!(tally.count(Verdict::Right) >= right);
}

#[test]
#[ignore = "a measure of minutes: cargo test -p app --test questions -- --ignored --nocapture"]
fn the_first_set_is_measured() {
    measured(FIRST, [311, 58, 907, 12], 840, 1);
}

/// By the author of the first.
#[test]
#[ignore = "a measure of minutes: cargo test -p app --test questions -- --ignored --nocapture"]
fn the_second_set_is_measured() {
    measured(include_str!("questions/sets/second.txt"), [77, 4021, 615, 93], 835, 9);
}

/// By another author, who had not seen the assistant's words.
#[test]
#[ignore = "a measure of minutes: cargo test -p app --test questions -- --ignored --nocapture"]
fn the_third_set_is_measured() {
    measured(include_str!("questions/sets/third.txt"), [431, 1207, 88, 39], 842, 2);
}

/// By another author again, who had not seen them either.
#[test]
#[ignore = "a measure of minutes: cargo test -p app --test questions -- --ignored --nocapture"]
fn the_fourth_set_is_measured() {
    measured(include_str!("questions/sets/fourth.txt"), [277, 914, 503, 66], 818, 8);
}

/// By a third author, who had not seen them either.
#[test]
#[ignore = "a measure of minutes: cargo test -p app --test questions -- --ignored --nocapture"]
fn the_fifth_set_is_measured() {
    measured(include_str!("questions/sets/fifth.txt"), [612, 345, 71, 1903], 772, 5);
}

/// By the author of the fifth, at the same time; asked after mending for the fifth.
#[test]
#[ignore = "a measure of minutes: cargo test -p app --test questions -- --ignored --nocapture"]
fn the_sixth_set_is_measured() {
    measured(include_str!("questions/sets/sixth.txt"), [808, 219, 1444, 27], 762, 10);
}

/// By a fourth author, who had not seen the words either, and worded it plainly; asked after mending for the sixth.
#[test]
#[ignore = "a measure of minutes: cargo test -p app --test questions -- --ignored --nocapture"]
fn the_seventh_set_is_measured() {
    measured(include_str!("questions/sets/seventh.txt"), [5151, 640, 72, 333], 762, 2);
}

/// Steps of an order add up to more than its pieces: they do not stand for orders of which none ended in the time asked for.
#[test]
fn what_ended_in_no_month_made_nothing_in_it() {
    let plant = plant(200, 5);
    let month = |row: &Row, field: &str| {
        let micros = moment(row, field)?;
        let at = jiff::Timestamp::from_microsecond(micros).ok()?;
        let date = jiff::tz::Offset::UTC.to_datetime(at).date();
        Some(date.strftime("%Y-%m").to_string())
    };
    let mut asked = 0;
    for order in &plant.rows[&Entity::WorkOrder] {
        let (Some(product), Some(number)) = (text(order, "product_id"), text(order, "work_order_id")) else {
            continue;
        };
        let ended: Vec<_> = plant.rows[&Entity::WorkOrder]
            .iter()
            .filter(|row| text(row, "product_id").as_ref() == Some(&product))
            .filter_map(|row| month(row, "actual_end"))
            .collect();
        let worked = plant.rows[&Entity::Operation]
            .iter()
            .filter(|row| text(row, "work_order_id").as_ref() == Some(&number))
            .filter_map(|row| month(row, "operation_actual_end"))
            .find(|month| !ended.contains(month));
        let Some(worked) = worked else { continue };
        let question = format!("good quantity of {product} in {worked}");
        let reply = ask::ask(&plant.data, &question, Language::English).unwrap();
        let figures = reply.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Figures(figures) => Some(figures),
            _ => None,
        });
        assert_eq!(figures.unwrap().whole.value, None, "{question}: {}", reply.answer.text);
        asked += 1;
        if asked == 5 {
            break;
        }
    }
    assert!(asked > 0);
}

/// The figures that the overview shows are those that are answered.
#[test]
fn answers_agree_with_the_key_figures() {
    let plant = plant(200, 5);
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
    let plant = plant(60, 5);
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
        "SHOW TABLES",
        "",
    ] {
        assert!(select(canonical, sql, Bounds::default()).is_err(), "{sql}");
    }
    // What would run for ever is stopped by the clock.
    let brief = Bounds { time: std::time::Duration::from_secs(1), ..Bounds::default() };
    for sql in [
        "SELECT count(*) FROM operations a, operations b, operations c WHERE a.source_row + b.source_row < c.source_row",
        "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    ] {
        assert!(select(canonical, sql, brief).is_err(), "{sql}");
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
