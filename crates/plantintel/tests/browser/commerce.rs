//! Three people at two browsers: one who runs the installation, a customer whom they set up and whose result they review, and
//! one who signs up, reaches a limit and pays. Payment provider and mail server are on loopback.

use std::path::{Path, PathBuf};

use serde_json::json;
use testkit::loopback::{PostOffice, stripe::Stripe};

use crate::{
    chromium::Chromium,
    every_page::Eye,
    product::{Product, exports},
};

const SIGNED: &str = "whsec_of_tests_and_of_nothing_else";

/// The code of an authenticator so many steps of half a minute from now.
fn code(browser: &mut Chromium, seed: &str, steps: i64) -> String {
    browser.text(&format!(
        "(async () => {{
            const bits = [...'{seed}'].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
            const bytes = Uint8Array.from(bits.match(/.{{8}}/g), (byte) => parseInt(byte, 2));
            const key = await crypto.subtle.importKey('raw', bytes, {{name: 'HMAC', hash: 'SHA-1'}}, false, ['sign']);
            const count = new DataView(new ArrayBuffer(8));
            count.setUint32(4, Math.floor(Date.now() / 30000) + {steps});
            const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, count.buffer));
            const at = mac[19] & 15;
            const number = new DataView(mac.buffer).getUint32(at) & 0x7fffffff;
            return String(number % 1000000).padStart(6, '0');
        }})()"
    ))
}

struct Story {
    product: Product,
    post: PostOffice,
    operator: Chromium,
    customer: Chromium,
    eye: Eye,
}

impl Story {
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.product.address)
    }

    fn operator(&mut self, path: &str) -> &mut Chromium {
        let there = self.at(path);
        self.operator.goto(&there);
        &mut self.operator
    }

    fn customer(&mut self, path: &str) -> &mut Chromium {
        let there = self.at(path);
        self.customer.goto(&there);
        &mut self.customer
    }

    fn look(&mut self, name: &str) {
        self.eye.look(&mut self.customer, name);
    }

    fn look_over_the_operators_shoulder(&mut self, name: &str) {
        self.eye.look(&mut self.operator, name);
    }
}

#[test]
fn an_operators_day_and_a_customer_who_comes_to_pay() {
    let folder = tempfile::Builder::new().prefix("plantintel-commerce-").tempdir().unwrap();
    let (Some(operator), Some(customer)) = (Chromium::open(), Chromium::open()) else {
        eprintln!("skipped: no browser is installed");
        return;
    };
    let Some(mut story) = open(folder.path(), operator, customer) else { return };
    story.operator.look(1440, "light");
    story.customer.look(1440, "light");
    let files = exports(&folder.path().join("exports"));

    let link = make_a_customer(&mut story);
    let analysis = analyze(&mut story, &link, &files);
    review(&mut story, &analysis);
    read_the_result(&mut story, &analysis);
    look_around(&mut story);
    story.customer("/").send("/sign-out", &[]);
    sign_up(&mut story);
    make_the_trial_small(&mut story, files.len());
    upload_a_plant(&mut story, &files);
    reach_the_limit_and_pay(&mut story);
    assert_eq!(story.customer.complaints, Vec::<String>::new());
    assert_eq!(story.operator.complaints, Vec::<String>::new());
    story.eye.close();
}

