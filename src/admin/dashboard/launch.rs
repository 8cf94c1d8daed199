//! What an owner does once before people come. Shown until all of it is done.

use crate::business::articles::desk::{self as articles, States, Wanted};
use crate::business::pages::edit as pages;
use crate::platform::clock;
use crate::platform::config::Settings;
use crate::platform::db::{Conn, Result};

/// The name that the site has until somebody gives it another.
const SAMPLE_NAME: &str = "Manuel Manero";
/// Texts that lawyers read.
const LEGAL: [&str; 2] = ["privacy", "terms"];

/// A step of the launch.
pub struct Step {
    pub label: &'static str,
    /// Why, and how long it takes.
    pub why: &'static str,
    pub href: &'static str,
    pub is_done: bool,
}

/// Every step, in the order in which they are best done.
pub fn steps(conn: &mut Conn<'_>, settings: &Settings, has_totp: bool) -> Result<Vec<Step>> {
    let newest = Wanted {
        states: States::Any,
        lang: None,
        topic: None,
        words: String::new(),
        by_change: true,
        newest_first: true,
        after: None,
        now_ms: clock::now_ms(),
    };
    let has_written =
        articles::list(conn, &newest, 200)?.iter().any(|article| article.edited_at.is_some());
    let legal = pages::all(conn)?;
    let has_terms = LEGAL
        .iter()
        .all(|slug| legal.iter().any(|page| page.slug == *slug && page.edited_at.is_some()));
    let has_address = settings.http.domain.is_some() || settings.http.frontend_url.is_some();
    Ok(vec![
        Step {
            label: "Give the site your name",
            why: "It stands in every title and every mail.",
            href: "/admin/settings/site.app_name",
            is_done: settings.site.app_name != SAMPLE_NAME,
        },
        Step {
            label: "Turn on the second factor",
            why: "A stolen password is not enough then. Two minutes.",
            href: "/admin/account",
            is_done: has_totp,
        },
        Step {
            label: "Say which domain is yours",
            why: "Links in mails and search engines need it.",
            href: "/admin/settings/http.domain",
            is_done: has_address,
        },
        Step {
            label: "Let mail go out",
            why: "Until then it stays in the mailbox here.",
            href: "/admin/settings/mail.smtp_url",
            is_done: settings.mail.smtp_url.is_some(),
        },
        Step {
            label: "Make the legal texts yours",
            why: "Privacy and terms are samples until you have read them.",
            href: "/admin/pages",
            is_done: has_terms,
        },
        Step {
            label: "Write your first article",
            why: "Or make one of the samples your own.",
            href: "/admin/articles",
            is_done: has_written,
        },
        Step {
            label: "Choose where backups go",
            why: "A disk fails one day; a bucket elsewhere does not.",
            href: "/admin/settings/backup.url",
            is_done: settings.backup.url.is_some(),
        },
    ])
}
