//! Asking, as people do: with a scripted model that streams, about a finding, about one analysis and about all; stopped, asked again,
//! put into the report and taken out, renamed and deleted.

use std::{path::PathBuf, time::Duration};

use serde_json::json;
use testkit::model::{ModelServer, Part, Reply};

use crate::chromium::Chromium;

/// Words that come one after the other, with a number that no look-up gave and a claim that none bears out.
fn answer() -> Reply {
    let words = "Here is what the look-up says about scrap. It costs 987,654 dollars. It has doubled since spring. The machines are listed with their rows.";
    let mut parts = Vec::new();
    for word in words.split_inclusive(' ') {
        parts.push(Part::Text(word.to_owned()));
        parts.push(Part::Pause(Duration::from_millis(60)));
    }
    Reply::Stream(parts)
}

#[expect(clippy::disallowed_methods, reason = "a browser test is told where its pictures go")]
pub(crate) fn walk(browser: &mut Chromium, address: &str, finding: &str) {
    let pictures = std::env::var("PLANTINTEL_SCREENSHOTS").ok().map(PathBuf::from);
    let look = |browser: &mut Chromium, name: &str| {
        let Some(folder) = &pictures else { return };
        std::fs::create_dir_all(folder).unwrap();
        for (width, theme) in [(1440, "light"), (1440, "dark"), (390, "dark"), (390, "light")] {
            browser.look(width, theme);
            browser.picture(&folder.join(format!("{name}-{width}-{theme}.png")));
        }
        browser.look(1440, "light");
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(ModelServer::start(|request, _| {
        if request.results().is_empty() {
            Reply::calls(&[("figures", json!({"metric": "scrap_ratio", "by": "machine_id", "limit": 5}))])
        } else if request.body.to_string().contains("slowly") {
            Reply::Stream(vec![Part::Text("Slowly it ".to_owned()), Part::Pause(Duration::from_secs(20))])
        } else {
            answer()
        }
    }));
    browser.goto(&format!("{address}/settings/assistant"));
    let fields = json!({"provider": "openai", "address": server.address, "model": "m-script", "key": "sk-x"});
    browser.eval(&format!(
        "window.__left = true, (() => {{ const form = document.querySelector('main form[action=\"/settings/assistant\"]'); for (const [name, value] of Object.entries({fields})) form.elements[name].value = value; const on = form.elements.answers; if (on.type === 'checkbox') on.checked = true; else on.value = on.querySelectorAll('option')[1] ? Array.from(on.options).find((one) => one.value).value : 'on'; form.requestSubmit(); return 0; }})()"
    ));
    browser.wait("!window.__left && document.readyState === 'complete'");
    browser.goto(&format!("{address}/ask"));
    let mode = browser.text("document.querySelector('.head p').innerText");
    assert!(mode.contains("m-script"), "the page does not say which model answers: {mode}");

    // About all: words appear while they come, and the checked answer takes their place.
    begin(browser, "", "What about scrap?");
    browser.wait("!document.querySelector('#asking').hidden && document.querySelector('[data-words]').textContent.includes('look-up says')");
    assert_eq!(browser.text("location.pathname"), "/ask", "it is still being answered");
    look(browser, "asking");
    settled(browser);
    let shown = browser.text("document.querySelector('#latest .prose').innerText");
    assert!(shown.contains("Here is what the look-up says"), "{shown}");
    assert!(!shown.contains("987") && !shown.contains("doubled"), "{shown}");
    assert!(browser.text("document.querySelector('#latest').innerText").contains("is not shown"));
    look(browser, "asked");

    // Into the report and out again.
    browser.click_through("#latest form[action$=\"/report\"] button");
    browser.goto(&format!("{address}/reports"));
    assert!(browser.text("document.querySelector('main').innerText").contains("What about scrap?"));
    look(browser, "reports-answers");
    browser.click_through("form[action^=\"/reports/answers/\"] button");
    assert!(!browser.text("document.querySelector('main').innerText").contains("What about scrap?"));

    // About one analysis, stopped in the middle, and asked again.
    browser.goto(&format!("{address}/ask"));
    let one = browser.text("document.querySelector('#about').options[1].value");
    assert!(!one.is_empty());
    begin(browser, &one, "Say it slowly.");
    browser.wait("document.querySelector('[data-words]').textContent.includes('Slowly')");
    browser.eval("document.querySelector('[data-stop]').click(), 0");
    settled(browser);
    browser.wait("(document.querySelector('#latest') || document.body).innerText.includes('Stopped.')");
    assert!(browser.text("document.querySelector('#latest .prose').innerText").contains("Slowly it"));
    browser.eval("document.querySelector('#latest form[data-ask]').requestSubmit(), 0");
    browser.wait("!document.querySelector('#asking').hidden && document.querySelector('[data-words]').textContent.includes('Slowly')");
    browser.eval("document.querySelector('[data-stop]').click(), 0");
    browser.wait("document.querySelectorAll('[role=log] > article').length === 2");

    // Its name, and its end.
    browser.eval("window.__left = true, document.querySelector('#title').value = 'Slow words', document.querySelector('form[action$=\"/rename\"]').requestSubmit()");
    browser.wait("!window.__left && document.readyState === 'complete'");
    assert_eq!(browser.text("document.querySelector('h1').innerText"), "Slow words");
    browser.click_through("form[action^=\"/ask/\"][action$=\"/delete\"] button");
    assert_eq!(browser.text("location.pathname"), "/ask");
    assert!(!browser.text("document.querySelector('main').innerText").contains("Slow words"));
    assert!(browser.text("document.querySelector('#list-title').innerText").contains("conversation"));

    // About a finding: its page leads here, and its name is asked about.
    browser.goto(&format!("{address}{finding}"));
    browser.click_through("main a[href^=\"/ask?\"]");
    browser.eval(
        "document.querySelector('form[data-ask] button[translate=no]').closest('form').requestSubmit(), 0",
    );
    settled(browser);
    assert!(!browser.text("document.querySelector('#latest .prose').innerText").is_empty());

    // Without the model again.
    browser.goto(&format!("{address}/settings/assistant"));
    browser.eval("window.__left = true, (() => { const form = document.querySelector('main form[action=\"/settings/assistant\"]'); const on = form.elements.answers; if (on.type === 'checkbox') on.checked = false; else on.value = ''; form.requestSubmit(); return 0; })()");
    browser.wait("!window.__left && document.readyState === 'complete'");
    browser.goto(&format!("{address}/ask"));
    begin(browser, "", "Which machines have the highest scrap rate?");
    settled(browser);
    assert!(browser.eval("document.querySelectorAll('#latest table tbody tr').length").as_u64() > Some(1));
    look(browser, "asked-without-model");
}

fn begin(browser: &mut Chromium, about: &str, question: &str) {
    browser.eval(&format!(
        "document.querySelector('#about').value = {}, document.querySelector('#question').value = {}, document.querySelector('#question').form.requestSubmit(), 0",
        json!(about),
        json!(question)
    ));
}

fn settled(browser: &mut Chromium) {
    browser.wait("location.pathname.startsWith('/ask/') && document.readyState === 'complete' && !!document.querySelector('#latest')");
}