/// The installation, its operator with a second factor, and the neighbours.
fn open(folder: &Path, mut operator: Chromium, customer: Chromium) -> Option<Story> {
    let (post, stripe) = (PostOffice::open(), Stripe::open(SIGNED));
    let port = post.port.to_string();
    let mut settings = vec![
        ("PLANTINTEL_SMTP_HOST", "127.0.0.1"),
        ("PLANTINTEL_SMTP_PORT", &*port),
        ("PLANTINTEL_SMTP_SECURITY", "none"),
        ("PLANTINTEL_SMTP_FROM", "PlantIntel <plant@example.com>"),
        ("PLANTINTEL_SIGN_UP", "true"),
        ("PLANTINTEL_STRIPE_ADDRESS", &*stripe.address),
        ("STRIPE_SECRET_KEY", "sk_test_of_nobody"),
        ("STRIPE_WEBHOOK_SECRET", SIGNED),
    ];
    let product = Product::start_with(folder, &settings)?;
    operator.goto(&product.link);
    operator.click_through("form button[type=submit]");
    let id = operator.text("fetch('/api/v1/me').then((me) => me.json()).then((me) => me.id)");
    operator.goto(&format!("{}/settings/sign-in", product.address));
    operator.send("/settings/sign-in/second-factor", &[("own", "none yet")]);
    let seed = operator.text("document.querySelector('.secret, pre, code').innerText.trim().split(/\\s/)[0]");
    assert!(seed.len() >= 32, "no seed: {seed}");
    let first = code(&mut operator, &seed, -1);
    operator.send("/settings/sign-in/second-factor/confirm", &[("code", &first)]);
    assert!(operator.words().contains("The second factor is on."));
    // Who runs the installation is said in its settings, not in its database.
    drop(product);
    let operators = format!("[\"{id}\"]");
    settings.push(("PLANTINTEL_OPERATORS", &operators));
    let product = Product::start_with(folder, &settings)?;
    stripe.tell(&product.address);
    operator.goto(&format!("{}/console", product.address));
    assert!(operator.text("location.pathname") == "/console/confirm", "{}", operator.words());
    let mut eye = Eye::open();
    eye.look(&mut operator, "console-confirm");
    let now = code(&mut operator, &seed, 0);
    operator.send("/console/confirm", &[("code", &now)]);
    assert_eq!(operator.text("location.pathname"), "/console");
    Some(Story { product, post, operator, customer, eye })
}

fn sign_up(story: &mut Story) {
    story.customer("/sign-up");
    story.look("sign-up");
    story.customer.send("/sign-up", &[("organisation", "Brandt Werke"), ("email", "marie@example.com")]);
    assert!(story.customer.words().contains("Look into your mail"));
    let link = story.post.link_to("marie@example.com", "/sign-in/link?token=");
    let link = link.split_once("/sign-in").map(|(_, rest)| format!("/sign-in{rest}")).unwrap();
    story.customer(&link).click_through("form button[type=submit]");
    story.customer("/welcome");
    story.look("welcome");
    story.customer.send("/welcome", &[("name", "Brandt Werke GmbH"), ("size", "20 to 99")]);
    assert!(story.customer.words().contains("The next step is an export"), "{}", story.customer.words());
}

/// The operator makes a customer, and says of it what it has: settings, and a review before it sees a result. The customer's link.
fn make_a_customer(story: &mut Story) -> String {
    story.operator("/console");
    story.operator.send(
        "/console/customers",
        &[("name", "Northfield Works"), ("email", "ann@example.com"), ("plan", "pilot")],
    );
    assert!(story.operator.words().contains("shown once"));
    let link = story.operator.text("document.querySelector('.secret').innerText.trim()");
    // The page answers a form; asked for once more without it, as the look does, there is none.
    let before = story.operator.complaints.len();
    story.look_over_the_operators_shoulder("console");
    story.operator.complaints.truncate(before);
    story.operator("/console?search=northfield");
    story.operator.click_through("main td a[href^=\"/console/customers/\"]");
    let customer = story.operator.text("location.pathname");
    story.look_over_the_operators_shoulder("console-reason");
    story.operator.send("/console/reason", &[("reason", "first call with Ann")]);
    assert!(story.operator.words().contains("Northfield Works"));
    story.operator.send(
        &customer,
        &[("contact_name", "Ann Field"), ("pays", "pilot"), ("savings_target", "50,000"), ("reviewed", "on")],
    );
    story.look_over_the_operators_shoulder("console-customer");
    let settings = format!("{customer}/settings");
    story.operator(&settings);
    let inputs = "document.querySelectorAll('.settings-table input, .settings-table select').length";
    assert_eq!(story.operator.eval(inputs), json!(39));
    story
        .operator
        .click_through(&format!("form[action=\"{settings}/preset\"]:has(input[value=aggressive]) button"));
    let chosen = story.operator.text("document.querySelector('.btn.chosen').innerText");
    assert!(chosen.starts_with("Aggressive"), "{chosen}");
    story.operator.send(&settings, &[("min_sample_size", "18")]);
    assert!(story.operator.words().contains("the customer's next analysis uses them"));
    story.look_over_the_operators_shoulder("console-settings");
    link
}

/// So many files as are uploaded are four fifths, or more, of what the plan allows, and not yet all of it.
fn make_the_trial_small(story: &mut Story, files: usize) {
    story.operator("/console/plans?plan=trial");
    let limit = (files + 1).to_string();
    story.operator.send("/console/plans", &[("uploads", &limit), ("rows", ""), ("mapping_profiles", "2")]);
    assert!(story.operator.words().contains("its limits hold at once"));
}

