//! People who log in, for the tests of what they may do.

use manero::admin::accounts::audit::Actor;
use manero::admin::accounts::model::Role;
use manero::admin::accounts::passwords;
use manero::admin::accounts::users::{self, NewUser};
use manero::platform::clock;
use manero::platform::error::Error;
use rocket::http::Method;
use serde_json::{Value, json};

use super::{Answer, Ask, TestApp, get, post, request};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse staple";

/// Somebody who has logged in.
pub(crate) struct Session {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) user: String,
}

impl Ask {
    /// With this token.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }
}

impl TestApp {
    /// A site on which nothing is limited.
    pub(crate) fn unlimited() -> Self {
        Self::with(&[("MANERO_RATE_LIMITS", "off")])
    }

    /// Adds `<name>@example.com`; returns the id.
    pub(crate) fn person(&self, name: &str, role: &str) -> String {
        // One hash for everybody: it takes its time.
        static HASH: std::sync::LazyLock<String> =
            std::sync::LazyLock::new(|| passwords::hash(PASSWORD).unwrap());
        let new = NewUser {
            email: format!("{name}@example.com"),
            name: format!("Somebody called {name}"),
            role: Role::from_code(role).unwrap(),
            password_hash: HASH.clone(),
        };
        let created: Result<_, Error> = self
            .db()
            .write_blocking(|tx| users::create(tx, &Actor::command(), new, clock::now_ms()));
        created.unwrap().id
    }

    pub(crate) fn try_log_in(&self, name: &str, password: &str) -> Answer {
        let email = format!("{name}@example.com");
        self.post_json("/api/v1/auth/login", &json!({ "email": email, "password": password }))
    }

    pub(crate) fn log_in(&self, name: &str) -> Session {
        session(&self.try_log_in(name, PASSWORD))
    }

    /// Adds somebody and logs them in.
    pub(crate) fn session_of(&self, role: &str) -> Session {
        self.person(role, role);
        self.log_in(role)
    }

    pub(crate) fn refresh(&self, token: &str) -> Answer {
        self.post_json("/api/v1/auth/refresh", &json!({ "refresh_token": token }))
    }

    pub(crate) fn me(&self, token: &str) -> u16 {
        self.send(&get("/api/v1/auth/me").bearer(token)).status
    }

    pub(crate) fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send(&post(path).bearer(token).json(body))
    }

    pub(crate) fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(&get(path).bearer(token))
    }

    pub(crate) fn patch_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send(&request(Method::Patch, path).bearer(token).json(body))
    }

    pub(crate) fn put_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send(&request(Method::Put, path).bearer(token).json(body))
    }

    pub(crate) fn delete_as(&self, token: &str, path: &str) -> Answer {
        self.send(&request(Method::Delete, path).bearer(token))
    }

    /// The actions in the record, the oldest first.
    pub(crate) fn audit(&self) -> Vec<String> {
        let rows: Vec<(String,)> = self.query("SELECT action FROM audit ORDER BY id");
        rows.into_iter().map(|(action,)| action).collect()
    }
}

pub(crate) fn session(answer: &Answer) -> Session {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let granted = answer.json();
    let text = |name: &str| granted[name].as_str().unwrap().to_owned();
    Session {
        access: text("access_token"),
        refresh: text("refresh_token"),
        user: granted["user"]["id"].as_str().unwrap().to_owned(),
    }
}
