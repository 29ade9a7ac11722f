//! Every page in both themes, 1440 and 390 pixels wide: nothing runs over the edge, axe finds nothing, and pictures are
//! taken where they are asked for.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Instant};

use serde_json::json;

use crate::chromium::Chromium;

const PAGES: [(&str, &str); 32] = [
    ("ask", "/ask"),
    ("overview", "/"),
    ("summary", "/summary"),
    ("breakdown", "/breakdown"),
    ("changes", "/changes"),
    ("findings", "/findings"),
    ("actions", "/actions"),
    ("explore", "/explore"),
    ("explore-groups", "/explore?table=operation&group=work_center_id&by=actual_run_hours"),
    ("data", "/data"),
    ("upload", "/data/new"),
    ("mappings", "/data/mappings"),
    ("quality", "/data/quality"),
    ("reports", "/reports"),
    ("help", "/help"),
    ("profile", "/settings/profile"),
    ("sign-in-settings", "/settings/sign-in"),
    ("organisation", "/settings/organisation"),
    ("plants", "/settings/plants"),
    ("analysis-settings", "/settings/analysis"),
    ("members", "/settings/members"),
    ("api-keys", "/settings/api-keys"),
    ("audit", "/settings/audit"),
    ("your-data", "/settings/your-data"),
    ("mail", "/settings/mail"),
    ("webhooks", "/settings/webhooks"),
    ("sources", "/settings/sources"),
    ("usage", "/settings/usage"),
    ("billing", "/settings/billing"),
    ("sign-in", "/sign-in"),
    ("reset", "/reset"),
    ("api", "/api/docs"),
];

/// Looks at pages, and keeps what is wrong with them.
pub(crate) struct Eye {
    axe: Option<String>,
    pictures: Option<PathBuf>,
    wrong: Vec<String>,
    english: BTreeMap<String, String>,
    /// In which language the pictures are taken; empty for English.
    tongue: String,
}

impl Eye {
    #[expect(clippy::disallowed_methods, reason = "a browser test is told where its tools are")]
    pub(crate) fn open() -> Self {
        let axe = std::env::var("PLANTINTEL_AXE").ok().map(|path| fs::read_to_string(path).unwrap());
        if axe.is_none() {
            eprintln!("accessibility is not looked at: PLANTINTEL_AXE names no axe.min.js");
        }
        let pictures = std::env::var("PLANTINTEL_SCREENSHOTS").ok().map(PathBuf::from);
        if let Some(folder) = &pictures {
            fs::create_dir_all(folder).unwrap();
        }
        Self { axe, pictures, wrong: Vec::new(), english: BTreeMap::new(), tongue: String::new() }
    }

    /// Languages in which every page is looked at once more: `PLANTINTEL_LANGUAGES=de,es`.
    #[expect(clippy::disallowed_methods, reason = "a browser test is told what to look at")]
    fn tongues() -> Vec<String> {
        let named = std::env::var("PLANTINTEL_LANGUAGES").unwrap_or_default();
        named.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
    }

