//! The leads and consents tables.

use super::filing::{self, Filed};
use super::model::{Filing, NewLead};
use super::sync::WelcomeMail;
use crate::business::webhooks::{self, Event};
use crate::platform::db::{Conn, Result, Tx};
use crate::platform::http::SiteView;
use crate::platform::lang::Lang;
use crate::platform::{clock, id, outbox};

crate::sql! {
    // The same address again updates the one lead; a program once chosen is not unchosen.
    // What a known lead is filed under comes back as it was, for whoever files it anew. PostgreSQL counts by itself.
    UPSERT = { sqlite: "INSERT INTO leads (id, email, name, program_slug, lang, created_at, updated_at, name_key, words, filed_at, number)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?6, (SELECT coalesce(max(number), 0) + 1 FROM leads))
            ON CONFLICT (email) DO UPDATE SET name = excluded.name, lang = excluded.lang,
                program_slug = coalesce(excluded.program_slug, leads.program_slug), updated_at = excluded.updated_at
            RETURNING id, number, created_at, name_key, words",
        postgres: "INSERT INTO leads (id, email, name, program_slug, lang, created_at, updated_at, name_key, words, filed_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?6)
            ON CONFLICT (email) DO UPDATE SET name = excluded.name, lang = excluded.lang,
                program_slug = coalesce(excluded.program_slug, leads.program_slug), updated_at = excluded.updated_at
            RETURNING id, number, created_at, name_key, words" };
    CONSENT = "INSERT INTO consents (id, lead_id, purpose, granted, text_version, text, page, address, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    BY_ID = "SELECT email, name, program_slug, lang FROM leads WHERE id = ?1";
}

/// What the form's one consent is for.
const PURPOSE: &str = "email";

/// What somebody agreed to, in which words, and where.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'e> {
    pub purpose: &'e str,
    pub text: &'e str,
    pub text_version: &'e str,
    pub page: &'e str,
    /// Truncated.
    pub address: &'e str,
}

/// Writes down that the lead agreed.
pub(super) fn add_consent(
    tx: &mut Tx<'_>,
    lead: &str,
    evidence: &Evidence<'_>,
    now_ms: i64,
) -> Result<()> {
    let Evidence { purpose, text, text_version, page, address } = evidence;
    let id = id::new_id();
    tx.exec(CONSENT, &[&id, &lead, purpose, &true, text_version, text, page, address, &now_ms])
        .map(drop)
}

/// Stores the lead, the evidence of its consent, and what is owed to it. Returns the lead's id.
pub fn capture(
    tx: &mut Tx<'_>,
    lead: &NewLead,
    site: &SiteView,
    truncated_address: &str,
) -> Result<String> {
    let now = clock::now_ms();
    let new_id = id::new_id();
    let (email, name) = (&lead.email, &lead.name);
    let filing = Filing::of(name, email);
    let (lead_id, number, created_at, name_key, words): (String, i64, i64, String, String) = tx
        .one(
            UPSERT,
            &[
                &new_id,
                email,
                name,
                &lead.program,
                &lead.lang.code(),
                &now,
                &filing.name_key,
                &filing.text,
            ],
        )?;
    if lead_id == new_id {
        filing::add(tx, &filing, number, created_at)?;
    } else {
        let (email, name) = (email.clone(), name.clone());
        filing::renew(tx, &Filed { number, created_at, email, name, name_key, words })?;
    }
    let evidence = Evidence {
        purpose: PURPOSE,
        text: &site.consent_text,
        text_version: &site.consent_version,
        page: &lead.page,
        address: truncated_address,
    };
    add_consent(tx, &lead_id, &evidence, now)?;
    // A second submit of the same form must not send a second mail.
    let is_new = lead_id == new_id;
    if is_new {
        outbox::enqueue(tx, &WelcomeMail { lead: lead_id.clone() })?;
    }
    let event = if is_new { Event::LeadCreated } else { Event::LeadUpdated };
    webhooks::emit(tx, event, &lead_id)?;
    Ok(lead_id)
}

/// Address, name, chosen program and language of a lead.
pub(super) fn by_id(
    conn: &mut Conn<'_>,
    id: &str,
) -> Result<(String, String, Option<String>, Lang)> {
    let (email, name, program, lang): (_, _, _, String) = conn.one(BY_ID, &[&id])?;
    Ok((email, name, program, Lang::from_code(&lang).unwrap_or(Lang::En)))
}
