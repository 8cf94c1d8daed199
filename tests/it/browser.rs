//! The public pages in a real Chromium, driven over WebDriver: on a phone and on a desk, with JavaScript and without.
//!
//! Left out unless `MANERO_TEST_CHROMEDRIVER` names a chromedriver; `./test` installs one and sets it. A failing test leaves a
//! screenshot in the build directory's `tmp`. Deliberately not here: what needs no browser to be seen (answers, headers, mails).

mod chromium;
mod dashboard;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::Value;
use url::Url;

use self::chromium::{BrowserLog, Driver};
use crate::app::LiveApp;

const PHONE: Device = Device { name: "phone", width: 360, height: 740, mobile: true };
const DESK: Device = Device { name: "desk", width: 1440, height: 900, mobile: false };

const PUBLIC_PAGES: [&str; 5] = ["/", "/programs", "/programs/prime", "/privacy", "/thanks"];

#[test]
fn a_visitor_on_a_phone_mends_a_refused_form_and_becomes_one_lead() {
    mend_a_refused_form(PHONE, Script::On);
}

#[test]
fn a_visitor_on_a_phone_without_javascript_mends_a_refused_form_and_becomes_one_lead() {
    mend_a_refused_form(PHONE, Script::Off);
}

#[test]
fn a_visitor_at_a_desk_mends_a_refused_form_and_becomes_one_lead() {
    mend_a_refused_form(DESK, Script::On);
}

#[test]
fn a_visitor_at_a_desk_without_javascript_mends_a_refused_form_and_becomes_one_lead() {
    mend_a_refused_form(DESK, Script::Off);
}

#[test]
fn pages_fit_a_phone_and_keep_the_console_clean() {
    read_every_page(PHONE, Script::On);
}

#[test]
fn pages_without_javascript_fit_a_phone_and_keep_the_console_clean() {
    read_every_page(PHONE, Script::Off);
}

#[test]
fn pages_fit_a_desk_and_keep_the_console_clean() {
    read_every_page(DESK, Script::On);
}

#[test]
fn pages_without_javascript_fit_a_desk_and_keep_the_console_clean() {
    read_every_page(DESK, Script::Off);
}

fn mend_a_refused_form(device: Device, script: Script) {
    let Some(driver) = Driver::start() else {
        return;
    };
    let site = LiveApp::start();
    driver.visit(&site.base_url, device, script, async |page| {
        page.open("/").await?;
        if script == Script::On {
            // Without JavaScript the browser itself stops an empty form.
            page.submit().await?;
            page.browser.wait().for_element(Locator::Css("#error-summary")).await?;
            page.shows_errors_for(&["lead-email", "lead-name", "lead-gdprConsent"]).await?;
        }

        page.enter("lead-name", "Ada Lovelace").await?;
        page.enter("lead-email", "ada@localhost").await?;
        page.field("lead-program").await?.select_by_value("prime").await?;
        page.tick("lead-gdprConsent").await?;
        page.submit().await?;
        let only_the_address = Locator::Css("#error-summary:not(:has([href='#lead-name']))");
        page.browser.wait().for_element(only_the_address).await?;
        page.shows_errors_for(&["lead-email"]).await?;
        page.fits(device).await?;
        for (field, entered) in [
            ("lead-name", "Ada Lovelace"),
            ("lead-email", "ada@localhost"),
            ("lead-program", "prime"),
        ] {
            let kept = page.field(field).await?.prop("value").await?;
            assert_eq!(kept.as_deref(), Some(entered), "{field} keeps what was entered");
        }

        page.browser
            .find(Locator::Css("#error-summary a[href='#lead-email']"))
            .await?
            .click()
            .await?;
        let focused = page.browser.active_element().await?.attr("id").await?;
        assert_eq!(
            focused.as_deref(),
            Some("lead-email"),
            "the summary's link leads into the field"
        );

        page.enter("lead-email", "ada@example.com").await?;
        page.tick("lead-gdprConsent").await?;
        page.submit().await?;
        page.browser.wait().for_url(&page.address("/thanks")).await?;
        let heading = page.browser.find(Locator::Css("h1")).await?;
        assert!(heading.is_displayed().await?, "the heading of /thanks is shown");
        assert!(!heading.text().await?.is_empty(), "/thanks has a heading");
        page.console_is_clean().await
    });
    assert_eq!(
        site.leads(),
        [("ada@example.com".to_owned(), "Ada Lovelace".to_owned())],
        "the lead is stored once"
    );
}

