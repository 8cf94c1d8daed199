//! Offers of programs: another price and another checkout, for a time. And what the home page and the foot of each page
//! consist of.

use manero::business::programs;
use manero::platform::clock;
use manero::platform::db::{Result, Sql, Tx};
use serde_json::{Value, json};

use crate::editing::editor;

const PATH: &str = "/api/v1/programs/prime";

/// Sets a text that no seed file has.
fn put(tx: &mut Tx<'_>, name: &str, lang: &str, value: &str) -> Result<()> {
    let sql =
        "INSERT INTO texts (name, lang, value, created_at, updated_at) VALUES (?1, ?2, ?3, 1, 1)";
    tx.exec(Sql::portable(sql), &[&name, &lang, &value])?;
    tx.touch_content()
}

fn offer(name: &str, amount: i64, (start, end): (Option<i64>, Option<i64>)) -> Value {
    json!({
        "name": name, "amount": amount, "checkout_url": format!("https://pay.hotmart.com/{amount}"),
        "starts_at": start.map(clock::rfc3339), "ends_at": end.map(clock::rfc3339),
    })
}

#[test]
fn the_offer_whose_time_is_now_is_what_visitors_see() {
    let (app, token) = editor();
    let now = clock::now_ms();
    let hour = 3_600_000;
    let offers = json!([
        offer("Past", 1100, (None, Some(now - hour))),
        offer("To come", 1200, (Some(now + hour), None)),
        offer("Early bird", 39900, (Some(now - hour), Some(now + 48 * hour))),
        offer("Also now", 1300, (None, None)),
    ]);
    let change = json!({ "offers": offers, "checkout_url": "https://pay.hotmart.com/regular" });
    let changed = app.patch_as(&token, PATH, &change);
    assert_eq!(changed.status, 200, "{}", changed.text());
    let public = app.get(PATH).json();
    assert_eq!(
        (&public["price"]["amount"], &public["offer"]["name"]),
        (&json!(39900), &json!("Early bird"))
    );
    assert_eq!(public["offer"]["regular_price"]["amount"], 49900);
    assert_eq!(public["checkout_url"], "https://pay.hotmart.com/39900");
    let source = &changed.json()["source"];
    assert_eq!(
        (&source["price"]["amount"], &source["checkout_url"]),
        (&json!(49900), &json!("https://pay.hotmart.com/regular"))
    );
    assert_eq!(source["offers"].as_array().unwrap().len(), 4);
    let page = app.get("/programs/prime");
    for part in [
        "€399",
        "Early bird",
        "Afterwards it costs €499.",
        "https://pay.hotmart.com/39900",
        "priceValidUntil",
    ] {
        assert!(page.page(200).contains(part), "{part} in {}", page.text());
    }
    assert!(app.get("/es/programs/prime").page(200).contains("Después cuesta 499"));

    let none = app.patch_as(&token, PATH, &json!({ "offers": [] })).json();
    assert_eq!((&none["price"]["amount"], &none["offer"]), (&json!(49900), &Value::Null));
    let backwards = json!({ "offers": [offer("x", 1, (Some(now), Some(now - 1)))] });
    app.patch_as(&token, PATH, &backwards).problem(409);
    let odd = json!({ "offers": [{ "name": "", "amount": -1, "checkout_url": "http://x", "starts_at": "soon" }] });
    assert_eq!(app.patch_as(&token, PATH, &odd).problem(400)["error"].as_array().unwrap().len(), 4);
}

#[test]
fn pages_follow_an_offer_that_begins_or_ends_though_nobody_edits_anything() {
    let (app, token) = editor();
    let now = clock::now_ms();
    let offers = json!({ "offers": [offer("Soon", 1, (Some(now + 5000), Some(now + 9000)))] });
    assert_eq!(app.patch_as(&token, PATH, &offers).status, 200);
    let version = || app.db().content_version();
    let before = version();
    programs::turn(app.db(), now, now + 4999).unwrap();
    assert_eq!(version(), before, "nothing has turned");
    programs::turn(app.db(), now + 4999, now + 5000).unwrap();
    let begun = version();
    assert_ne!(begun, before);
    programs::turn(app.db(), now + 5000, now + 8999).unwrap();
    assert_eq!(version(), begun);
    programs::turn(app.db(), now + 8999, now + 9999).unwrap();
    assert_ne!(version(), begun);
}

#[test]
fn sections_and_the_foot_of_the_page_are_as_they_were_set() {
    let (app, _) = editor();
    let page = app.get("/");
    let at =
        |text: &str, part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is not there"));
    assert!(at(page.page(200), "id=\"promise\"") < at(page.text(), "id=\"how\""));
    let sections = "{\"order\":[\"steps\",\"articles\"],\"hidden\":[\"fit\"]}";
    app.db().write_blocking(move |tx| put(tx, "sections", "", sections)).unwrap();
    let page = app.get("/");
    let html = page.page(200);
    assert!(
        at(html, "id=\"how\"") < at(html, "id=\"latest\"")
            && at(html, "id=\"latest\"") < at(html, "id=\"promise\"")
    );
    assert!(!html.contains("id=\"fit\"") && html.contains("id=\"join\""));
    assert!(
        app.get("/es").page(200).find("id=\"how\"") < app.get("/es").text().find("id=\"promise\"")
    );

    let footer = "{\"links\":[{\"label\":\"Elsewhere\",\"path\":\"https://social.example/ana\"},{\"label\":\"Prime\",\"path\":\"/programs/prime\"}]}";
    app.db().write_blocking(move |tx| put(tx, "footer", "es", footer)).unwrap();
    let spanish = app.get("/es/contact");
    for link in [
        "<a href=\"https://social.example/ana\" rel=\"noopener\">Elsewhere</a>",
        "<a href=\"/es/programs/prime\">Prime</a>",
        "/es/privacy",
    ] {
        assert!(spanish.page(200).contains(link), "{link} in {}", spanish.text());
    }
    assert!(!app.get("/contact").page(200).contains("Elsewhere"), "each language has its own");
}
