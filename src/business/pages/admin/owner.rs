//! Whose site this is: the name, the postal address and where messages go. Legal texts and every page's foot show them.

use askama::Template;
use rocket::{State, get, post};

use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::{Dashboard, Faults, Flash, Posted, View};
use crate::business::pages::model::Owner;
use crate::business::pages::store;
use crate::business::pages::words::{OWNER, rewrite};
use crate::platform::clock;
use crate::platform::crypto::sha256_hex;
use crate::platform::db::Db;
use crate::platform::error::{Error, Fault};
use crate::platform::text::{Rule, parse_email};

#[derive(Template)]
#[template(path = "admin/pages/owner.html")]
struct OwnerPage {
    view: View,
    owner: Owner,
    /// The details that count, to notice that somebody else has changed them.
    based_on: String,
    faults: Faults,
    is_stale: bool,
}

/// Names one state of the details.
fn print(owner: &Owner) -> String {
    let Owner { owner_name, owner_address, contact_email } = owner;
    sha256_hex(format!("{owner_name}\n{owner_address}\n{contact_email}"))
}

async fn stored(db: &Db) -> Result<Owner, Error> {
    let read = db.read(|conn| store::text::<Owner>(conn, OWNER.name, OWNER.lang)).await;
    read.map_err(|error: crate::platform::db::Error| error.into())
}

#[get("/admin/owner")]
pub async fn show(_who: ReadContent, here: Dashboard, db: &State<Db>) -> Paged {
    let owner = stored(db).await?;
    Answer::page(&OwnerPage {
        view: here.view("Owner"),
        based_on: print(&owner),
        owner,
        faults: Faults::default(),
        is_stale: false,
    })
}

/// What was typed, or everything that is wrong with it.
fn checked(typed: &Owner) -> Result<Owner, Error> {
    let mut faults = Vec::new();
    let mut line = |name: &str, label: &str, rule: Rule, text: &str| {
        let checked = rule.check(label, text);
        checked.unwrap_or_else(|(code, message)| {
            faults.push(Fault::of(name, code, message));
            String::new()
        })
    };
    let owner_name = line("owner_name", "The name", Rule::line(100), &typed.owner_name);
    let owner_address =
        line("owner_address", "The address", Rule::line(300).or_empty(), &typed.owner_address);
    let mut contact_email = String::new();
    if !typed.contact_email.trim().is_empty() {
        match parse_email(Some(&typed.contact_email)) {
            Ok(email) => contact_email = email,
            Err(fault) => {
                faults.push(Fault { path: vec!["contact_email".into()], ..fault });
            }
        }
    }
    if faults.is_empty() {
        Ok(Owner { owner_name, owner_address, contact_email })
    } else {
        Err(Error::Invalid(faults))
    }
}

#[post("/admin/owner", data = "<sent>")]
pub async fn save(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let get = |name: &str| sent.fields.get(name).to_owned();
    let typed = Owner {
        owner_name: get("owner_name"),
        owner_address: get("owner_address"),
        contact_email: get("contact_email"),
    };
    let (based_on, actor, now) = (get("based_on"), sent.who.actor(), clock::now_ms());
    let saved = match checked(&typed) {
        Err(error) => Err(error),
        Ok(new) => {
            db.write(move |tx| -> Result<Owner, Error> {
                let before = store::text::<Owner>(tx, OWNER.name, OWNER.lang)?;
                if print(&before) != based_on && print(&before) != print(&new) {
                    return Err(Error::Stale("somebody else has changed these details".into()));
                }
                rewrite(tx, &actor, OWNER, before, |owner| *owner = new, now)
            })
            .await
        }
    };
    let (is_stale, faults) = match saved {
        Ok(_) => return Ok(Answer::to("/admin/owner", Flash::good("Saved."))),
        Err(Error::Stale(_)) => (true, Faults::default()),
        Err(other) => (false, Faults::of(other)?),
    };
    let based_on = print(&stored(db).await?);
    let view = sent.dashboard.view("Owner");
    Answer::refused(&OwnerPage { view, owner: typed, based_on, faults, is_stale })
}
