//! The owner's first day in a real Chromium: from the set-up link to a person who is erased.

use std::path::Path;

use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use manero::platform::clock::now_ms;
use manero::platform::config::{Sources, load};
use manero::platform::db::Db;

use super::chromium::Driver;
use super::{DESK, Outcome, PHONE, Page, Script};
use crate::app::{LiveApp, PASSWORD, manero, options_of};
use crate::factor::code_of;

const ERASED: &str = "erika.mustermann.0417@example.com";

/// A link with which somebody becomes owner, as a path.
fn set_up_path(home: &Path) -> String {
    let made = manero(home, &["admin", "create", "--json"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let link = made["link"].as_str().unwrap();
    link[link.find("/admin").unwrap()..].to_owned()
}

/// A picture of one colour.
fn picture(home: &Path) -> String {
    let path = home.join("a room.png");
    let pixels = image::RgbImage::from_pixel(900, 600, image::Rgb([166, 58, 30]));
    pixels.save(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A list of a thousand people, one of whom comes twice and one without an address.
fn people(home: &Path) -> String {
    let mut csv = String::from("E-Mail;Full name;Where\n");
    for n in 0..999 {
        let email = if n == 417 { ERASED.to_owned() } else { format!("person{n}@example.com") };
        csv += &format!("{email};Person {n};Fair\n");
    }
    csv += "person1@example.com;Person 1;Fair\nno address;Nobody;Fair\nlast@example.com;Last One;Fair\n";
    let path = home.join("fair.csv");
    std::fs::write(&path, csv).unwrap();
    path.to_str().unwrap().to_owned()
}

impl Page {
    async fn css(&self, selector: &str) -> Result<Element, CmdError> {
        self.browser.wait().for_element(Locator::Css(selector)).await
    }

    /// Fills a field in as soon as it is there.
    async fn fill(&self, id: &str, text: &str) -> Outcome {
        self.css(&format!("#{id}")).await?;
        self.enter(id, text).await
    }

    async fn press(&self, selector: &str) -> Outcome {
        let button = self.css(selector).await?;
        let scroll = "arguments[0].scrollIntoView({block: 'center'})";
        self.browser.execute(scroll, vec![serde_json::to_value(&button)?]).await?;
        button.click().await
    }

    /// Waits until the page says `text`.
    async fn says(&self, text: &str) -> Outcome {
        let here = format!("//main//*[contains(normalize-space(.), {text:?})]");
        self.browser.wait().for_element(Locator::XPath(&here)).await.map(drop)
    }
}

async fn set_up(page: &Page, path: &str) -> Outcome {
    page.open(path).await?;
    page.fill("name", "Ana Souza").await?;
    page.fill("email", "ana@example.com").await?;
    page.fill("password", PASSWORD).await?;
    page.fill("again", PASSWORD).await?;
    page.press("main form button").await?;
    page.says("Keep this key").await?;
    page.press("a.button").await?;
    page.says("Before people come").await
}

/// Turns the second factor on; returns the recovery codes.
async fn second_factor(page: &Page) -> Result<Vec<String>, CmdError> {
    page.open("/admin/account").await?;
    page.press("form[action='/admin/account/second-factor'] button").await?;
    let letters = page.css("code.secret").await?.text().await?;
    page.fill("code", &code_of(&letters, now_ms())).await?;
    page.press("form[action$='/confirm'] button").await?;
    page.says("The second factor is on").await?;
    let mut codes = Vec::new();
    for code in page.browser.find_all(Locator::Css(".codes li")).await? {
        codes.push(code.text().await?);
    }
    assert_eq!(codes.len(), 10);
    Ok(codes)
}

async fn log_in_again(page: &Page, code: &str) -> Outcome {
    page.press(".rail-column form[action='/admin/log-out'] button").await?;
    page.fill("email", "ana@example.com").await?;
    page.fill("password", PASSWORD).await?;
    page.press("main form button").await?;
    page.css("#code").await?.send_keys(code).await?;
    page.press("main form button").await?;
    page.says("Before people come").await
}

/// Brings a picture; returns how a text shows it.
async fn bring_picture(page: &Page, file: &str) -> Result<String, CmdError> {
    page.open("/admin/media").await?;
    page.press(".bring summary").await?;
    page.css("#file").await?.send_keys(file).await?;
    page.fill("alt", "A room with a red wall").await?;
    page.press(".bring form button").await?;
    page.says("is in the library").await?;
    page.css("code[data-copy]").await?.text().await
}

async fn article(page: &Page, site: &LiveApp, picture: &str) -> Outcome {
    page.open("/admin/articles/new").await?;
    page.fill("title", "What a room says").await?;
    let text = format!("## The wall\n\nEvery room speaks.\n\n{picture}\n");
    page.fill("body", &text).await?;
    page.fill("excerpt", "Every room speaks before you do.").await?;
    let date = "document.querySelector('#date').value = '2099-01-02T03:04'";
    page.browser.execute(date, vec![]).await?;
    page.press("button[value=schedule]").await?;
    page.css(".badge.warn").await?;
    assert_eq!(site.get("/articles/what-a-room-says").status, 404, "not before its time");
    page.open("/admin/articles/what-a-room-says").await?;
    page.press("button[value=publish]").await?;
    page.css(".badge.good").await?;
    page.open("/articles/what-a-room-says").await?;
    page.says("Every room speaks").await?;
    let shown = "const i = document.querySelector('.prose img, article img[alt^=\"A room\"], img[alt^=\"A room\"]'); i.scrollIntoView(); return i.decode().then(() => i.naturalWidth)";
    let width: u32 = serde_json::from_value(page.browser.execute(shown, vec![]).await?)?;
    assert!(width > 0, "the picture is there");
    Ok(())
}

async fn import(page: &Page, file: &str) -> Outcome {
    page.open("/admin/leads/import").await?;
    page.css("#file").await?.send_keys(file).await?;
    page.press("main form button").await?;
    page.says("What are the columns?").await?;
    page.fill("tags", "fair 2026").await?;
    page.fill("consent", "They signed the list at our stand at the fair.").await?;
    page.press("form[action$='/check'] button").await?;
    page.says("Nothing is stored yet").await?;
    page.says("Will be new").await?;
    page.press("form[action$='/run'] button").await?;
    page.says("Undo this import").await
}

/// Finds one of the thousand, takes them home as CSV, and erases one.
async fn leads(page: &Page) -> Outcome {
    page.open("/admin/leads?tag=fair+2026&q=person+9").await?;
    page.says("person998@example.com").await?;
    let export = "return fetch(document.querySelector('a.export').href).then(a => a.text()).then(t => t.trim().split('\\n').length)";
    let lines: u32 = serde_json::from_value(page.browser.execute(export, vec![]).await?)?;
    assert!((100..=120).contains(&lines), "the export has what the list shows: {lines} lines");
    page.open("/admin/leads?q=erika").await?;
    page.press("td .name").await?;
    page.fill("typed", ERASED).await?;
    page.press(".danger-zone button.danger").await?;
    page.css("[role=status], .flash").await?;
    page.open("/admin/leads?q=erika").await?;
    page.says("Nothing fits").await
}

#[test]
fn an_owner_goes_from_the_set_up_link_to_a_published_article_and_an_erased_person() {
    let Some(driver) = Driver::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let mut site = LiveApp::start_in(home.path(), &[]);
    let (link, file, list) = (set_up_path(home.path()), picture(home.path()), people(home.path()));
    driver.visit(&site.base_url, DESK, Script::On, async |page| {
        set_up(page, &link).await?;
        let codes = second_factor(page).await?;
        log_in_again(page, &codes[0]).await?;
        let picture = bring_picture(page, &file).await?;
        article(page, &site, &picture).await?;
        import(page, &list).await?;
        leads(page).await?;
        page.console_is_clean().await
    });
    site.terminate();
    assert!(site.wait().0.success());
    // What the hourly task does.
    let loaded = load(&Sources::new(home.path(), [])).unwrap_or_else(|faults| panic!("{faults}"));
    let db = Db::open(&options_of(&loaded)).unwrap();
    assert!(db.wipe_if_owed().unwrap(), "whoever erases owes it");
    db.close();
    for entry in std::fs::read_dir(home.path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_file() && name.starts_with("manero.db") {
            let bytes = std::fs::read(&path).unwrap();
            for trace in [ERASED, "erika", "mustermann"] {
                let found =
                    bytes.windows(trace.len()).any(|at| at.eq_ignore_ascii_case(trace.as_bytes()));
                assert!(!found, "{name} still holds {trace}");
            }
        }
    }
}

#[test]
fn the_dashboard_fits_a_phone_and_keeps_the_console_clean() {
    let Some(driver) = Driver::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let site = LiveApp::start_in(home.path(), &[]);
    let link = set_up_path(home.path());
    driver.visit(&site.base_url, PHONE, Script::On, async |page| {
        set_up(page, &link).await?;
        let pages = manero::admin::accounts::pages_policy::PAGES;
        let plain = pages.iter().filter(|(method, path, _)| {
            *method == "GET"
                && !path.contains('<')
                && !path.contains(".csv")
                && *path != "/admin/log-in"
        });
        for (_, path, _) in plain {
            if path.ends_with("/second-factor") {
                continue; // Only while one is being set up.
            }
            page.open(path).await?;
            let headings = page.browser.find_all(Locator::Css("h1")).await?.len();
            assert_eq!(headings, 1, "{path} has one main heading");
            page.fits(PHONE).await?;
        }
        page.console_is_clean().await
    });
}
