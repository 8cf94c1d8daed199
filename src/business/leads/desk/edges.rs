//! Where a walk ends that looks at no more than so many entries of its index.
//!
//! The part is the one between (?1, ?2) and (?3, ?4); it ends at the entry after ?5 others. What leads there is ?6.

use super::model::{By, Order};
use super::plan::Way;
use crate::platform::db::Sql;

crate::sql! {
    EDGE_BY_TIME_UP = "SELECT created_at, number FROM leads
               WHERE (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
               ORDER BY created_at, number LIMIT 1 OFFSET ?5";
    EDGE_BY_TIME_DOWN = "SELECT created_at, number FROM leads
               WHERE (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
               ORDER BY created_at DESC, number DESC LIMIT 1 OFFSET ?5";
    EDGE_BY_NAME_UP = "SELECT name_key, number FROM leads
               WHERE (name_key, number) > (?1, ?2) AND (name_key, number) < (?3, ?4)
               ORDER BY name_key, number LIMIT 1 OFFSET ?5";
    EDGE_BY_NAME_DOWN = "SELECT name_key, number FROM leads
               WHERE (name_key, number) > (?1, ?2) AND (name_key, number) < (?3, ?4)
               ORDER BY name_key DESC, number DESC LIMIT 1 OFFSET ?5";
    EDGE_BY_EMAIL_UP = "SELECT email || '', number FROM leads
               WHERE email || '' >= ?1 AND email || '' <= ?3 AND (email || '', number) > (?1, ?2) AND (email || '', number) < (?3, ?4)
               ORDER BY email || '', number LIMIT 1 OFFSET ?5";
    EDGE_BY_EMAIL_DOWN = "SELECT email || '', number FROM leads
               WHERE email || '' >= ?1 AND email || '' <= ?3 AND (email || '', number) > (?1, ?2) AND (email || '', number) < (?3, ?4)
               ORDER BY email || '' DESC, number DESC LIMIT 1 OFFSET ?5";
    EDGE_OF_TAG_BY_TIME_UP = "SELECT created_at, number FROM lead_tags
               WHERE tag = ?6 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
               ORDER BY created_at, number LIMIT 1 OFFSET ?5";
    EDGE_OF_TAG_BY_TIME_DOWN = "SELECT created_at, number FROM lead_tags
               WHERE tag = ?6 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
               ORDER BY created_at DESC, number DESC LIMIT 1 OFFSET ?5";
    EDGE_OF_TAG_BY_NAME_UP = "SELECT name_key, number FROM lead_tags
               WHERE tag = ?6 AND (name_key, number) > (?1, ?2) AND (name_key, number) < (?3, ?4)
               ORDER BY name_key, number LIMIT 1 OFFSET ?5";
    EDGE_OF_TAG_BY_NAME_DOWN = "SELECT name_key, number FROM lead_tags
               WHERE tag = ?6 AND (name_key, number) > (?1, ?2) AND (name_key, number) < (?3, ?4)
               ORDER BY name_key DESC, number DESC LIMIT 1 OFFSET ?5";
    EDGE_OF_TAG_BY_EMAIL_UP = "SELECT email, number FROM lead_tags
               WHERE tag = ?6 AND (email, number) > (?1, ?2) AND (email, number) < (?3, ?4)
               ORDER BY email, number LIMIT 1 OFFSET ?5";
    EDGE_OF_TAG_BY_EMAIL_DOWN = "SELECT email, number FROM lead_tags
               WHERE tag = ?6 AND (email, number) > (?1, ?2) AND (email, number) < (?3, ?4)
               ORDER BY email DESC, number DESC LIMIT 1 OFFSET ?5";
    EDGE_OF_PROGRAM_UP = "SELECT created_at, number FROM leads
               WHERE program_slug = ?6 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
               ORDER BY created_at, number LIMIT 1 OFFSET ?5";
    EDGE_OF_PROGRAM_DOWN = "SELECT created_at, number FROM leads
               WHERE program_slug = ?6 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
               ORDER BY created_at DESC, number DESC LIMIT 1 OFFSET ?5";
    EDGE_OF_LANG_UP = "SELECT created_at, number FROM leads
               WHERE lang = ?6 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
               ORDER BY created_at, number LIMIT 1 OFFSET ?5";
    EDGE_OF_LANG_DOWN = "SELECT created_at, number FROM leads
               WHERE lang = ?6 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
               ORDER BY created_at DESC, number DESC LIMIT 1 OFFSET ?5";
}

/// Finds the end of a part of the walk of `way`.
pub(super) fn edge(way: Way, order: Order) -> Option<Sql> {
    let (by, up) = (order.by(), order.goes_up());
    let turned = |ways: [Sql; 2]| if up { ways[0] } else { ways[1] };
    Some(turned(match (way, by) {
        (Way::Along, By::Time) => [EDGE_BY_TIME_UP, EDGE_BY_TIME_DOWN],
        (Way::Along, By::Name) => [EDGE_BY_NAME_UP, EDGE_BY_NAME_DOWN],
        (Way::Along, By::Email) => [EDGE_BY_EMAIL_UP, EDGE_BY_EMAIL_DOWN],
        (Way::Tag, By::Time) => [EDGE_OF_TAG_BY_TIME_UP, EDGE_OF_TAG_BY_TIME_DOWN],
        (Way::Tag, By::Name) => [EDGE_OF_TAG_BY_NAME_UP, EDGE_OF_TAG_BY_NAME_DOWN],
        (Way::Tag, By::Email) => [EDGE_OF_TAG_BY_EMAIL_UP, EDGE_OF_TAG_BY_EMAIL_DOWN],
        (Way::Program, By::Time) => [EDGE_OF_PROGRAM_UP, EDGE_OF_PROGRAM_DOWN],
        (Way::Lang, By::Time) => [EDGE_OF_LANG_UP, EDGE_OF_LANG_DOWN],
        _ => return None,
    }))
}
