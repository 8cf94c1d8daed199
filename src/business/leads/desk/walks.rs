//! Walks along an index in the order of the list, each lead tested by every filter until there are enough.
//!
//! All take the same parameters: from (?1, ?2) to (?3, ?4), neither of which belongs to it; since ?5, until ?6; program
//! ?7, language ?8, tag ?9, each '' for any; the words' pattern ?10, '%' for any; at most ?11. A plus before a column
//! keeps its index out of the choice, and nothing after an address that of `UNIQUE (email)`. The plans that SQLite makes
//! of them are kept by a test.

use super::model::{By, Order};
use super::plan::Way;
use crate::platform::db::Sql;

crate::sql! {
    BY_TIME_UP = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY created_at, number LIMIT ?11";
    BY_TIME_DOWN = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY created_at DESC, number DESC LIMIT ?11";
    BY_NAME_UP = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE (name_key, number) > (?1, ?2) AND (name_key, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY name_key, number LIMIT ?11";
    BY_NAME_DOWN = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE (name_key, number) > (?1, ?2) AND (name_key, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY name_key DESC, number DESC LIMIT ?11";
    BY_EMAIL_UP = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE email || '' >= ?1 AND email || '' <= ?3 AND (email || '', number) > (?1, ?2) AND (email || '', number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY email || '', number LIMIT ?11";
    BY_EMAIL_DOWN = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE email || '' >= ?1 AND email || '' <= ?3 AND (email || '', number) > (?1, ?2) AND (email || '', number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY email || '' DESC, number DESC LIMIT ?11";
    OF_TAG_BY_TIME_UP = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM lead_tags t CROSS JOIN leads l
               WHERE l.number = t.number AND t.tag = ?9 AND (t.created_at, t.number) > (?1, ?2) AND (t.created_at, t.number) < (?3, ?4)
                   AND +t.created_at >= ?5 AND +t.created_at < ?6 AND (?7 = '' OR t.program_slug = ?7) AND (?8 = '' OR t.lang = ?8)
                   AND (?10 = '%' OR l.words LIKE ?10)
               ORDER BY t.created_at, t.number LIMIT ?11";
    OF_TAG_BY_TIME_DOWN = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM lead_tags t CROSS JOIN leads l
               WHERE l.number = t.number AND t.tag = ?9 AND (t.created_at, t.number) > (?1, ?2) AND (t.created_at, t.number) < (?3, ?4)
                   AND +t.created_at >= ?5 AND +t.created_at < ?6 AND (?7 = '' OR t.program_slug = ?7) AND (?8 = '' OR t.lang = ?8)
                   AND (?10 = '%' OR l.words LIKE ?10)
               ORDER BY t.created_at DESC, t.number DESC LIMIT ?11";
    OF_TAG_BY_NAME_UP = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM lead_tags t CROSS JOIN leads l
               WHERE l.number = t.number AND t.tag = ?9 AND (t.name_key, t.number) > (?1, ?2) AND (t.name_key, t.number) < (?3, ?4)
                   AND +t.created_at >= ?5 AND +t.created_at < ?6 AND (?7 = '' OR t.program_slug = ?7) AND (?8 = '' OR t.lang = ?8)
                   AND (?10 = '%' OR l.words LIKE ?10)
               ORDER BY t.name_key, t.number LIMIT ?11";
    OF_TAG_BY_NAME_DOWN = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM lead_tags t CROSS JOIN leads l
               WHERE l.number = t.number AND t.tag = ?9 AND (t.name_key, t.number) > (?1, ?2) AND (t.name_key, t.number) < (?3, ?4)
                   AND +t.created_at >= ?5 AND +t.created_at < ?6 AND (?7 = '' OR t.program_slug = ?7) AND (?8 = '' OR t.lang = ?8)
                   AND (?10 = '%' OR l.words LIKE ?10)
               ORDER BY t.name_key DESC, t.number DESC LIMIT ?11";
    OF_TAG_BY_EMAIL_UP = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM lead_tags t CROSS JOIN leads l
               WHERE l.number = t.number AND t.tag = ?9 AND (t.email, t.number) > (?1, ?2) AND (t.email, t.number) < (?3, ?4)
                   AND +t.created_at >= ?5 AND +t.created_at < ?6 AND (?7 = '' OR t.program_slug = ?7) AND (?8 = '' OR t.lang = ?8)
                   AND (?10 = '%' OR l.words LIKE ?10)
               ORDER BY t.email, t.number LIMIT ?11";
    OF_TAG_BY_EMAIL_DOWN = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM lead_tags t CROSS JOIN leads l
               WHERE l.number = t.number AND t.tag = ?9 AND (t.email, t.number) > (?1, ?2) AND (t.email, t.number) < (?3, ?4)
                   AND +t.created_at >= ?5 AND +t.created_at < ?6 AND (?7 = '' OR t.program_slug = ?7) AND (?8 = '' OR t.lang = ?8)
                   AND (?10 = '%' OR l.words LIKE ?10)
               ORDER BY t.email DESC, t.number DESC LIMIT ?11";
    OF_PROGRAM_UP = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE program_slug = ?7 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY created_at, number LIMIT ?11";
    OF_PROGRAM_DOWN = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE program_slug = ?7 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY created_at DESC, number DESC LIMIT ?11";
    OF_LANG_UP = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE lang = ?8 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY created_at, number LIMIT ?11";
    OF_LANG_DOWN = "SELECT id, number, email, name, name_key, program_slug, lang, tags, created_at, updated_at FROM leads
               WHERE lang = ?8 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4) AND +created_at >= ?5 AND +created_at < ?6
                   AND (?7 = '' OR program_slug = ?7) AND (?10 = '%' OR words LIKE ?10)
                   AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
               ORDER BY created_at DESC, number DESC LIMIT ?11";
}

/// The walk of `way`, where it is one.
pub(super) fn walk(way: Way, order: Order) -> Option<Sql> {
    let (by, up) = (order.by(), order.goes_up());
    let turned = |ways: [Sql; 2]| if up { ways[0] } else { ways[1] };
    Some(turned(match (way, by) {
        (Way::Along, By::Time) => [BY_TIME_UP, BY_TIME_DOWN],
        (Way::Along, By::Name) => [BY_NAME_UP, BY_NAME_DOWN],
        (Way::Along, By::Email) => [BY_EMAIL_UP, BY_EMAIL_DOWN],
        (Way::Tag, By::Time) => [OF_TAG_BY_TIME_UP, OF_TAG_BY_TIME_DOWN],
        (Way::Tag, By::Name) => [OF_TAG_BY_NAME_UP, OF_TAG_BY_NAME_DOWN],
        (Way::Tag, By::Email) => [OF_TAG_BY_EMAIL_UP, OF_TAG_BY_EMAIL_DOWN],
        (Way::Program, By::Time) => [OF_PROGRAM_UP, OF_PROGRAM_DOWN],
        (Way::Lang, By::Time) => [OF_LANG_UP, OF_LANG_DOWN],
        _ => return None,
    }))
}
