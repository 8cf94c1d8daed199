//! `manero token create|list|revoke`: tokens with which programs use the API.

use serde::Serialize;

use super::admin::failed;
use super::args::TokenStep;
use super::{Failure, open, print};
use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::tokens::{self, NAME_MAX, NewToken, View, Wanted, parse_scopes};
use crate::admin::accounts::users;
use crate::platform::clock;
use crate::platform::config::Loaded;
use crate::platform::db::{self, Db, Migrate};
use crate::platform::error::Error;
use crate::platform::id;
use crate::platform::text::Rule;

/// More tokens than anybody has.
const LISTED: i64 = 10_000;

#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    view: View,
    token: String,
}

pub(super) fn run(loaded: &Loaded, step: TokenStep, json: bool) -> Result<(), Failure> {
    let db = open::existing(loaded, Migrate::Refuse)?;
    let done = match step {
        TokenStep::Create { name, scopes, days, user } => {
            create(&db, &name, &scopes, days, user, json)
        }
        TokenStep::List => list(&db, json),
        TokenStep::Revoke { id } => revoke(&db, &id, json),
    };
    db.close();
    done
}

fn create(
    db: &Db,
    name: &str,
    words: &[String],
    days: i64,
    owner: Option<String>,
    json: bool,
) -> Result<(), Failure> {
    let name = Rule::line(NAME_MAX).check("name", name).map_err(|(_, why)| Failure::Failed(why))?;
    let scopes = parse_scopes(words.iter().flat_map(|words| words.split(',')).map(str::trim))
        .map_err(|faults| failed(Error::Invalid(faults)))?;
    let made = db.write_blocking(move |tx| -> Result<Made, Error> {
        let user = match owner {
            Some(email) => users::by_email(tx, &email.trim().to_lowercase())?,
            None => users::first_owner(tx)?,
        };
        let user = user.ok_or(Error::NotFound)?;
        if let Some(beyond) = scopes.iter().find(|scope| !user.role.may(**scope)) {
            let (role, scope) = (user.role.code(), beyond.scope());
            return Err(Error::Forbidden(format!("the role {role} may not do {scope}")));
        }
        let new = NewToken { user_id: user.id, name, scopes, days };
        let (view, token) = tokens::create(tx, &Actor::command(), &new, clock::now_ms())?;
        Ok(Made { view, token })
    });
    let made = made.map_err(|error| match error {
        Error::NotFound => Failure::Failed(
            "a token belongs to somebody, and there is nobody of that address here; \
             `manero admin create` adds somebody"
                .into(),
        ),
        other => failed(other),
    })?;
    if json {
        return print::json(&made);
    }
    print::text(&format!(
        "{} counts until {}. Token, shown this once:\n{}",
        made.view.name, made.view.expires_at, made.token
    ))
}

fn list(db: &Db, json: bool) -> Result<(), Failure> {
    let listed: db::Result<Vec<_>> =
        db.read_blocking(|conn| tokens::list(conn, &Wanted::all(clock::now_ms()), LISTED));
    let views: Vec<View> = listed.map_err(Failure::of)?.into_iter().map(View::from).collect();
    if json {
        return print::json(&views);
    }
    if views.is_empty() {
        return print::text("there is no token yet; `manero token create` makes one");
    }
    let row = |view: View| {
        let scopes: Vec<_> = view.scopes.iter().map(|scope| scope.scope()).collect();
        let until = view.revoked_at.map_or(view.expires_at, |_| "revoked".into());
        vec![
            view.id,
            view.name,
            format!("…{}", view.last_four),
            view.user,
            scopes.join(" "),
            until,
            view.last_used_at.unwrap_or_else(|| "never".into()),
        ]
    };
    let rows: Vec<_> = views.into_iter().map(row).collect();
    print::text(&print::table(&["ID", "NAME", "ENDS IN", "OF", "SCOPES", "UNTIL", "USED"], &rows))
}

fn revoke(db: &Db, given: &str, json: bool) -> Result<(), Failure> {
    let id = id::parse(given).unwrap_or_default();
    let revoked = db.write_blocking(move |tx| -> Result<bool, Error> {
        tokens::by_id(tx, &id)?.ok_or(Error::NotFound)?;
        Ok(tokens::revoke(tx, &Actor::command(), &id, clock::now_ms())?)
    });
    let counted = revoked.map_err(|error| match error {
        Error::NotFound => {
            Failure::Failed(format!("there is no token {given}; `manero token list` shows the ids"))
        }
        other => failed(other),
    })?;
    if json {
        return print::json(&serde_json::json!({ "revoked": counted }));
    }
    print::text(if counted { "the token no longer counts" } else { "it had been revoked before" })
}
