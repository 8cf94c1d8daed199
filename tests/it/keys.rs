//! The keys that sign access tokens: attacks on tokens, rotation, the day of overlap.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use manero::admin::accounts::audit::Actor;
use manero::admin::accounts::{record_rotation, settle_keys};
use manero::ops::rotation::keys;
use manero::platform::crypto::DataKey;
use manero::platform::db::Result;
use manero::platform::secret::Secret;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::app::{TestApp, manero, manero_in};

const DAY_MS: i64 = 86_400_000;
const SECRET: &str = "a-secret-of-at-least-32-bytes-for-tests";

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token with this head and these claims, signed with HMAC-SHA256 under `secret`.
fn forge(head: &Value, claims: &Value, secret: &[u8]) -> String {
    let signed = format!("{}.{}", part(head), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Head and claims of a token.
fn parts(token: &str) -> (Value, Value) {
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let mut parts = token.split('.');
    (read(parts.next().unwrap()), read(parts.next().unwrap()))
}

fn with(mut value: Value, name: &str, to: Value) -> Value {
    if to.is_null() {
        value.as_object_mut().unwrap().remove(name);
    } else {
        value[name] = to;
    }
    value
}

#[test]
fn a_forged_or_changed_token_is_refused_and_the_same_forgery_with_true_values_is_not() {
    let app = TestApp::with(&[("JWT_SECRET", SECRET), ("MANERO_RATE_LIMITS", "off")]);
    let ana = app.session_of("owner");
    let (head, claims) = parts(&ana.access);
    assert_eq!((&head["alg"], &head["typ"]), (&json!("HS256"), &json!("JWT")));
    let good = |head: &Value, claims: &Value| forge(head, claims, SECRET.as_bytes());
    assert_eq!(app.me(&good(&head, &claims)), 200, "the forger knows how it is done");

    let now = claims["iat"].as_i64().unwrap();
    let mut attacks: Vec<(String, String)> = Vec::new();
    let mut attack = |what: &str, token: String| attacks.push((what.to_owned(), token));
    for alg in ["none", "None", "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256", "hs256", ""] {
        let head = with(head.clone(), "alg", json!(alg));
        let signed = good(&head, &claims);
        attack(&format!("alg {alg}"), signed.clone());
        attack(
            &format!("alg {alg}, no signature"),
            signed.rsplit_once('.').unwrap().0.to_owned() + ".",
        );
    }
    for kid in [
        json!("unknown"),
        json!(""),
        json!("../../dev/null"),
        json!("x' OR '1'='1"),
        json!("a\u{0}b"),
        json!("k".repeat(4000)),
        Value::Null,
        json!(1),
    ] {
        attack(
            &format!("kid {}", kid.to_string().len()),
            good(&with(head.clone(), "kid", kid), &claims),
        );
    }
    attack("crit", good(&with(head.clone(), "crit", json!(["x"])), &claims));
    attack("another key", forge(&head, &claims, b"another-secret-of-at-least-32-bytes"));
    attack("no key", forge(&head, &claims, b""));
    for (name, value) in [
        ("exp", json!(now - 1)),
        ("exp", json!(now)),
        ("exp", Value::Null),
        ("exp", json!("later")),
        ("iat", json!(now + 3600)),
        ("iat", Value::Null),
        ("nbf", json!(now + 3600)),
        ("iss", json!("somebody")),
        ("iss", Value::Null),
        ("aud", json!("another-api")),
        ("aud", Value::Null),
        ("sub", json!("00000000-0000-0000-0000-000000000000")),
        ("sub", Value::Null),
        ("sid", json!("00000000-0000-0000-0000-000000000000")),
        ("sid", Value::Null),
        ("epoch", json!(0)),
        ("epoch", json!(2)),
        ("epoch", Value::Null),
    ] {
        attack(&format!("{name} {value}"), good(&head, &with(claims.clone(), name, value)));
    }
    let tampered = with(claims.clone(), "exp", json!(now + 10_000_000));
    let signature = ana.access.rsplit_once('.').unwrap().1;
    attack("longer life", format!("{}.{}.{signature}", part(&head), part(&tampered)));
    attack("cut", ana.access[..ana.access.len() - 2].to_owned());
    attack("two parts", ana.access.rsplit_once('.').unwrap().0.to_owned());
    attack("four parts", format!("{}.x", ana.access));
    attack("empty", "..".to_owned());
    attack("huge", "x".repeat(7000));
    for (what, token) in &attacks {
        assert_eq!(app.me(token), 401, "{what}");
    }
    assert!(attacks.len() > 45);
    // What only the client reads changes nothing.
    let role = good(&head, &with(claims, "role", json!("analyst")));
    assert_eq!(app.get_as(&role, "/api/v1/users").status, 200);
}

#[test]
fn an_access_token_expires_to_the_second() {
    let app = TestApp::with(&[("JWT_EXPIRY", "15m"), ("MANERO_RATE_LIMITS", "off")]);
    app.person("ana", "owner");
    let clock = &app.context.accounts.clock;
    let now = 1_800_000_000_000;
    clock.stop_at(now);
    let ana = app.log_in("ana");
    for (at, status) in
        [(now + 899_999, 200), (now + 900_000, 401), (now - 5_000, 200), (now - 6_001, 401)]
    {
        clock.stop_at(at);
        assert_eq!(app.me(&ana.access), status, "{} ms", at - now);
    }
    clock.stop_at(now - 3_600_000);
    assert_eq!(app.refresh(&ana.refresh).status, 200, "a clock set back does not log anybody out");
}

/// `manero keys rotate jwt` at the time of the site's clock.
fn rotate(app: &TestApp) -> keys::Rotated {
    let (accounts, now) = (&app.context.accounts, app.context.accounts.clock.now_ms());
    let key = accounts.data_key.clone();
    let rotated: Result<keys::Rotated> = app.db().write_blocking(move |tx| {
        let rotated = keys::rotate(tx, &key, now)?;
        record_rotation(tx, &Actor::command(), &rotated, now)?;
        Ok(rotated)
    });
    rotated.unwrap()
}

fn kid(token: &str) -> String {
    parts(token).0["kid"].as_str().unwrap().to_owned()
}

#[test]
fn a_replaced_key_verifies_for_exactly_a_day() {
    let app = TestApp::with(&[("MANERO_RATE_LIMITS", "off")]);
    app.person("ana", "owner");
    let clock = &app.context.accounts.clock;
    let now = clock.now_ms() + 1000;
    clock.stop_at(now);
    let old = app.log_in("ana");
    let rotated = rotate(&app);
    assert_eq!((rotated.old, rotated.old_until), (Some(kid(&old.access)), now + DAY_MS));
    let new = app.log_in("ana");
    assert_eq!(kid(&new.access), rotated.new);
    for (after, status) in [(0, 200), (DAY_MS - 1, 200), (DAY_MS, 401), (DAY_MS + 1, 401)] {
        clock.stop_at(now + after);
        assert_eq!(app.me(&old.access), status, "{after} ms after");
        assert_eq!(app.me(&new.access), 200);
    }
    let kept = crate::app::session(&app.refresh(&old.refresh));
    assert_eq!(kid(&kept.access), kid(&new.access), "nobody is logged out by a rotation");
    let second = rotate(&app);
    let third = rotate(&app);
    assert_eq!(third.old.as_deref(), Some(second.new.as_str()));
    assert_eq!(app.me(&new.access), 200, "each has its own day");
    assert_eq!(app.audit().iter().filter(|action| *action == "keys.rotate").count(), 4);
}

/// Settles the keys as a start with this `JWT_SECRET` does; the active one's id.
fn settled(app: &TestApp, data_key: &DataKey, secret: Option<&str>) -> String {
    let (key, secret) = (data_key.clone(), secret.map(|s| Secret::new(s.to_owned())));
    let done: Result<()> =
        app.db().write_blocking(move |tx| settle_keys(tx, &key, secret.as_ref(), 1_000));
    done.unwrap();
    app.query::<(String,)>("SELECT id FROM signing_keys WHERE retired_at IS NULL").remove(0).0
}

#[test]
fn the_owners_secret_is_the_first_key_and_a_rotation_outlives_the_next_start() {
    let app = TestApp::with(&[("JWT_SECRET", SECRET)]);
    let key = app.context.accounts.data_key.clone();
    let first = settled(&app, &key, Some(SECRET));
    assert!(first.starts_with("env-"), "{first}");
    assert!(!first.contains(SECRET));
    let rotated = rotate(&app);
    assert_eq!(settled(&app, &key, Some(SECRET)), rotated.new, "the old secret does not come back");
    let another = settled(&app, &key, Some("another-secret-of-at-least-32-bytes!!"));
    assert!(another.starts_with("env-") && another != first);
    assert_eq!(settled(&app, &key, None), another, "nothing set changes nothing");
    assert_eq!(app.count("signing_keys"), 3);
}

#[test]
fn with_another_data_key_there_is_a_new_signing_key_and_people_can_log_in() {
    let app = TestApp::start();
    let key = app.context.accounts.data_key.clone();
    let first = settled(&app, &key, None);
    let restored = DataKey::generate();
    let second = settled(&app, &restored, None);
    assert_ne!(first, second);
    assert_eq!(settled(&app, &restored, None), second);
    app.change("UPDATE signing_keys SET retired_at = 5 WHERE retired_at IS NULL");
    let app = TestApp::with(&[("JWT_SECRET", SECRET)]);
    let first = settled(&app, &app.context.accounts.data_key.clone(), Some(SECRET));
    assert_eq!(settled(&app, &restored, Some(SECRET)), first, "the owner's secret is sealed anew");
}

#[test]
fn a_site_without_a_usable_key_makes_one_when_somebody_logs_in() {
    let app = TestApp::start();
    app.change("DELETE FROM signing_keys");
    let ana = app.session_of("owner");
    assert_eq!(app.me(&ana.access), 200);
}

#[test]
fn the_command_rotates_and_shows_the_calendar() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = manero_in(home.path(), args)
            .env("OPENAI_API_KEY", "sk-very-secret")
            .env("JWT_SECRET", SECRET)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["seed"]);
    let first: Value = serde_json::from_str(&run(&["keys", "rotate", "jwt", "--json"])).unwrap();
    let second: Value = serde_json::from_str(&run(&["keys", "rotate", "jwt", "--json"])).unwrap();
    assert_eq!(second["replaced"], first["kid"]);
    let list: Value = serde_json::from_str(&run(&["keys", "list", "--json"])).unwrap();
    let facts: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|k| (&k["purpose"], &k["state"], &k["age_days"]))
        .collect();
    let (jwt, zero) = (json!("jwt"), json!(0));
    assert_eq!(facts[..2], [(&jwt, &json!("active"), &zero), (&jwt, &json!("retiring"), &zero)]);
    assert_eq!(
        (&list[2]["kid"], &list[2]["purpose"]),
        (&json!("OPENAI_API_KEY"), &json!("integration"))
    );
    assert!(
        list[0]["next_rotation"].as_str().unwrap().len() == 10
            && list[1]["next_rotation"].is_null()
    );
    let text = run(&["keys", "list"]) + &run(&["doctor"]);
    assert!(text.contains("NEXT ROTATION") && text.contains("next due "), "{text}");
    assert!(!text.contains("very-secret") && !text.contains(SECRET));
    let refused = manero(home.path(), &["keys", "rotate", "openai"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn the_doctor_speaks_of_a_key_that_is_due_within_a_week() {
    use manero::ops::doctor::{Verdict, examine};
    let app = TestApp::with(&[("SENDGRID_API_KEY", "SG.key")]);
    let verdict = |app: &TestApp| {
        let checks = examine(&app.loaded, Ok(app.db()));
        let keys = checks.into_iter().find(|check| check.name == "keys").unwrap();
        (keys.verdict, keys.found, keys.fix.unwrap_or_default())
    };
    assert_eq!(verdict(&app).0, Verdict::Ok);
    app.change("UPDATE signing_keys SET created_at = created_at - 2073600000");
    let (found, text, fix) = verdict(&app);
    assert!(found == Verdict::Warn && text.contains("JWT") && fix.contains("rotate jwt"), "{text}");
    rotate(&app);
    assert_eq!(verdict(&app).0, Verdict::Ok);
    app.change(
        "UPDATE facts SET updated_at = updated_at - 7257600000 WHERE name LIKE 'key-seen/%'",
    );
    let (found, text, fix) = verdict(&app);
    assert!(found == Verdict::Warn && text.contains("SENDGRID_API_KEY"), "{text}");
    assert!(fix.contains("at the vendor"));
}
