//! A plant that comes back every month: rows mended by cause and undone, the mapping saved, copied and taken along, the same
//! export started fresh, saved as new, analyzed by itself; suggestions dismissed, templates kept; pages on paper.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::{chromium::Chromium, every_page::Eye, product::Product};

/// Operations of 80 jobs; some cells are not what the others are. Each month costs a little else.
fn export(folder: &Path, name: &str) -> PathBuf {
    let month = name.bytes().map(f64::from).sum::<f64>() / 100.0;
    let mut text =
        "Job,Oper,Work Center,Part,Order Qty,Est Run Hrs,Act Run Hrs,Act Mtl Cost,Est Mtl Cost,Start Date\r\n"
            .to_owned();
    for job in 0..80_usize {
        for step in 0..3_usize {
            let center = match (job % 9, step) {
                (4, 0) => "SAW",
                (_, 0) => "Saw",
                (_, 1) => "Mill",
                _ => "Inspect",
            };
            let hours = if job % 20 == 7 && step == 1 {
                "see log".to_owned()
            } else {
                format!("{:.2}", 1.1 + (job % 7) as f64 * 0.3 + step as f64)
            };
            text.push_str(&format!(
                "J{:04},{},{center},P-{:02},{},{:.2},{hours},{:.2},{:.2},2025-{:02}-{:02}\r\n",
                job + 1000,
                10 * (step + 1),
                job % 12,
                20 + job % 5,
                1.0 + (job % 7) as f64 * 0.3 + step as f64,
                410.0 + job as f64 * 3.0 + month,
                400.0 + job as f64 * 3.0,
                1 + job / 8,
                1 + job % 27,
            ));
        }
    }
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_plant_comes_back_with_the_same_export() {
    let folder = tempfile::Builder::new().prefix("plantintel-returning-").tempdir().unwrap();
    let Some(mut browser) = Chromium::open() else {
        eprintln!("skipped: no browser is installed");
        return;
    };
    let Some(product) = Product::start(folder.path()) else { return };
    let browser = &mut browser;
    let at = |path: &str| format!("{}{path}", product.address);
    let mut eye = Eye::open();
    browser.look(1440, "light");
    browser.goto(&product.link);
    browser.click_through("form button[type=submit]");

    let import = upload(browser, &at("/data/new"), &export(folder.path(), "ops-june.csv"), false);
    rows_become_orders(browser, &mut eye);
    orders_of_the_table(browser, &at(&format!("{import}/match")));
    browser.send(&format!("{import}/confirmation"), &[("name", "Shop operations")]);
    assert_eq!(browser.text("document.querySelector('h1').innerText"), "Review rows");
    mended_by_cause(browser, &mut eye, &import);
    suggestions_and_templates(browser, &mut eye, &at(""), &import);
    analyzed(browser, &import);
    set_aside_rows_are_told(browser, &at("/data/quality"));
    on_paper(browser, &at(""));
    explored(browser, &mut eye, &at(""));
    the_library(browser, &mut eye, &at(""));
    next_month(browser, &mut eye, &at(""), folder.path());
    assert_eq!(browser.complaints, Vec::<String>::new());
    eye.close();
}

/// Uploads a file and waits until its columns, or its analysis, can be looked at; the address of the import.
fn upload(browser: &mut Chromium, page: &str, file: &Path, analyze_known: bool) -> String {
    browser.goto(page);
    if analyze_known {
        browser.eval("document.querySelector('input[name=analyze_known]').checked = true, 0");
    }
    browser.choose_files("input[type=file]", &[file.to_owned()]);
    browser.wait(
        "!!document.querySelector('form[action$=\"/confirmation\"]') || location.pathname.endsWith('/analysis')",
    );
    browser.wait("document.readyState === 'complete'");
    browser.text("location.pathname.split('/').slice(0, 3).join('/')")
}

/// Sends the form that has a field of this name and value.
fn press(browser: &mut Chromium, name: &str, value: &str) {
    let sent = browser.eval(&format!(
        "(() => {{ const field = [...document.querySelectorAll('input[type=hidden]')].find((one) => one.name === {} && one.value === {}); if (!field) return false; window.__left = true; field.form.requestSubmit(); return true; }})()",
        json!(name),
        json!(value)
    ));
    assert_eq!(sent, json!(true), "no form with {name}={value} at {}", browser.text("location.href"));
    browser.wait("!window.__left && document.readyState === 'complete'");
}

/// Kinds of matches are told; the order of the file stands as an example; rows are gathered into orders, and kept again.
fn rows_become_orders(browser: &mut Chromium, eye: &mut Eye) {
    let kinds = browser.eval("document.querySelectorAll('.match .kind').length");
    assert!(kinds.as_u64() >= Some(6), "kinds of matches: {kinds}");
    browser.eval("document.querySelector('details.sides').open = true, 0");
    let sides = browser.text("document.querySelector('details.sides').innerText");
    assert!(sides.contains("Act Mtl Cost") && sides.contains("Act Run Hrs"), "{sides}");
    assert!(sides.contains("For example") && sides.contains("J1000"), "{sides}");
    eye.look(browser, "match-sides");
    press(browser, "detail", "aggregate");
    assert!(browser.words().contains("Only orders are kept"));
    press(browser, "detail", "keep");
    assert!(!browser.words().contains("Only orders are kept"));
}

/// Columns can stand in the order of the file and by what they mean, and a decision keeps the order.
fn orders_of_the_table(browser: &mut Chromium, page: &str) {
    browser.goto(&format!("{page}?order=file"));
    let headers =
        browser.text("[...document.querySelectorAll('.match .col b')].map((one) => one.innerText).join(',')");
    assert!(headers.starts_with("Job,Oper,Work Center,Part"), "{headers}");
    browser.goto(&format!("{page}?order=field"));
    let groups = browser
        .text("[...document.querySelectorAll('.match .group b')].map((one) => one.innerText).join(',')");
    assert!(groups.starts_with("Work order,Operation"), "{groups}");
}

/// All rows of a cause, with what it would do first; each change is undone by itself.
fn mended_by_cause(browser: &mut Chromium, eye: &mut Eye, import: &str) {
    assert!(browser.words().contains("Act Run Hrs"), "the cells that are no number are not told");
    let tried = "!!document.querySelector('#tried') && document.readyState === 'complete'";
    browser.eval(
        "(() => { const fix = document.querySelector('details.fix'); fix.open = true; const form = fix.querySelector('form'); form.elements.how.value = 'fill'; form.elements.with.value = '2.5'; form.requestSubmit(); return 0; })()",
    );
    browser.wait(tried);
    eye.look(browser, "review-tried");
    browser.send(&format!("{import}/rows/fixes"), &[]);
    let done = browser.text("document.querySelector('#done').innerText");
    assert!(done.contains("Act Run Hrs") && done.contains("4 of 240"), "{done}");

    for (how, value, with) in [("replace", "Inspect", "Inspection"), ("set_aside", "SAW", "")] {
        browser.eval(&format!(
            "(() => {{ const form = document.querySelector('#values form'); const fields = form.elements; fields.at.value = '0:Work Center'; fields.how.value = {}; fields.value.value = {}; fields.with.value = {}; form.requestSubmit(); return 0; }})()",
            json!(how),
            json!(value),
            json!(with)
        ));
        browser.wait(&format!("{tried} && location.search.includes({})", json!(how)));
        browser.eval("window.__left = true, document.querySelector('#tried form').requestSubmit(), 0");
        browser.wait("!window.__left && document.readyState === 'complete'");
    }
    let done = browser.text("document.querySelector('#done').innerText");
    assert!(
        done.contains("“Inspect” becomes “Inspection”") && done.contains("Rows with “SAW” are set aside")
    );
    eye.look(browser, "review-done");
    press(browser, "change", "entry:Inspect");
    let done = browser.text("document.querySelector('#done').innerText");
    assert!(!done.contains("Inspection") && done.contains("SAW") && done.contains("Act Run Hrs"), "{done}");
}

/// A suggestion that is not wanted goes; a rule is kept as a template of one's own and fills another column.
fn suggestions_and_templates(browser: &mut Chromium, eye: &mut Eye, address: &str, import: &str) {
    let asked = "document.querySelectorAll('form[action$=\"/preparation/dismissal\"]').length";
    let before = browser.eval(asked).as_u64().unwrap();
    if before > 0 {
        browser.eval("window.__left = true, document.querySelector('form[action$=\"/preparation/dismissal\"]').requestSubmit(), 0");
        browser.wait("!window.__left && document.readyState === 'complete'");
        assert_eq!(browser.eval(asked).as_u64().unwrap(), before - 1);
    }
    let column = format!("{address}{import}/preparation?table=0&column=Rate");
    browser.goto(&column);
    browser.send(
        &format!("{import}/preparation"),
        &[
            ("rule", "lookup"),
            ("source", "Work Center"),
            ("entries", "Saw = 40\nMill = 60"),
            ("otherwise", "empty"),
        ],
    );
    assert!(browser.words().contains("over the whole file"));
    browser.send(
        &format!("{import}/preparation/template"),
        &[("name", "Rates of our shop"), ("category", "machine")],
    );
    browser.goto(&format!("{address}{import}/preparation?table=0&column=Second+rate"));
    assert!(browser.words().contains("Rates of our shop"));
    eye.look(browser, "prepare-templates");
    browser.eval(
        "window.__left = true, (() => { const pick = document.querySelector('#template'); pick.value = [...pick.options].find((one) => one.text.startsWith('Rates of our shop')).value; document.querySelector('#over').value = 'Part'; pick.form.requestSubmit(); })(), 0",
    );
    browser.wait("!window.__left && document.readyState === 'complete'");
    assert!(browser.text("document.querySelector('#entries').value").contains("Saw = 40"));
    // What was made to try is taken away again.
    browser.goto(&column);
    browser.eval("window.__left = true, document.querySelector('button[name=remove]').click(), 0");
    browser.wait("!window.__left && document.readyState === 'complete'");
    browser.goto(&format!("{address}{import}/rows"));
}

/// What was mended is confirmed with the analysis.
fn analyzed(browser: &mut Chromium, import: &str) {
    assert!(browser.words().contains("Confirm and analyze"));
    browser.send(&format!("{import}/analysis"), &[]);
    browser.wait("!!document.querySelector('a.btn.primary[href=\"/\"]')");
}

fn set_aside_rows_are_told(browser: &mut Chromium, page: &str) {
    browser.goto(page);
    assert!(browser.words().contains("set aside by you"), "{}", browser.words());
}

/// Overview and a finding on paper: no navigation, nothing over the edge, heads of tables, charts, numbered pages.
fn on_paper(browser: &mut Chromium, address: &str) {
    browser.goto(&format!("{address}/findings"));
    let finding =
        browser.text("(document.querySelector('main td a[href^=\"/findings/\"]') || {}).pathname || ''");
    let mut pages = vec![("overview", "/".to_owned()), ("actions", "/actions".to_owned())];
    if !finding.is_empty() {
        pages.push(("finding", finding));
    }
    for (name, path) in pages {
        browser.goto(&format!("{address}{path}"));
        look_at_paper(browser, name);
    }
}

/// The page that is open, on A4.
#[expect(clippy::disallowed_methods, reason = "a browser test is told where its pictures go")]
pub(crate) fn look_at_paper(browser: &mut Chromium, name: &str) {
    // A4 without its margins, at 96 pixels an inch.
    browser.as_paper(Some(695));
    let hidden = browser.text(
        "['.rail', '.topbar', '.tabbar', '.dock', '.filters', '.btn', '.foot'].filter((one) => [...document.querySelectorAll(one)].some((found) => found.offsetParent !== null || getComputedStyle(found).display !== 'none')).join(', ')",
    );
    assert_eq!(hidden, "", "{name}: on paper there is nothing to press");
    let over = browser.eval("document.documentElement.scrollWidth - window.innerWidth");
    assert!(over.as_i64().is_some_and(|over| over <= 0), "{name}: paper runs over by {over}");
    let heads = browser.eval(
        "[...document.querySelectorAll('main table thead')].filter((one) => one.offsetParent !== null).every((one) => getComputedStyle(one).display === 'table-header-group' && getComputedStyle(one).position === 'static')",
    );
    assert_eq!(heads, json!(true), "{name}: heads of tables do not repeat");
    let charts = browser.eval(
        "[...document.querySelectorAll('.chart-frame')].every((frame) => [...frame.querySelectorAll('svg.chart')].filter((one) => one.getBoundingClientRect().width > 200).length === 1)",
    );
    assert_eq!(charts, json!(true), "{name}: a chart is lost, or stands twice");
    browser.as_paper(None);
    let pdf = browser.paper();
    assert!(pdf.starts_with(b"%PDF"), "{name}");
    if let Ok(folder) = std::env::var("PLANTINTEL_SCREENSHOTS") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.pdf")), pdf).unwrap();
    }
    browser.look(1440, "light");
}

