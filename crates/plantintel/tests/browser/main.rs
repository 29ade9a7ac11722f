//! The product in a browser: from an empty installation to an exported finding, by keyboard through the match, the same
//! export next month, and every page in both themes, wide and narrow. And the money in it: an operator's day, and a customer from
//! sign-up to a limit and an upgrade. And a month under a moved clock, in which exports come by themselves.
//!
//! Without a browser or a Postgres, the test says so and passes. `PLANTINTEL_AXE` names an `axe.min.js`, which looks at
//! accessibility; `PLANTINTEL_SCREENSHOTS` names a folder, which gets a picture of every page, in English and in the languages of
//! `PLANTINTEL_LANGUAGES`:
//!
//! `PLANTINTEL_SCREENSHOTS=shots PLANTINTEL_LANGUAGES=de,es cargo test -p plantintel --test browser`

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::panic,
    reason = "tests stop where they fail, and say what they skip"
)]

mod asking;
mod charts;
mod chromium;
mod commerce;
mod every_page;
mod month;
mod product;
mod returning;

use chromium::Chromium;
use product::{Product, exports};
use serde_json::json;

#[test]
fn a_plant_controller_gets_from_nothing_to_a_finding() {
    let folder = tempfile::Builder::new().prefix("plantintel-browser-").tempdir().unwrap();
    let Some(mut browser) = Chromium::open() else {
        eprintln!("skipped: no browser is installed");
        return;
    };
    let Some(product) = Product::start(folder.path()) else { return };
    browser.look(1440, "light");

    // An empty installation: the printed link signs in, and the start page offers three ways.
    browser.goto(&product.link);
    browser.click_through("form button[type=submit]");
    assert_eq!(browser.text("document.querySelector('h1').innerText"), "Find where your plant loses money");
    assert_eq!(browser.eval("document.querySelectorAll('form[action=\"/sample\"]').length"), json!(1));

    let files = exports(&folder.path().join("exports"));
    assert!(files.len() > 3, "{files:?}");
    browser.choose_files("input[type=file]", &files);
    browser.wait("!!document.querySelector('form[action$=\"/confirmation\"]')");
    by_keyboard_through_the_match(&mut browser);
    browser.wait("!!document.querySelector('a.btn.primary[href=\"/\"]')");
    browser.click_through("a.btn.primary[href=\"/\"]");
    let amount = browser.text("document.querySelector('.display').innerText");
    assert!(amount.starts_with('$'), "{amount}");

    // From the headline to one finding, and out of the product.
    browser.click_through("section.flush table a[href^=\"/findings/\"]");
    let finding = browser.text("location.pathname");
    assert!(!browser.text("document.querySelector('h1').innerText").is_empty());
    assert_eq!(download(&mut browser, "a[href$=\".xlsx\"]"), "200 PK");
    assert_eq!(download(&mut browser, "a[href$=\"/page.pdf\"]"), "200 %P");
    let order = browser.text("(document.querySelector('a[href^=\"/orders/\"]') || {}).pathname || ''");
    if !order.is_empty() {
        browser.goto(&format!("{}{order}", product.address));
        assert!(browser.text("document.querySelector('h1').innerText").starts_with("Order "));
        browser.goto(&format!("{}{finding}", product.address));
    }
    accept(&mut browser);
    browser.goto(&format!("{}/actions", product.address));
    assert_eq!(browser.eval(&format!("document.querySelectorAll('a[href=\"{finding}\"]').length")), json!(1));

    // Groups lead to their rows, and rows to a file.
    browser.goto(&format!(
        "{}/explore?table=operation&group=work_center_id&by=actual_run_hours",
        product.address
    ));
    assert!(browser.eval("document.querySelectorAll('.wide svg.chart').length").as_u64() == Some(1));
    browser.click_through("td a[href*=\"is.work_center_id=\"]");
    assert!(browser.text("document.querySelector('.conditions').innerText").contains("Work center"));
    assert_eq!(download(&mut browser, "a[href^=\"/explore/rows.csv\"]"), "200 wo");

    // The same export again: what it means is known.
    browser.goto(&format!("{}/data/new", product.address));
    browser.choose_files("input[type=file]", &files);
    browser.wait("!!document.querySelector('form[action$=\"/confirmation\"]')");
    let known = browser.text("document.querySelector('main').innerText");
    assert!(
        known.to_lowercase().contains("known"),
        "a known export is not recognised: {}",
        &known[..600.min(known.len())]
    );

    charts::walk(&mut browser, &product.address, &finding);
    asking::walk(&mut browser, &product.address, &finding);
    in_german(&mut browser, &product.address);
    assert_eq!(browser.complaints, Vec::<String>::new());
    every_page::look_at_all(&mut browser, &product.address, &finding, &order);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// Keys only: through the columns, a decision and its undo where one is open, confirmed, and the analysis started.
fn by_keyboard_through_the_match(browser: &mut Chromium) {
    browser.press("j");
    let inside = "!!document.activeElement.closest('[data-row]')";
    assert_eq!(browser.eval(inside), json!(true), "J does not move through the columns");
    // What is open stands first: the first row is one to decide, if any is.
    if browser.eval("!!document.querySelector('[data-decide]')") == json!(true) {
        let chosen = "document.querySelectorAll('[data-undo]').length";
        assert_eq!(browser.eval(chosen), json!(0));
        browser.press("1");
        browser.wait(&format!("document.readyState === 'complete' && {chosen} === 1"));
        browser.eval("window.__left = true");
        browser.press("z");
        browser.wait("!window.__left && document.readyState === 'complete'");
        browser.press("j");
        browser.press("j");
        assert_eq!(browser.eval(inside), json!(true), "J stops at what is open");
    }
    tab_to(browser, "form[action$=\"/confirmation\"] button");
    browser.press("Enter");
    browser.wait("location.pathname.endsWith('/rows') && document.readyState === 'complete'");
    tab_to(browser, "form[action$=\"/analysis\"] button");
    browser.press("Enter");
    browser.wait("location.pathname.endsWith('/analysis')");
}

/// The person's own setting speaks, on every page and in its figures, until it is taken back.
fn in_german(browser: &mut Chromium, address: &str) {
    every_page::choose(browser, address, "de");
    browser.goto(&format!("{address}/findings"));
    assert_eq!(browser.text("document.documentElement.lang"), "de");
    assert_eq!(browser.text("document.querySelector('h1').innerText"), "Befunde");
    let amount = browser.text("document.querySelector('td.num').innerText");
    assert!(amount.contains("\u{a0}$") && amount.contains('.'), "no German amount: {amount}");
    every_page::choose(browser, address, "");
}

fn tab_to(browser: &mut Chromium, selector: &str) {
    let there = format!("document.activeElement.matches({})", json!(selector));
    for _ in 0..600 {
        if browser.eval(&there) == json!(true) {
            return;
        }
        browser.press("Tab");
    }
    panic!("Tab never reaches {selector}");
}

/// What a download answers: its status, and its first two letters.
fn download(browser: &mut Chromium, selector: &str) -> String {
    browser.text(&format!(
        "fetch(document.querySelector({}).href).then(async (answer) => answer.status + ' ' + (await answer.text()).slice(0, 2))",
        json!(selector)
    ))
}

fn accept(browser: &mut Chromium) {
    browser.eval(
        "window.__left = true, Array.from(document.querySelectorAll('form[action$=\"/status\"]')).find((form) => form.elements.status.value === 'accepted').requestSubmit()",
    );
    browser.wait("!window.__left && document.readyState === 'complete'");
}
