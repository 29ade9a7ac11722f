//! axe-core over every sample, in both themes, at 1440 and 390 pixels, in the browser that is installed.
//!
//! `axe.min.js` is not part of the product and not kept here: the test looks for it in `PLANTINTEL_AXE`. Where it or a
//! browser is missing, the test says so and passes; `.ci/run` brings both.

use std::{fs, path::Path, process::Command};

use pages::{assets, gallery, layout::Theme};

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Loads one page after the other into the frame, runs axe, and leaves what it found in the document.
const RUNNER: &str = r#"
(async () => {
  const frame = document.querySelector('iframe');
  const found = [];
  for (const name of PAGES) {
    await new Promise((loaded) => { frame.onload = loaded; frame.src = name + ".html"; });
    const result = await frame.contentWindow.axe.run(frame.contentDocument, { resultTypes: ["violations"] });
    for (const violation of result.violations) {
      const nodes = violation.nodes.slice(0, 3).map((node) => node.target.join(" ") + " | " + node.html.slice(0, 160));
      found.push(name + " " + violation.id + ": " + nodes.join(" ;; "));
    }
  }
  document.querySelector("pre").textContent = "LOOKED AT " + PAGES.length + "\n" + found.join("\n") + "\nEND";
})();
"#;

#[test]
#[expect(clippy::disallowed_methods, reason = "a browser test is told where its tools are")]
fn no_page_has_a_violation() {
    let Ok(axe) = std::env::var("PLANTINTEL_AXE") else {
        println!("skipped: PLANTINTEL_AXE names no axe.min.js");
        return;
    };
    let axe = fs::read_to_string(axe).unwrap();
    let Some(browser) = BROWSERS.iter().find(|name| Command::new(name).arg("--version").output().is_ok())
    else {
        println!("skipped: no browser is installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("assets")).unwrap();
    for asset in assets::all() {
        fs::write(folder.path().join("assets").join(&asset.file), &asset.bytes).unwrap();
    }
    fs::write(folder.path().join("axe.js"), axe).unwrap();
    let mut broken = Vec::new();
    for (theme, theme_name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let pages = gallery::pages(theme).unwrap();
        let names: Vec<String> = pages.iter().map(|page| format!("\"{}\"", page.name)).collect();
        let runner = format!("const PAGES = [{}];{RUNNER}", names.join(","));
        fs::write(folder.path().join("runner.js"), runner).unwrap();
        for page in &pages {
            let html = page
                .html
                .replace("\"/assets/", "\"assets/")
                .replace("</head>", "<script src=\"axe.js\"></script></head>");
            fs::write(folder.path().join(format!("{}.html", page.name)), html).unwrap();
        }
        for width in [1440, 390] {
            // A frame is as narrow as it is told to be; a window is not.
            let outer = format!(
                "<!doctype html><pre></pre><iframe width=\"{width}\" height=\"1600\"></iframe><script src=\"runner.js\"></script>"
            );
            fs::write(folder.path().join("outer.html"), outer).unwrap();
            let said = look(browser, folder.path());
            let found = said.split("LOOKED AT ").nth(1).and_then(|rest| rest.split("END").next());
            let Some((count, found)) = found.and_then(|found| found.split_once('\n')) else {
                panic!("the browser did not finish: {}", &said[..said.len().min(400)]);
            };
            println!("{theme_name}, {width} wide: {count} pages");
            for line in found.lines().filter(|line| !line.trim().is_empty()) {
                broken.push(format!("{theme_name} {width} {line}"));
            }
        }
    }
    assert!(broken.is_empty(), "{} violations:\n{}", broken.len(), broken.join("\n"));
}

/// The document of `outer.html`, after its scripts.
fn look(browser: &str, folder: &Path) -> String {
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-file-access-from-files",
            "--virtual-time-budget=600000",
            "--window-size=1500,1700",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("file://{}", folder.join("outer.html").display()))
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
