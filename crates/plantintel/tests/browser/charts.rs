//! Charts that answer: nothing is fetched for them before somebody points at one; then the same chart stands in the same place, says its
//! values in the reader's format, to the keyboard too, and paper gets the picture. Where the library does not come, the picture stays.

use serde_json::json;

use crate::{chromium::Chromium, every_page::choose};

/// How often the chart library was asked for on this page.
const FETCHED: &str =
    "performance.getEntriesByType('resource').filter((one) => one.name.includes('/assets/echarts')).length";
const ANSWERS: &str = "!!document.querySelector('.chart-frame.answers .live canvas')";
/// The chart as it is painted.
const PAINTED: &str = "document.querySelector('.chart-frame .live canvas').toDataURL()";
/// How far the corners of picture and chart are apart, in pixels.
const APART: &str = "(() => { const box = (what) => document.querySelector('.chart-frame ' + what).getBoundingClientRect(); const seen = document.querySelector('.chart-frame > .wide').offsetWidth ? '.wide svg' : '.phone svg'; const [one, other] = [box(seen), box('.live')]; return Math.max(...['left', 'top', 'right', 'bottom'].map((side) => Math.abs(one[side] - other[side]))); })()";

pub(crate) fn walk(browser: &mut Chromium, address: &str, finding: &str) {
    let page = format!("{address}{finding}");
    browser.goto(&page);
    browser.eval("window.__moved = 0, new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.__moved += one.value; })).observe({ type: 'layout-shift', buffered: true })");
    assert_eq!(browser.eval(FETCHED), json!(0), "the chart library comes before anybody asks for it");
    browser.point_at(".chart-frame svg");
    browser.wait(ANSWERS);
    assert_eq!(browser.eval(FETCHED), json!(1));
    assert!(
        browser.eval(APART).as_f64().is_some_and(|apart| apart < 1.0),
        "the chart is not where the picture was"
    );
    let moved = browser.eval("window.__moved").as_f64().unwrap_or(1.0);
    assert!(moved <= 0.02, "the page moved by {moved}");
    // What is not seen stays: for those who hear the page, and as a table.
    assert_eq!(
        browser
            .eval("document.querySelectorAll('.chart-frame .wide svg title, .as-table summary').length > 1"),
        json!(true)
    );

    let said = by_keyboard(browser);
    assert!(said.contains(", ") && said.chars().any(|letter| letter.is_ascii_digit()), "a point says {said}");
    let light = browser.text(PAINTED);
    browser.look(1440, "dark");
    // The browser tells of the new theme after it has it; a chart that kept its colours is waited for in vain.
    browser.wait(&format!("{PAINTED} !== {}", json!(light)));
    browser.as_paper(Some(720));
    let seen = "[getComputedStyle(document.querySelector('.chart-frame .live')).display, getComputedStyle(document.querySelector('.chart-frame .wide svg')).opacity].join(' ')";
    assert_eq!(browser.text(seen), "none 1", "paper does not get the picture");
    browser.as_paper(None);

    on_a_phone(browser, &page);
    choose(browser, address, "de");
    browser.look(1440, "light");
    browser.goto(&page);
    browser.point_at(".chart-frame svg");
    browser.wait(ANSWERS);
    let german = by_keyboard(browser);
    assert_ne!(german, said, "what a point says is not in the reader's language");
    choose(browser, address, "");
    without_the_library(browser, &page);
}

/// What the second point of the first chart says, reached with the keyboard.
fn by_keyboard(browser: &mut Chromium) -> String {
    browser.eval(
        "document.querySelector('.chart-frame').focus(), document.querySelector('#live').textContent = ''",
    );
    browser.press("ArrowRight");
    browser.press("ArrowRight");
    browser.wait("document.querySelector('#live').textContent !== ''");
    browser.text("document.querySelector('#live').textContent")
}

fn on_a_phone(browser: &mut Chromium, page: &str) {
    browser.look(390, "light");
    browser.goto(page);
    let sideways = "Array.from(document.querySelectorAll('.chart-frame')).filter((frame) => frame.scrollWidth > frame.clientWidth).length";
    assert_eq!(browser.eval(sideways), json!(0), "a chart scrolls sideways");
    assert_eq!(browser.eval("document.querySelector('.chart-frame > .phone').offsetWidth > 0"), json!(true));
    browser.point_at(".chart-frame .phone svg");
    browser.wait(ANSWERS);
    assert!(browser.eval(APART).as_f64().is_some_and(|apart| apart < 1.0));
    // Turned on its side there is room for the other picture, and the chart follows.
    browser.look(1440, "light");
    browser.wait(&format!("{APART} < 1 && document.querySelector('.chart-frame .live').offsetWidth > 400"));
}

fn without_the_library(browser: &mut Chromium, page: &str) {
    let complaints = browser.complaints.len();
    browser.block(&["*/assets/echarts*"]);
    browser.goto(page);
    browser.point_at(".chart-frame svg");
    browser.wait("document.querySelector('.chart-frame').dataset.awake === 'no'");
    let seen = "getComputedStyle(document.querySelector('.chart-frame .wide svg')).opacity + document.querySelectorAll('.live').length";
    assert_eq!(browser.text(seen), "10", "the picture does not stay");
    browser.block(&[]);
    // The browser says that something was kept from it, as was wanted.
    browser.complaints.truncate(complaints);
}