/// Groups have totals, a filter of the form stands in the address, the list of findings groups and exports.
fn explored(browser: &mut Chromium, eye: &mut Eye, address: &str) {
    browser.goto(&format!("{address}/explore?table=operation&group=work_center_id&by=actual_run_hours"));
    let last = browser
        .text("document.querySelector('section[aria-label=Rows] table tbody tr:last-child').innerText");
    assert!(last.starts_with("All"), "no totals: {last}");
    eye.look(browser, "explore-totals");
    browser.goto(&format!("{address}/explore?table=operation&where=work_center_id&is=Mill"));
    assert!(browser.text("document.querySelector('.conditions').innerText").contains("Mill"));
    browser.goto(&format!("{address}/findings?group=evidence"));
    let exported = browser.text(
        "fetch(document.querySelector('a[href^=\"/findings/list.csv\"]').href).then((answer) => answer.text()).then((text) => text.slice(0, 12))",
    );
    assert_eq!(exported, "finding,type");
}

/// The saved mapping: copied, taken along as a file, with its variables.
fn the_library(browser: &mut Chromium, eye: &mut Eye, address: &str) {
    browser.goto(&format!("{address}/data/mappings"));
    browser.click_through("main td a[href^=\"/data/mappings/\"]");
    assert_eq!(browser.text("document.querySelector('h1').innerText"), "Shop operations");
    assert!(browser.words().contains("Everybody in your organisation reads exports"));
    eye.look(browser, "mapping-shared");
    let file = browser.text(
        "fetch(document.querySelector('a[href$=\"/mapping.json\"]').href).then((answer) => answer.json()).then((one) => one.plantintel_mapping + ' ' + one.tables[0].granularity + ' ' + one.tables[0].preparation.length)",
    );
    assert_eq!(file, "1 operation 2", "the file holds what is done to the cells");
    browser
        .eval("window.__left = true, document.querySelector('form[action$=\"/copy\"]').requestSubmit(), 0");
    browser.wait("!window.__left && document.readyState === 'complete'");
    assert_eq!(browser.text("document.querySelector('h1').innerText"), "Copy of Shop operations");
    // A copy that reads the same exports would stand in the way of the first: it goes again.
    let copy = browser.text("location.pathname");
    browser.goto(&format!("{address}/data/mappings"));
    browser.send(&format!("{copy}/delete"), &[]);
}

