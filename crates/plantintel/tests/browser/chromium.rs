//! Chromium, driven through its `DevTools` pipe: no driver program, no library, no port.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Longer than anything takes that a test waits for, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// One window with one page.
pub(crate) struct Chromium {
    child: Child,
    input: ChildStdin,
    incoming: Receiver<Value>,
    commands: u64,
    session: Option<String>,
    /// What the browser complained about: refused by the content security policy, thrown by a script, not found.
    pub(crate) complaints: Vec<String>,
    // The profile goes when the window does.
    _profile: TempDir,
}

impl Chromium {
    /// `None` where no browser is installed.
    pub(crate) fn open() -> Option<Self> {
        let name = NAMES.iter().find(|name| Command::new(name).arg("--version").output().is_ok())?;
        let profile = tempfile::Builder::new().prefix("plantintel-browser-").tempdir().unwrap();
        // The browser reads commands from file 3 and answers on file 4; the shell makes them of the ends we have.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null", "sh", name])
            .args([
                "--headless",
                "--remote-debugging-pipe",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (send, incoming) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while output.read_until(0, &mut message).is_ok_and(|read| read > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else { break };
                if send.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut browser = Self {
            child,
            input,
            incoming,
            commands: 0,
            session: None,
            complaints: Vec::new(),
            _profile: profile,
        };
        let target = browser.command("Target.createTarget", &json!({"url": "about:blank"}));
        let attached = browser
            .command("Target.attachToTarget", &json!({"targetId": target["targetId"], "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable", "DOM.enable"] {
            browser.command(domain, &json!({}));
        }
        Some(browser)
    }

    fn command(&mut self, method: &str, params: &Value) -> Value {
        self.try_command(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn try_command(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        self.commands += 1;
        let mut message = json!({"id": self.commands, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).unwrap();
        self.input.flush().unwrap();
        loop {
            let answer = self.incoming.recv_timeout(PATIENCE).map_err(|error| error.to_string())?;
            if answer["id"] == json!(self.commands) {
                return match answer.get("error") {
                    Some(error) => Err(error["message"].to_string()),
                    None => Ok(answer["result"].clone()),
                };
            }
            self.listen(&answer);
        }
    }

    fn listen(&mut self, event: &Value) {
        let params = &event["params"];
        match event["method"].as_str() {
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => {
                self.complaints.push(format!("{} ({})", params["entry"]["text"], params["entry"]["url"]));
            }
            Some("Runtime.exceptionThrown") => {
                self.complaints
                    .push(format!("thrown: {}", params["exceptionDetails"]["exception"]["description"]));
            }
            Some("Runtime.consoleAPICalled") if params["type"] == "error" => {
                self.complaints.push(format!("console: {}", params["args"]));
            }
            _ => {}
        }
    }

    pub(crate) fn goto(&mut self, address: &str) {
        self.eval("window.__left = true");
        let answer = self.command("Page.navigate", &json!({"url": address}));
        assert!(answer.get("errorText").is_none(), "{address}: {answer}");
        self.wait("!window.__left && document.readyState === 'complete'");
    }

    /// What an expression comes to, promises awaited. Fails where the page threw.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        self.try_eval(expression)
            .unwrap_or_else(|error| panic!("{error}\nin {}", &expression[..expression.len().min(400)]))
    }

    fn try_eval(&mut self, expression: &str) -> Result<Value, String> {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.try_command("Runtime.evaluate", &asked)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(thrown.to_string()),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    pub(crate) fn text(&mut self, expression: &str) -> String {
        self.eval(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true, over any number of pages.
    pub(crate) fn wait(&mut self, condition: &str) {
        let begun = Instant::now();
        // While one page gives way to the next, nothing can be asked.
        while !self.try_eval(condition).is_ok_and(|value| value == json!(true)) {
            if begun.elapsed() > PATIENCE {
                let at = self.text("location.href + ': ' + document.body.innerText.slice(0, 600)");
                panic!("waited in vain for {condition} at {at}");
            }
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    /// Clicks what a selector finds, and waits for the page that follows.
    pub(crate) fn click_through(&mut self, selector: &str) {
        self.eval(&format!("window.__left = true, document.querySelector({}).click()", json!(selector)));
        self.wait("!window.__left && document.readyState === 'complete'");
    }

    /// Fills in the form that leads to an address, sends it, and waits for the page that follows.
    pub(crate) fn send(&mut self, action: &str, fields: &[(&str, &str)]) {
        let sent = self.eval(&format!(
            "(() => {{ const form = [...document.forms].find((form) => form.getAttribute('action') === {}); if (!form) return 'there is no such form'; for (const [name, value] of {}) {{ const field = form.elements[name]; if (!field) return 'no field ' + name; if (field.type === 'checkbox') field.checked = value === 'on'; else field.value = value; }} window.__left = true; form.removeAttribute('data-confirm'); form.requestSubmit(); return ''; }})()",
            json!(action),
            json!(fields)
        ));
        assert_eq!(sent, json!(""), "{action} at {}", self.text("location.href"));
        self.wait("!window.__left && document.readyState === 'complete'");
    }

    /// Everything that the page says to its reader.
    pub(crate) fn words(&mut self) -> String {
        self.text("document.body.innerText")
    }

    pub(crate) fn choose_files(&mut self, selector: &str, files: &[PathBuf]) {
        let found = self.command(
            "Runtime.evaluate",
            &json!({"expression": format!("document.querySelector({})", json!(selector))}),
        );
        self.command(
            "DOM.setFileInputFiles",
            &json!({"files": files, "objectId": found["result"]["objectId"]}),
        );
    }

    /// One stroke of a key by its name (`Tab`, `Enter`, `j`).
    pub(crate) fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowRight" => 39,
            other => other.to_uppercase().bytes().next().map_or(0, u32::from),
        };
        let text = match key {
            "Tab" | "Escape" | "ArrowRight" => "",
            "Enter" => "\r",
            other => other,
        };
        let mut down = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        if !text.is_empty() {
            down["text"] = json!(text);
        }
        self.command("Input.dispatchKeyEvent", &down);
        self.command(
            "Input.dispatchKeyEvent",
            &json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}),
        );
    }

    /// Moves the pointer over the middle of what a selector finds.
    pub(crate) fn point_at(&mut self, selector: &str) {
        let place = self.eval(&format!(
            "(() => {{ const what = document.querySelector({}); what.scrollIntoView({{ block: 'center' }}); const box = what.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
            json!(selector)
        ));
        self.command(
            "Input.dispatchMouseEvent",
            &json!({"type": "mouseMoved", "x": place[0], "y": place[1]}),
        );
    }

    /// Keeps addresses from the browser, as a network would that fails.
    pub(crate) fn block(&mut self, addresses: &[&str]) {
        self.command("Network.setCacheDisabled", &json!({"cacheDisabled": !addresses.is_empty()}));
        self.command("Network.setBlockedURLs", &json!({"urls": addresses}));
    }

    /// The window's width, and the theme that the system is said to have.
    pub(crate) fn look(&mut self, width: u32, theme: &str) {
        self.command(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}),
        );
        self.command(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": "prefers-color-scheme", "value": theme}]}),
        );
    }

    /// The page on paper, as the browser prints it.
    pub(crate) fn paper(&mut self) -> Vec<u8> {
        let printed = self.command(
            "Page.printToPDF",
            &json!({"printBackground": false, "preferCSSPageSize": true, "paperWidth": 8.27, "paperHeight": 11.69}),
        );
        BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap()
    }

    /// Shows the page as it is laid out on paper of this width in pixels, or on the screen again.
    pub(crate) fn as_paper(&mut self, width: Option<u32>) {
        let media = if width.is_some() { "print" } else { "" };
        self.command("Emulation.setEmulatedMedia", &json!({"media": media, "features": []}));
        let width = width.unwrap_or(1440);
        self.command(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": false}),
        );
    }

    /// The whole page as a picture.
    pub(crate) fn picture(&mut self, path: &Path) {
        let taken =
            self.command("Page.captureScreenshot", &json!({"format": "png", "captureBeyondViewport": true}));
        let bytes = BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.session = None;
        let _ = self.try_command("Browser.close", &json!({}));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