fn read_every_page(device: Device, script: Script) {
    let Some(driver) = Driver::start() else {
        return;
    };
    let site = LiveApp::start();
    driver.visit(&site.base_url, device, script, async |page| {
        for path in PUBLIC_PAGES {
            page.open(path).await?;
            assert_eq!(
                page.browser.find_all(Locator::Css("h1")).await?.len(),
                1,
                "{path} has one main heading"
            );
            page.fits(device).await?;
        }
        page.console_is_clean().await
    });
}

#[derive(Clone, Copy)]
struct Device {
    name: &'static str,
    width: u32,
    height: u32,
    mobile: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Script {
    On,
    Off,
}

/// A browser tab on the site under test.
struct Page {
    browser: Client,
    base: Url,
    script: Script,
}

type Outcome = Result<(), CmdError>;

impl Page {
    fn address(&self, path: &str) -> Url {
        self.base.join(path).expect("a path of the site")
    }

    async fn open(&self, path: &str) -> Outcome {
        self.browser.goto(self.address(path).as_str()).await?;
        self.is_enhanced_only_by_scripts().await
    }

    /// Scripts announce themselves by taking validation over from the browser; without them the form stays native.
    async fn is_enhanced_only_by_scripts(&self) -> Outcome {
        if self.script == Script::Off {
            let enhanced = self.browser.find_all(Locator::Css("#join-form[novalidate]")).await?;
            assert!(enhanced.is_empty(), "no script runs when JavaScript is off");
        } else if !self.browser.find_all(Locator::Id("join-form")).await?.is_empty() {
            self.browser.wait().for_element(Locator::Css("#join-form[novalidate]")).await?;
        }
        Ok(())
    }

    async fn field(&self, id: &str) -> Result<Element, CmdError> {
        self.browser.find(Locator::Id(id)).await
    }

    async fn enter(&self, id: &str, text: &str) -> Outcome {
        let field = self.field(id).await?;
        field.clear().await?;
        field.send_keys(text).await
    }

    async fn tick(&self, id: &str) -> Outcome {
        let field = self.field(id).await?;
        if field.is_selected().await? { Ok(()) } else { field.click().await }
    }

    async fn submit(&self) -> Outcome {
        self.browser.find(Locator::Css("#join-form button:not([type=button])")).await?.click().await
    }

    /// The GOV.UK manner: the title says so, and a visible summary on top links to exactly the fields at fault.
    async fn shows_errors_for(&self, fields: &[&str]) -> Outcome {
        self.is_enhanced_only_by_scripts().await?;
        let title = self.browser.title().await?;
        assert!(title.starts_with("Error:"), "the title begins with Error: but is {title:?}");
        let summary = self.field("error-summary").await?;
        assert!(summary.is_displayed().await?, "the error summary is shown");
        let mut linked = Vec::new();
        for link in summary.find_all(Locator::Css("a[href^='#']")).await? {
            linked.push(
                link.attr("href").await?.unwrap_or_default().trim_start_matches('#').to_owned(),
            );
        }
        for field in &linked {
            assert!(
                self.field(field).await?.is_displayed().await?,
                "{field} is there to be mended"
            );
        }
        linked.sort_unstable();
        let mut fields = fields.to_vec();
        fields.sort_unstable();
        assert_eq!(linked, fields, "the summary links to the fields at fault");
        Ok(())
    }

    /// Nothing is wider than the screen. (The layout viewport, not `innerWidth`: a phone zooms out to fit what overflows.)
    async fn fits(&self, device: Device) -> Outcome {
        let widths =
            "const page = document.documentElement; return [page.clientWidth, page.scrollWidth]";
        let (shown, needed): (u32, u32) =
            serde_json::from_value(self.browser.execute(widths, vec![]).await?)?;
        let url = self.browser.current_url().await?;
        assert!(
            shown <= device.width,
            "{url} is laid out {shown} px wide on a screen of {}",
            device.width
        );
        assert!(needed <= shown, "{url} scrolls sideways: {needed} px of content in {shown}");
        Ok(())
    }

    /// No error and no policy violation was logged. The browser itself notes that a refused form was answered with a 4xx.
    async fn console_is_clean(&self) -> Outcome {
        let log = self.browser.issue_cmd(BrowserLog).await?;
        let faults: Vec<&Value> = log
            .as_array()
            .expect("the log is a list")
            .iter()
            .filter(|entry| {
                let message = entry["message"].as_str().unwrap_or_default();
                let refused_form = entry["source"] == "network"
                    && message.contains("/leads")
                    && message.contains("status of 4");
                let violation = message.contains("Content Security Policy")
                    || message.contains("Content-Security-Policy");
                (entry["level"] == "SEVERE" && !refused_form) || violation
            })
            .collect();
        assert!(faults.is_empty(), "the console is clean, but says {faults:#?}");
        Ok(())
    }
}
