//! The second factor, as somebody with an authenticator app meets it.

use serde_json::json;
use totp_rs::{Algorithm, TOTP};

use crate::app::{PASSWORD, TestApp};

/// The secret behind the base32 text.
fn from_base32(text: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.chars() {
        bits = bits << 5 | letters.find(letter).unwrap() as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

/// The code that an app shows for a secret as it is written on the screen.
pub(crate) fn code_of(letters: &str, now_ms: i64) -> String {
    let letters: String = letters.chars().filter(|c| !c.is_whitespace()).collect();
    code_at(&totp_rs::Secret::Encoded(letters).to_bytes().unwrap(), now_ms)
}

/// The code that an app shows at `now_ms`.
pub(crate) fn code_at(secret: &[u8], now_ms: i64) -> String {
    let app = TOTP::new(Algorithm::SHA1, 6, 1, 30, secret.to_vec()).unwrap();
    app.generate(u64::try_from(now_ms / 1000).unwrap())
}

#[test]
fn a_second_factor_is_confirmed_asked_for_and_no_code_counts_twice() {
    let app = TestApp::unlimited();
    app.person("ana", "owner");
    let ana = app.log_in("ana");
    let clock = &app.context.accounts.clock;
    let now = clock.now_ms() / 30_000 * 30_000;
    clock.stop_at(now + 30_000);
    let begun = app.post_as(&ana.access, "/api/v1/auth/totp", &json!({})).json();
    assert!(begun["url"].as_str().unwrap().starts_with("otpauth://totp/Manuel%20Manero:ana%40"));
    let secret = from_base32(begun["secret"].as_str().unwrap());
    let confirm = |code: &str| {
        app.post_as(&ana.access, "/api/v1/auth/totp/confirm", &json!({ "code": code }))
    };
    confirm("12345x").problem(400);
    confirm("000000").problem(403);
    assert_eq!(app.try_log_in("ana", PASSWORD).status, 200, "not asked for before it is confirmed");
    let confirmed = confirm(&code_at(&secret, now)).json();
    let codes: Vec<String> = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    confirm(&code_at(&secret, now + 30_000)).problem(409);
    app.post_as(&ana.access, "/api/v1/auth/totp", &json!({})).problem(409);

    let with = |totp: &str| {
        let body = json!({ "email": "ana@example.com", "password": PASSWORD, "totp": totp });
        app.post_json("/api/v1/auth/login", &body)
    };
    let asked = app.try_log_in("ana", PASSWORD).problem(400);
    assert_eq!(
        (&asked["error"][0]["path"], &asked["error"][0]["code"]),
        (&json!(["totp"]), &json!("required"))
    );
    app.try_log_in("ana", "wrong password").problem(401);
    with(&code_at(&secret, now)).problem(401);
    let code = code_at(&secret, now + 30_000);
    assert_eq!(with(&code).status, 200);
    with(&code).problem(401);
    let next = code_at(&secret, now + 60_000);
    assert_eq!(with(&next).status, 200, "one step early");
    assert_eq!(with(&codes[3].to_uppercase()).status, 200);
    with(&codes[3]).problem(401);
    with("aaaaa-aaaaa").problem(401);

    let off = |password: &str| {
        app.post_as(&ana.access, "/api/v1/auth/totp/remove", &json!({ "password": password }))
    };
    off("wrong password").problem(403);
    assert_eq!(off(PASSWORD).status, 204);
    assert_eq!(app.try_log_in("ana", PASSWORD).status, 200);
    assert_eq!(app.count("recovery_codes"), 0);
}