/// The same export again: by itself, started fresh, saved as a new mapping.
fn next_month(browser: &mut Chromium, eye: &mut Eye, address: &str, folder: &Path) {
    let new = format!("{address}/data/new");
    // Nobody confirms or starts anything: the analysis is there after a while.
    let import = upload(browser, &new, &export(folder, "ops-july.csv"), true);
    let analysis = format!("{address}{import}/analysis");
    let there = "!!document.querySelector('a.btn.primary[href=\"/\"]')";
    for _ in 0..200 {
        browser.goto(&analysis);
        if browser.eval(there) == json!(true) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert_eq!(browser.eval(there), json!(true), "a known export was not analyzed by itself");

    let import = upload(browser, &new, &export(folder, "ops-august.csv"), false);
    let words = browser.words();
    assert!(words.contains("A known export"), "{}", &words[..words.len().min(600)]);
    eye.look(browser, "match-known");
    browser.send(&format!("{import}/afresh"), &[]);
    assert!(browser.words().contains("Proposed anew"));
    assert!(!browser.text("document.querySelector('#match').innerText").contains("As confirmed before"));

    let import = upload(browser, &new, &export(folder, "ops-september.csv"), false);
    browser.send(&format!("{import}/confirmation"), &[("name", "Shop operations, autumn"), ("as_new", "on")]);
    browser.goto(&format!("{address}/data/mappings"));
    let listed = browser.words();
    assert!(listed.contains("Shop operations, autumn") && listed.contains("Shop operations"), "{listed}");
}
