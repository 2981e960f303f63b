//! A headless Chromium, spoken to in its DevTools protocol over a pair of pipes: JSON messages with a zero byte between.
//!
//! Keys and pointer are those of a person: Chromium does with them what it does with a keyboard's and a mouse's.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Chromium {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    session: Option<String>,
    number: u64,
    /// What came that nobody asked for.
    pub(crate) events: Vec<Value>,
    _profile: tempfile::TempDir,
}

/// The program: `CHROMIUM` in the environment, or the first of the usual names in the path.
fn program() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Some(path.into());
    }
    let names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

/// Whether there is a Chromium to drive. If not, this is said, past the test harness, which keeps what is printed.
pub(crate) fn is_here() -> bool {
    let found = program().is_some();
    if !found {
        let advice = "apt-get install chromium-headless-shell, or set CHROMIUM";
        writeln!(std::io::stderr(), "skipped: no Chromium is installed ({advice})").ok();
    }
    found
}

impl Chromium {
    pub(crate) fn open(page: &Path, width: u32, dark: bool) -> Chromium {
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program().expect("tests ask `is_here` first"))
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .args(["--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Chromium starts");
        let to = child.stdin.take().expect("a pipe");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, from) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while out.read_until(0, &mut message).is_ok_and(|read| read > 0) {
                message.pop();
                if serde_json::from_slice(&message).is_ok_and(|json| sender.send(json).is_err()) {
                    return;
                }
                message.clear();
            }
        });
        let (events, session) = (Vec::new(), None);
        let mut browser =
            Chromium { child, to, from, session, number: 0, events, _profile: profile };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        let size =
            json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600});
        browser.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        browser.call("Emulation.setEmulatedMedia", media);
        browser.call("Page.navigate", json!({"url": format!("file://{}", page.display())}));
        for _ in 0..200 {
            if browser.ask("document.readyState + !!document.querySelector('footer')")
                == "completetrue"
            {
                return browser;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the page does not load: {:?}", browser.events);
    }

    /// Calls a method of the protocol, and returns its result.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut message = json!({"id": self.number, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).expect("Chromium listens");
        loop {
            let answer = self.from.recv_timeout(PATIENCE).expect("Chromium answers");
            if answer["id"] != self.number {
                self.events.push(answer);
                continue;
            }
            assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
            return answer["result"].clone();
        }
    }

    /// The value of an expression, as text.
    pub(crate) fn ask(&mut self, expression: &str) -> String {
        let parameters = json!({"expression": expression, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        match &answer["result"]["value"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "End" => 35,
            "Home" => 36,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            _ => panic!("the code of the key {key} is not known here"),
        };
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Moves the mouse, presses or releases its button.
    pub(crate) fn mouse(&mut self, kind: &str, (x, y): (f64, f64)) {
        let buttons = i32::from(kind == "mousePressed");
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        let event = json!({"type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1});
        self.call("Input.dispatchMouseEvent", event);
    }

    pub(crate) fn click(&mut self, selector: &str) {
        let place = self.place(selector);
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            self.mouse(kind, place);
        }
    }

    /// The middle of an element on the screen, into which it is scrolled.
    pub(crate) fn place(&mut self, selector: &str) -> (f64, f64) {
        let found = self.ask(&format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{block: 'center', inline: 'center'}}); \
             const r = e.getBoundingClientRect(); return JSON.stringify([r.x + r.width / 2, r.y + r.height / 2]); }})()",
            json!(selector)
        ));
        serde_json::from_str(&found).expect("two numbers")
    }

    /// The text of an element.
    pub(crate) fn text(&mut self, selector: &str) -> String {
        self.ask(&format!("document.querySelector({}).innerText", json!(selector)))
    }

    /// The whole page as a PNG, as base64.
    pub(crate) fn screenshot(&mut self) -> String {
        let metrics = self.call("Page.getLayoutMetrics", json!({}));
        let size = &metrics["cssContentSize"];
        let clip =
            json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1});
        let parameters = json!({"captureBeyondViewport": true, "clip": clip});
        let shot = self.call("Page.captureScreenshot", parameters);
        shot["data"].as_str().expect("base64").to_owned()
    }

    /// What went wrong on the page, and what it asked the network for.
    pub(crate) fn troubles(&mut self) -> Vec<String> {
        self.ask("1"); // Collects what has come.
        let is_trouble = |event: &Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded") => true,
            Some("Network.requestWillBeSent") => !event["params"]["request"]["url"]
                .as_str()
                .is_some_and(|url| url.starts_with("file:")),
            _ => false,
        };
        self.events.iter().filter(|event| is_trouble(event)).map(ToString::to_string).collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // A browser that is gone already needs no killing.
        let killed = self.child.kill();
        if killed.is_ok() {
            self.child.wait().ok();
        }
    }
}