/// Up to the page on which the rows of the import are looked through.
fn upload_a_plant(story: &mut Story, files: &[PathBuf]) {
    story.customer("/data/new");
    story.customer.choose_files("input[type=file]", files);
    story.customer.wait("!!document.querySelector('form[action$=\"/confirmation\"]')");
    story.customer.click_through(
        "form[action$=\"/confirmation\"] button[type=submit], form[action$=\"/confirmation\"] button",
    );
    story.customer.wait("location.pathname.endsWith('/rows') && document.readyState === 'complete'");
}

/// The new customer comes in, uploads and analyzes; the address of the analysis.
fn analyze(story: &mut Story, link: &str, files: &[PathBuf]) -> String {
    let link = link.split_once("/sign-in").map(|(_, rest)| format!("/sign-in{rest}")).unwrap();
    story.customer(&link).click_through("form button[type=submit]");
    upload_a_plant(story, files);
    story.customer.click_through("form[action$=\"/analysis\"] button");
    story.customer.wait(
        "location.pathname.endsWith('/analysis') && document.body.innerText.includes('A reviewer looks at the result')",
    );
    story.look("in-review");
    // Nobody of the customer sees it yet.
    story.customer("/findings");
    assert_eq!(
        story.customer.eval("document.querySelectorAll('main td a[href^=\"/findings/\"]').length"),
        json!(0)
    );
    story.look("findings-in-review");
    story.customer.text("fetch('/api/v1/analyses').then((all) => all.json()).then((all) => all.items[0].id)")
}

fn review(story: &mut Story, analysis: &str) {
    story.operator("/console/reviews");
    story.look_over_the_operators_shoulder("console-reviews");
    story.operator.click_through(&format!("main td a[href$=\"{analysis}\"]"));
    let at = story.operator.text("location.pathname");
    assert!(story.operator.words().contains("as the customer will see them"), "{}", story.operator.words());
    story.look_over_the_operators_shoulder("console-review");
    story.operator.click_through("main td a[href*=\"/findings?key=\"]");
    story.look_over_the_operators_shoulder("console-edit");
    story.operator.send(&format!("{at}/findings"), &[("title", "Look at this one first")]);
    story.operator(&at);
    let points: Vec<String> = story
        .operator
        .eval("[...document.querySelectorAll('main input[type=checkbox]')].map((box) => box.name)")
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(points.len(), 5);
    let ticked: Vec<(&str, &str)> = points.iter().map(|name| (&**name, "on")).collect();
    story.operator.send(&at, &ticked);
    story.operator.send(&format!("{at}/approval"), &[]);
    story.operator.send(&format!("{at}/publication"), &[]);
    assert!(story.operator.words().contains("Published"), "{}", story.operator.words());
    story.look_over_the_operators_shoulder("console-review-published");
    let org = at.split('/').nth(3).unwrap();
    story.operator(&format!("/console/audit?org={org}"));
    let words = story.operator.words();
    assert!(words.contains("Review publish") || words.contains("review.publish"), "{words}");
    story.look_over_the_operators_shoulder("console-audit");
}

/// The customer finds the result, as the reviewer wants it, made with the operator's settings, and who looked at it and why.
fn read_the_result(story: &mut Story, analysis: &str) {
    story.customer("/findings");
    assert!(story.customer.words().contains("Look at this one first"), "{}", story.customer.words());
    story.customer("/settings/audit");
    let words = story.customer.words();
    assert!(words.contains("first call with Ann"), "{words}");
    story.look("audit-of-the-customer");
    let settings =
        format!("fetch('/api/v1/analyses/{analysis}').then((one) => one.json()).then((one) => one.settings)");
    let used = story.customer.eval(&settings);
    assert_eq!(
        (&used["preset"], &used["changes"]["min_sample_size"]),
        (&json!("aggressive"), &json!(18)),
        "{used}"
    );
}

/// The status of a file that the page sends for a program.
fn upload(browser: &mut Chromium, name: &str) -> i64 {
    let rows = format!("order,part,planned hours,actual hours\n{name},P-1,1.0,1.5\n");
    browser
        .eval(&format!(
            "fetch('/api/v1/files?name={name}', {{method: 'POST', headers: {{'content-type': 'application/octet-stream', 'x-csrf-token': document.querySelector('input[name=csrf]').value}}, body: {}}}).then((answer) => answer.status)",
            json!(rows)
        ))
        .as_i64()
        .unwrap()
}

