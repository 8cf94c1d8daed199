//! `manero admin create|reset`: people who may log in, for when nobody can.

use std::io::BufRead as _;

use serde_json::json;

use super::args::AdminStep;
use super::{Failure, open, print, set_up};
use crate::admin::accounts::audit::Actor;
use crate::admin::accounts::auth::factor::drop_factor;
use crate::admin::accounts::model::{Role, check_password};
use crate::admin::accounts::passwords;
use crate::admin::accounts::users::{self, Edit, NewUser};
use crate::platform::clock;
use crate::platform::config::Loaded;
use crate::platform::crypto::random_token;
use crate::platform::db::{Db, Migrate};
use crate::platform::error::{Error, Fault};
use crate::platform::text::{parse_email, parse_name};

pub(super) fn run(loaded: &Loaded, step: AdminStep, json: bool) -> Result<(), Failure> {
    match step {
        AdminStep::Create { email: None, .. } => set_up::run(loaded, json),
        AdminStep::Create { email: Some(email), name, role, password_stdin } => {
            let name = name.unwrap_or_default();
            let email = parse_email(Some(&email)).map_err(said)?;
            let name = parse_name(Some(&name)).map_err(said)?;
            let role = Role::from_code(&role).unwrap_or(Role::Analyst);
            let (password, made_up) = password(password_stdin, &email, &name)?;
            let password_hash = passwords::hash(&password).map_err(failed)?;
            let db = open::existing(loaded, Migrate::Refuse)?;
            let new = NewUser { email, name, role, password_hash };
            let created = db.write_blocking(move |tx| {
                users::create(tx, &Actor::command(), new, clock::now_ms())
            });
            db.close();
            let user = created.map_err(failed)?;
            let shown = made_up.then_some(password);
            if json {
                let id = user.id;
                return print::json(
                    &json!({ "id": id, "email": user.email, "role": user.role, "password": shown }),
                );
            }
            let head = format!("{} ({}) may log in as {}", user.name, user.email, user.role.code());
            print::text(&with_password(&head, shown.as_deref()))
        }
        AdminStep::Reset { email, totp, lift, password_stdin } => {
            let email = email.trim().to_lowercase();
            let (password, made_up) = password(password_stdin, &email, "")?;
            let hash = passwords::hash(&password).map_err(failed)?;
            let db = open::existing(loaded, Migrate::Refuse)?;
            let done = reset(&db, email.clone(), hash, totp, lift);
            db.close();
            done?;
            let shown = made_up.then_some(password);
            if json {
                return print::json(&json!({ "email": email, "password": shown }));
            }
            let head = format!("{email} has another password, and every session has ended");
            print::text(&with_password(&head, shown.as_deref()))
        }
    }
}

fn reset(db: &Db, email: String, hash: String, totp: bool, lift: bool) -> Result<(), Failure> {
    let shown = email.clone();
    let done = db.write_blocking(move |tx| -> Result<(), Error> {
        let (actor, now) = (Actor::command(), clock::now_ms());
        let user = users::by_email(tx, &email)?.ok_or(Error::NotFound)?;
        users::set_password(tx, &actor, &user.id, &hash, now)?;
        if totp {
            drop_factor(tx, &actor, &user.id, now)?;
        }
        if lift {
            let edit = Edit { suspended: Some(false), ..Edit::default() };
            users::edit(tx, &actor, &user, edit, now)?;
        }
        Ok(())
    });
    done.map_err(|error| match error {
        Error::NotFound => Failure::Failed(format!(
            "nobody here has the address {shown}; `manero admin create` adds somebody"
        )),
        other => failed(other),
    })
}

/// The password, and whether it was made up here.
fn password(from_stdin: bool, email: &str, name: &str) -> Result<(String, bool), Failure> {
    if !from_stdin {
        return Ok((random_token(15), true));
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Failure::of)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    check_password("password", &password, email, name).map_err(said)?;
    Ok((password, false))
}

fn with_password(head: &str, password: Option<&str>) -> String {
    match password {
        Some(password) => format!("{head}.\nPassword, shown this once: {password}"),
        None => format!("{head}."),
    }
}

fn said(fault: Fault) -> Failure {
    Failure::Failed(fault.message)
}

/// At the terminal an inner error may be read.
pub(super) fn failed(error: Error) -> Failure {
    Failure::Failed(match error {
        Error::Invalid(faults) => {
            faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    })
}
