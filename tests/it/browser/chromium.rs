//! Chromium and its chromedriver: started on a free port, told what screen it has, and ended with everything it started.

#![allow(clippy::print_stderr, reason = "says what was left out, and where the screenshot is")]

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rocket::futures::FutureExt;
use rocket::http::hyper::Method;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tokio::time::timeout;
use url::{ParseError, Url};

use super::{Device, Outcome, Page, Script};

/// Far above what a story takes (3 s; the day of an owner 20 s); a browser that hangs must fail its test, not stop the suite.
const STORY_LIMIT: Duration = Duration::from_mins(4);

/// chromedriver on a free port, ended on drop.
pub(super) struct Driver {
    process: Child,
    url: String,
    /// Held open: chromedriver must not die of writing to a closed pipe.
    _output: BufReader<ChildStdout>,
}

impl Driver {
    pub(super) fn start() -> Option<Self> {
        let Some(program) = chromedriver() else {
            eprintln!(
                "left out: set MANERO_TEST_CHROMEDRIVER=/usr/bin/chromedriver to run this test in Chromium, or run ./test"
            );
            return None;
        };
        let mut process = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert!(
                output.read_line(&mut line).expect("readable output") > 0,
                "{program} ended without naming its port"
            );
            let port =
                line.rsplit_once("on port ").map(|(_, port)| port.trim_end().trim_end_matches('.'));
            if let Some(port) =
                port.and_then(|port| port.parse::<u16>().ok()).filter(|&port| port != 0)
            {
                break port;
            }
        };
        Some(Self { process, url: format!("http://127.0.0.1:{port}"), _output: output })
    }

    /// Opens a browser, lets `story` happen in it, and closes it however the story ends.
    pub(super) fn visit(
        &self,
        base_url: &str,
        device: Device,
        script: Script,
        story: impl AsyncFnOnce(&Page) -> Outcome,
    ) {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let browser = ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities(device, script))
                .connect(&self.url)
                .await
                .expect("Chromium starts");
            let page =
                Page { browser, base: Url::parse(base_url).expect("the site's address"), script };
            let end = AssertUnwindSafe(story(&page)).catch_unwind();
            let Ok(end) = timeout(STORY_LIMIT, end).await else {
                panic!("the browser does not answer: {STORY_LIMIT:?} have passed");
            };
            if !matches!(end, Ok(Ok(()))) {
                save_screenshot(&page.browser, device, script).await;
            }
            page.browser.close().await.expect("Chromium closes");
            match end {
                Ok(outcome) => outcome.expect("the browser does as told"),
                Err(panic) => resume_unwind(panic),
            }
        });
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The whole group: Chromium would outlive a chromedriver that is killed while it waits. Already gone is fine too.
        let _ = kill_process_group(Pid::from_child(&self.process), Signal::KILL);
        let _ = self.process.wait();
    }
}

#[allow(clippy::disallowed_methods, reason = "the tests' own switch, not a setting of the product")]
fn chromedriver() -> Option<String> {
    std::env::var("MANERO_TEST_CHROMEDRIVER").ok().filter(|program| !program.is_empty())
}

fn capabilities(device: Device, script: Script) -> Capabilities {
    let javascript = if script == Script::On { 1 } else { 2 };
    let value = json!({
        "goog:chromeOptions": {
            "args": [
                "--headless",
                "--no-sandbox", // the tests run as root in containers; the only site visited is our own
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--force-prefers-reduced-motion", // chromedriver does not wait for smooth scrolling
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
            "prefs": { "profile.managed_default_content_settings.javascript": javascript },
            // A window cannot be as narrow as a phone; an emulated screen can.
            "mobileEmulation": { "deviceMetrics": {
                "width": device.width,
                "height": device.height,
                "pixelRatio": 1.0,
                "mobile": device.mobile,
                // chromedriver waits for a timer in the page after each tap, so without JavaScript it clicks.
                "touch": device.mobile && script == Script::On,
            } },
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    let Value::Object(capabilities) = value else { unreachable!("an object was written") };
    capabilities
}

async fn save_screenshot(browser: &Client, device: Device, script: Script) {
    let file =
        format!("{}/browser-{}-script-{script:?}.png", env!("CARGO_TARGET_TMPDIR"), device.name);
    match browser.screenshot().await {
        Ok(png) => match std::fs::write(&file, png) {
            Ok(()) => eprintln!("what Chromium showed: {file}"),
            Err(error) => eprintln!("no screenshot: {file}: {error}"),
        },
        Err(error) => eprintln!("no screenshot: {error}"),
    }
}

/// What the page and the browser wrote to the console since the last call: chromedriver's `se/log`.
#[derive(Debug)]
pub(super) struct BrowserLog;

impl WebDriverCompatibleCommand for BrowserLog {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/se/log", session_id.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