    /// Looks at the page that is open, in both themes, wide and narrow.
    pub(crate) fn look(&mut self, browser: &mut Chromium, name: &str) {
        // What the page says, as it is sent. What customers wrote is theirs: so is the name of a mapping.
        if name != "api" && self.tongue.is_empty() {
            let html = browser.text("fetch(location.href).then((answer) => answer.text())");
            // So are those of companies, and a plan is called what the operator calls it.
            let own = |text: &String| {
                (name == "mapping" && text == "rejects")
                    || (name == "mapping-shared" && ["Shop operations", "JobBOSS"].contains(&text.as_str()))
                    || (name == "prepare-templates" && text == "Second rate")
                    || text.contains(" uploads, ")
                    || ["Brandt Werke", "Northfield Works", "trial"].iter().any(|own| text.starts_with(own))
            };
            for text in
                translation::misses(&html, translation::Tongue::German).into_iter().filter(|text| !own(text))
            {
                self.english.entry(text).or_insert_with(|| name.to_owned());
            }
        }
        if let Some(axe) = &self.axe {
            browser.eval(&format!("{axe}; 0"));
        }
        for (width, theme) in [(1440, "light"), (1440, "dark"), (390, "dark"), (390, "light")] {
            browser.look(width, theme);
            let over = browser.eval("document.documentElement.scrollWidth - window.innerWidth");
            if over.as_i64().is_none_or(|over| over > 0) {
                self.wrong.push(format!("{name} {width}: runs over the edge by {over}"));
            }
            let sideways = browser.eval("Array.from(document.querySelectorAll('.chart-frame')).filter((frame) => frame.scrollWidth > frame.clientWidth).length");
            if sideways != json!(0) {
                self.wrong.push(format!("{name} {width}: charts that scroll sideways: {sideways}"));
            }
            // The page of the API is not ours to draw.
            if self.axe.is_some() && name != "api" {
                let found = browser.text(
                    "axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations.map((violation) => violation.id + ': ' + violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' ;; ')).join('\\n'))",
                );
                if !found.is_empty() {
                    self.wrong.push(format!("{name} {width} {theme}: {found}"));
                }
            }
            if let Some(folder) = &self.pictures {
                let tongue = if self.tongue.is_empty() { String::new() } else { format!("{}-", self.tongue) };
                browser.picture(&folder.join(format!("{tongue}{name}-{width}-{theme}.png")));
            }
        }
        browser.look(1440, "light");
        assert_eq!(browser.eval("document.querySelectorAll('h1').length > 0"), json!(true), "{name}");
    }

    /// Fails with everything that was wrong.
    pub(crate) fn close(mut self) {
        self.wrong.extend(self.english.iter().map(|(text, page)| format!("{page} stays English: {text}")));
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

/// The reader's own language, as the profile keeps it.
pub(crate) fn choose(browser: &mut Chromium, address: &str, tag: &str) {
    browser.goto(&format!("{address}/settings/profile"));
    browser.eval(&format!(
        "window.__left = true, document.querySelector('select[name=language]').value = {}, document.querySelector('form[action=\"/settings/profile\"]').requestSubmit()",
        json!(tag)
    ));
    browser.wait("!window.__left && document.readyState === 'complete'");
}

pub(crate) fn look_at_all(browser: &mut Chromium, address: &str, finding: &str, order: &str) {
    browser.goto(&format!("{address}/data"));
    let import = browser.text("document.querySelector('main a[href^=\"/data/\"][href*=\"-\"]').pathname");
    let import = import.rsplit_once('/').map(|(import, _)| import.to_owned()).unwrap();
    browser.goto(&format!("{address}/data/mappings"));
    let mapping = browser.text("document.querySelector('main td a').pathname");
    let mut pages: Vec<(String, String)> =
        PAGES.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
    pages.push(("mapping".to_owned(), mapping));
    pages.push(("finding".to_owned(), finding.to_owned()));
    if !order.is_empty() {
        pages.push(("order".to_owned(), order.to_owned()));
    }
    pages.push(("match".to_owned(), format!("{import}/match")));
    pages.push(("match-column".to_owned(), format!("{import}/match?column=1")));
    pages.push(("prepare".to_owned(), format!("{import}/preparation?table=0&column=New+column")));
    pages.push(("review".to_owned(), format!("{import}/rows")));

    let mut eye = Eye::open();
    let begun = Instant::now();
    for (name, path) in &pages {
        browser.goto(&format!("{address}{path}"));
        eye.look(browser, name);
    }
    for tongue in Eye::tongues() {
        choose(browser, address, &tongue);
        eye.tongue = tongue;
        for (name, path) in &pages {
            browser.goto(&format!("{address}{path}"));
            eye.look(browser, name);
        }
        choose(browser, address, "");
    }
    eprintln!("{} pages, four ways each, in {:.0?}", pages.len(), begun.elapsed());
    eye.close();
}
