//! A month with nobody present, seen in a browser: exports that come by themselves into a watched folder, one that differs and waits
//! for a person, the report of each week. The clock of the program is moved; the program is the one that customers run.
//!
//! Needs libfaketime (Debian: `apt install libfaketime`); passed over with a printed line where it is not installed.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::json;
use testkit::faketime::Faketime;

use crate::{
    chromium::Chromium,
    product::{Product, exports},
};

/// Each thing that is waited for takes one or two rounds of the worker and the work itself.
const PATIENCE: Duration = Duration::from_mins(3);

struct Month {
    browser: Chromium,
    product: Product,
    clock: Faketime,
    /// Where the source looks.
    watched: PathBuf,
    source: String,
    text: String,
}

impl Month {
    fn at(&mut self, path: &str) -> &mut Chromium {
        let there = format!("{}{path}", self.product.address);
        self.browser.goto(&there);
        &mut self.browser
    }

    /// The export of another time: the same columns, some rows less.
    fn drop(&self, name: &str, rows_less: usize) {
        let lines: Vec<&str> = self.text.lines().collect();
        fs::write(self.watched.join(name), lines[..lines.len() - rows_less].join("\n") + "\n").unwrap();
    }

    fn days_later(&self, days: u32) {
        self.clock.set(&format!("+{days}d")).unwrap();
    }

    /// Looks at a page again and again, as somebody does who waits for something on it.
    fn until(&mut self, path: &str, condition: &str) {
        let begun = Instant::now();
        while self.at(path).eval(condition) != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "{condition} never came: {}", self.browser.words());
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// Waits until a file of the source stands so.
    fn until_file(&mut self, name: &str, stands: &str) {
        let files = format!("/settings/sources/{}", self.source);
        let row = format!(
            "[...document.querySelectorAll('main tbody tr')].some((row) => row.innerText.includes({}) && row.innerText.includes({}))",
            json!(name),
            json!(stands)
        );
        self.until(&files, &row);
    }

    fn analyses(&mut self) -> i64 {
        let completed = "fetch('/api/v1/analyses?limit=200').then((all) => all.json()).then((all) => all.items.filter((one) => one.state === 'completed').length)";
        self.browser.eval(completed).as_i64().unwrap()
    }

    fn until_analyses(&mut self, n: i64) {
        let begun = Instant::now();
        while self.analyses() < n {
            assert!(begun.elapsed() < PATIENCE, "there were never {n} analyses");
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

fn begin(folder: &Path) -> Option<Month> {
    let clock = Faketime::beside(folder)?;
    let Some(mut browser) = Chromium::open() else {
        eprintln!("skipped: no browser is installed");
        return None;
    };
    let root = folder.join("watched");
    fs::create_dir(&root).unwrap();
    let root_text = root.display().to_string();
    let mut settings = vec![
        ("PLANTINTEL_WATCHED_FOLDER", &*root_text),
        // Nobody signs in anew for a month.
        ("PLANTINTEL_SESSION_IDLE_HOURS", "1000"),
        ("PLANTINTEL_SESSION_HOURS", "2000"),
    ];
    let moved = clock.environment();
    settings.extend(moved.iter().map(|(name, value)| (&**name, &**value)));
    let product = Product::start_with(folder, &settings)?;
    browser.look(1440, "light");
    browser.goto(&product.link);
    browser.click_through("form button[type=submit]");
    let org = browser.text("fetch('/api/v1/organization').then((one) => one.json()).then((one) => one.id)");
    let watched = root.join(org).join("monthly");
    fs::create_dir_all(&watched).unwrap();
    let export = exports(&folder.join("exports"));
    let export = export.iter().find(|path| path.ends_with("jobs.csv")).unwrap();
    let text = fs::read_to_string(export).unwrap();
    let mut month = Month { browser, product, clock, watched, source: String::new(), text };
    let new = [("name", "Nightly export"), ("kind", "folder"), ("place", "monthly"), ("every_minutes", "15")];
    month.at("/settings/sources").send("/settings/sources", &new);
    let link = "document.querySelector('main td a[href^=\"/settings/sources/\"]').pathname.split('/').pop()";
    month.source = month.browser.text(link);
    Some(month)
}

#[test]
fn a_month_of_exports_that_come_by_themselves() {
    let folder = tempfile::Builder::new().prefix("plantintel-month-").tempdir().unwrap();
    let Some(mut month) = begin(folder.path()) else { return };

    // The first of its kind waits for somebody who says what it means.
    month.drop("week1.csv", 0);
    month.days_later(1);
    month.until_file("week1.csv", "Waits for you");
    month.browser.click_through("main td a[href$=\"/match\"]");
    month.browser.click_through("form[action$=\"/confirmation\"] button");
    month.browser.wait("location.pathname.endsWith('/rows') && document.readyState === 'complete'");
    month.browser.click_through("form[action$=\"/analysis\"] button");
    month.until_analyses(1);
    let weekly = [("name", "Losses of the week"), ("every", "week"), ("format", "xlsx")];
    month.at("/reports").send("/reports/schedules", &weekly);

    // The next ones are analyzed with nobody present, and the week's report is made at its time.
    month.drop("week2.csv", 1);
    month.days_later(8);
    month.until_file("week2.csv", "Analyzed");
    month.until_analyses(2);
    month.until("/reports", "document.querySelectorAll('a[href^=\"/reports/made/\"]').length >= 1");
    let words = month.at("/changes").words();
    assert!(!words.contains("nothing to compare"), "{words}");

    // One with a column more waits, and says which.
    let drifted: Vec<String> = month
        .text
        .lines()
        .enumerate()
        .map(|(at, line)| if at == 0 { format!("{line},Brand new column") } else { format!("{line},x{at}") })
        .collect();
    fs::write(month.watched.join("week3.csv"), drifted.join("\n") + "\n").unwrap();
    month.days_later(15);
    month.until_file("week3.csv", "new columns: Brand new column");
    assert_eq!(month.analyses(), 2);

    month.drop("week4.csv", 2);
    month.days_later(22);
    month.until_file("week4.csv", "Analyzed");
    month.until_analyses(3);
    month.days_later(31);
    month.until("/reports", "document.querySelectorAll('a[href^=\"/reports/made/\"]').length >= 2");
    let first_of_next_month = month.at("/").words();
    assert!(first_of_next_month.contains('$'), "{first_of_next_month}");
    assert_eq!(month.browser.complaints, Vec::<String>::new());
}
