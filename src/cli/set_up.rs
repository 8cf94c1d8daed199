//! The link by which the first person becomes owner of a site.

use crate::admin::accounts::{links, users};
use crate::platform::clock;
use crate::platform::config::{HttpSettings, Loaded, Settings};
use crate::platform::db::{self, Db, Migrate};

use super::{Failure, open, print};

/// A link for the owner of a site that has none yet.
pub(super) fn for_the_first(db: &Db, settings: &Settings) -> Option<String> {
    if db.refuses_writes().is_some() {
        return None;
    }
    let made: db::Result<Option<String>> = db.write_blocking(|tx| match users::first_owner(tx)? {
        Some(_) => Ok(None),
        None => links::for_an_owner(tx, clock::now_ms()).map(Some),
    });
    match made {
        Ok(token) => token.map(|token| address(&settings.http, &token)),
        Err(error) => {
            log::warn!("there is no set-up link: {error}");
            None
        }
    }
}

/// Says where the dashboard is set up. Not through the log: the link is a secret while it counts.
pub(super) fn tell(link: &str) {
    let minutes = links::LINK_MS / 60_000;
    let told =
        format!("\n  Set up your dashboard (counts once, for {minutes} minutes):\n  {link}\n");
    if let Err(error) = print::text(&told) {
        log::warn!("the set-up link could not be printed: {error}");
    }
}

/// `manero admin create` without an address.
pub(super) fn run(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let db = open::existing(loaded, Migrate::Refuse)?;
    let made: db::Result<String> = db.write_blocking(|tx| links::for_an_owner(tx, clock::now_ms()));
    db.close();
    let link = address(&loaded.settings.http, &made.map_err(Failure::of)?);
    if json {
        return print::json(
            &serde_json::json!({ "link": link, "minutes": links::LINK_MS / 60_000 }),
        );
    }
    tell(&link);
    Ok(())
}

/// The address of a link on this site.
pub(super) fn address(http: &HttpSettings, token: &str) -> String {
    let mut base = http.base_url();
    for anywhere in ["http://0.0.0.0:", "http://[::]:"] {
        if let Some(port) = base.strip_prefix(anywhere) {
            base = format!("http://127.0.0.1:{port}");
        }
    }
    format!("{base}{}", links::path(token))
}