fn reach_the_limit_and_pay(story: &mut Story) {
    assert!(
        story.customer.words().contains("your plan saves no more mappings"),
        "{}",
        story.customer.words()
    );
    story.customer("/settings/usage");
    assert!(story.customer.words().contains("Four fifths used"), "{}", story.customer.words());
    story.look("usage-near");
    story.customer("/data/new");
    assert_eq!(upload(&mut story.customer, "last.csv"), 201);
    // The browser's console names what was refused; that is no complaint of the page.
    let before = story.customer.complaints.len();
    // Dropped this time, not chosen.
    story.customer.eval(
        "(() => { const held = new DataTransfer(); held.items.add(new File(['order,part,planned hours,actual hours\\n7,P-1,1.0,1.5\\n'], 'over.csv')); document.querySelector('[data-drop]').dispatchEvent(new DragEvent('drop', {dataTransfer: held, bubbles: true, cancelable: true})); })()",
    );
    story.customer.wait("document.body.innerText.includes('limit')");
    story.look("limit-reached");
    let words = story.customer.words();
    assert!(words.contains("from 1 ") || words.contains("on 1 "), "no day on which it counts anew: {words}");
    story.customer.complaints.truncate(before);
    story.customer("/settings/usage");
    assert!(story.customer.words().contains("Used up"));
    story.look("usage-reached");

    story.customer("/settings/billing");
    assert!(story.customer.words().contains("490.00 USD a month"), "{}", story.customer.words());
    story.look("billing-trial");
    choose(&mut story.customer, "starter");
    story.customer.wait("document.title === 'Pay'");
    story.customer.click_through("form button");
    assert!(story.customer.text("location.pathname").starts_with("/settings/billing"));
    let plan = |browser: &mut Chromium| {
        browser.text("document.querySelector('main dd, main .fact b, main .kpi').innerText")
    };
    assert!(plan(&mut story.customer).starts_with("Starter"), "{}", story.customer.words());
    story.look("billing-paid");
    assert_eq!(upload(&mut story.customer, "again.csv"), 201);

    story.customer("/settings/billing");
    choose(&mut story.customer, "professional");
    assert!(story.customer.words().contains("745.00 USD"), "{}", story.customer.words());
    // The page answers a form; asked for once more without it, as the look does, there is none.
    let before = story.customer.complaints.len();
    story.look("billing-change");
    story.customer.complaints.truncate(before);
    story.customer.send("/settings/billing/change", &[("plan", "professional")]);
    story.customer("/settings/billing");
    assert!(plan(&mut story.customer).starts_with("Professional"), "{}", story.customer.words());
}

fn choose(browser: &mut Chromium, plan: &str) {
    browser.eval(&format!(
        "window.__left = true, document.querySelector('form[action=\"/settings/billing/checkout\"]:has(input[value={plan}])').requestSubmit()"
    ));
    browser.wait("!window.__left && document.readyState === 'complete'");
}

/// The rest of the console, and a page that is shared with somebody who has no account.
fn look_around(story: &mut Story) {
    for (name, path) in [
        ("console-plans", "/console/plans"),
        ("console-plan", "/console/plans?plan=trial"),
        ("console-jobs", "/console/jobs"),
        ("console-usage", "/console/usage"),
        ("console-announcements", "/console/announcements"),
        ("console-health", "/console/health"),
    ] {
        story.operator(path);
        story.look_over_the_operators_shoulder(name);
    }
    // Shared with somebody who has no account: behind a password, and without.
    story.customer("/reports");
    let analysis = story
        .customer
        .text("document.querySelector('form[action=\"/reports/shares\"] [name=analysis]').value");
    for (name, password) in [("shared-locked", "open sesame, please"), ("shared", "")] {
        story.customer("/reports");
        story
            .customer
            .send("/reports/shares", &[("analysis", &analysis), ("days", "7"), ("password", password)]);
        let link = story.customer.text("document.querySelector('.secret').innerText.trim()");
        let link = link.split_once("/shared/").map(|(_, token)| format!("/shared/{token}")).unwrap();
        let there = story.at(&link);
        story.operator.goto(&there);
        assert!(!story.operator.text("document.querySelector('h1').innerText").is_empty());
        // A report is a document of its own, which may run no script: it is looked at where it is made.
        if !password.is_empty() {
            story.look_over_the_operators_shoulder(name);
        }
    }
}
