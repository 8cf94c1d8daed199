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

/// Somebody at the dashboard.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Browser {
    pub(crate) fn get(&self, app: &TestApp, path: &str) -> Answer {
        app.send(&get(path).header("Cookie", &self.cookie))
    }

    /// A form as a page of ours would send it.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> Ask {
        let token = ("_csrf", self.csrf.as_str());
        let fields: Vec<(&str, &str)> = [token].into_iter().chain(fields.iter().copied()).collect();
        post(path)
            .header("Cookie", &self.cookie)
            .header("Sec-Fetch-Site", "same-origin")
            .form(&fields)
    }

    pub(crate) fn post(&self, app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Answer {
        app.send(&self.form(path, fields))
    }

    /// The same with what the browser was told to keep by `answer`, such as what the next page says first.
    pub(crate) fn keeping(&self, answer: &Answer) -> Self {
        let kept: Vec<&str> =
            answer.all("Set-Cookie").iter().filter_map(|line| line.split(';').next()).collect();
        let cookie = format!("{}; {}", self.cookie, kept.join("; "));
        Self { cookie, csrf: self.csrf.clone() }
    }

    /// A form with a file, in the field `file`.
    pub(crate) fn upload(&self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Ask {
        const EDGE: &str = "----an-edge-that-no-file-has";
        let mut body = Vec::new();
        let token = ("_csrf", self.csrf.as_str());
        for (name, value) in [token].iter().chain(fields) {
            body.extend(
                format!(
                    "--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .bytes(),
            );
        }
        let (name, bytes) = file;
        body.extend(format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
        body.extend(bytes);
        body.extend(format!("\r\n--{EDGE}--\r\n").bytes());
        post(path)
            .header("Cookie", &self.cookie)
            .header("Sec-Fetch-Site", "same-origin")
            .body(&format!("multipart/form-data; boundary={EDGE}"), body)
    }
}

/// The browser that has just logged in: its cookie, and the token of its forms.
pub(crate) fn browser(app: &TestApp, answer: &Answer) -> Browser {
    let line = answer.all("Set-Cookie").into_iter().find(|line| line.contains("manero_session="));
    let line = line.unwrap_or_else(|| panic!("nobody was let in: {}", answer.text()));
    let cookie = line.split(';').next().unwrap().to_owned();
    let home = app.send(&get("/admin").header("Cookie", &cookie));
    let page = home.page(200);
    let token = page.split("<meta name=\"csrf\" content=\"").nth(1).unwrap();
    Browser { cookie, csrf: token.split('"').next().unwrap().to_owned() }
}

impl TestApp {
    /// Somebody at the dashboard, who has just logged in.
    pub(crate) fn at_the_dashboard(&self, role: &str) -> Browser {
        self.person(role, role);
        self.log_in_to_the_dashboard(role)
    }

    pub(crate) fn log_in_to_the_dashboard(&self, name: &str) -> Browser {
        let email = format!("{name}@example.com");
        let answer = self.post_form("/admin/log-in", &[("email", &email), ("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser(self, &answer)
    }

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
