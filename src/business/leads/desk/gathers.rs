//! All leads that one filter lets through, tested by the others and then sorted: for a filter that lets few through.
//!
//! The parameters are those of the walks, then the direction ?12. Where the order is one of texts ?13 says which; a word
//! stands from ?14 to ?15 (from ?13 to ?14 in the order of time).

use super::model::By;
use super::plan::Way;
use crate::platform::db::Sql;

crate::sql! {
    OF_PROGRAM = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM (
                   SELECT number, k FROM (
                       SELECT number, CASE WHEN ?13 = 'name' THEN name_key ELSE email END AS k FROM leads
                       WHERE program_slug = ?7 AND +created_at >= ?5 AND +created_at < ?6 AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                       AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
                   ) f
                   WHERE (k, number) > (?1, ?2) AND (k, number) < (?3, ?4)
                   ORDER BY CASE WHEN ?12 = 'up' THEN k END, CASE WHEN ?12 = 'up' THEN number END, CASE WHEN ?12 = 'down' THEN k END DESC, number DESC LIMIT ?11
               ) p CROSS JOIN leads l
               WHERE l.number = p.number
               ORDER BY CASE WHEN ?12 = 'up' THEN p.k END, CASE WHEN ?12 = 'up' THEN p.number END, CASE WHEN ?12 = 'down' THEN p.k END DESC, p.number DESC";
    OF_LANG = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM (
                   SELECT number, k FROM (
                       SELECT number, CASE WHEN ?13 = 'name' THEN name_key ELSE email END AS k FROM leads
                       WHERE lang = ?8 AND +created_at >= ?5 AND +created_at < ?6 AND (?7 = '' OR program_slug = ?7) AND (?10 = '%' OR words LIKE ?10)
                       AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
                   ) f
                   WHERE (k, number) > (?1, ?2) AND (k, number) < (?3, ?4)
                   ORDER BY CASE WHEN ?12 = 'up' THEN k END, CASE WHEN ?12 = 'up' THEN number END, CASE WHEN ?12 = 'down' THEN k END DESC, number DESC LIMIT ?11
               ) p CROSS JOIN leads l
               WHERE l.number = p.number
               ORDER BY CASE WHEN ?12 = 'up' THEN p.k END, CASE WHEN ?12 = 'up' THEN p.number END, CASE WHEN ?12 = 'down' THEN p.k END DESC, p.number DESC";
    OF_TIME = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM (
                   SELECT number, k FROM (
                       SELECT number, CASE WHEN ?13 = 'name' THEN name_key ELSE email END AS k FROM leads
                       WHERE created_at >= ?5 AND created_at < ?6 AND (?7 = '' OR program_slug = ?7) AND (?8 = '' OR lang = ?8) AND (?10 = '%' OR words LIKE ?10)
                       AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = leads.number AND t.tag = ?9))
                   ) f
                   WHERE (k, number) > (?1, ?2) AND (k, number) < (?3, ?4)
                   ORDER BY CASE WHEN ?12 = 'up' THEN k END, CASE WHEN ?12 = 'up' THEN number END, CASE WHEN ?12 = 'down' THEN k END DESC, number DESC LIMIT ?11
               ) p CROSS JOIN leads l
               WHERE l.number = p.number
               ORDER BY CASE WHEN ?12 = 'up' THEN p.k END, CASE WHEN ?12 = 'up' THEN p.number END, CASE WHEN ?12 = 'down' THEN p.k END DESC, p.number DESC";
    // Beside the word itself: of it, fewer than ?16 bytes are the beginning of the name, and fewer than ?17 of the address.
    // Leads stand close to those that came at the same time, so they are looked at in that order. A number between itself
    // and itself, and not equal to it, makes SQLite take the index in which everything stands.
    OF_WORD = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM (
                   SELECT number, k FROM (
                       SELECT f.number, CASE WHEN ?13 = 'name' THEN f.name_key ELSE f.email END AS k
                       FROM (
                           SELECT created_at, number FROM lead_words
                           WHERE word >= ?14 AND word < ?15 AND in_name < ?16 AND in_email < ?17 AND created_at >= ?5 AND created_at < ?6
                           GROUP BY created_at, number
                       ) w CROSS JOIN leads f
                       WHERE f.created_at = w.created_at AND f.number >= w.number AND f.number <= w.number
                           AND (?7 = '' OR f.program_slug = ?7) AND (?8 = '' OR f.lang = ?8) AND (?10 = '%' OR f.words LIKE ?10)
                           AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = f.number AND t.tag = ?9))
                   ) g
                   WHERE (k, number) > (?1, ?2) AND (k, number) < (?3, ?4)
                   ORDER BY CASE WHEN ?12 = 'up' THEN k END, CASE WHEN ?12 = 'up' THEN number END, CASE WHEN ?12 = 'down' THEN k END DESC, number DESC LIMIT ?11
               ) p CROSS JOIN leads l
               WHERE l.number = p.number
               ORDER BY CASE WHEN ?12 = 'up' THEN p.k END, CASE WHEN ?12 = 'up' THEN p.number END, CASE WHEN ?12 = 'down' THEN p.k END DESC, p.number DESC";
    OF_WORD_BY_TIME = "SELECT l.id, l.number, l.email, l.name, l.name_key, l.program_slug, l.lang, l.tags, l.created_at, l.updated_at
               FROM (
                   SELECT w.number, w.created_at AS k
                   FROM (
                       SELECT created_at, number FROM lead_words
                       WHERE word >= ?13 AND word < ?14 AND (created_at, number) > (?1, ?2) AND (created_at, number) < (?3, ?4)
                           AND created_at >= ?5 AND created_at < ?6
                       GROUP BY created_at, number
                   ) w
                   WHERE (?7 = '' AND ?8 = '' AND ?10 = '%' OR EXISTS (
                           SELECT 1 FROM leads f
                           WHERE f.created_at = w.created_at AND f.number >= w.number AND f.number <= w.number
                               AND (?7 = '' OR f.program_slug = ?7) AND (?8 = '' OR f.lang = ?8) AND (?10 = '%' OR f.words LIKE ?10)))
                       AND (?9 = '' OR EXISTS (SELECT 1 FROM lead_tags t WHERE t.number = w.number AND t.tag = ?9))
                   ORDER BY CASE WHEN ?12 = 'up' THEN w.created_at END, CASE WHEN ?12 = 'up' THEN w.number END, CASE WHEN ?12 = 'down' THEN w.created_at END DESC, w.number DESC LIMIT ?11
               ) p CROSS JOIN leads l
               WHERE l.number = p.number
               ORDER BY CASE WHEN ?12 = 'up' THEN p.k END, CASE WHEN ?12 = 'up' THEN p.number END, CASE WHEN ?12 = 'down' THEN p.k END DESC, p.number DESC";
}

/// Gathers by `way` in an order of texts; in the order of time only words are gathered.
pub(super) fn gather(way: Way, by: By) -> Option<Sql> {
    Some(match (way, by) {
        (Way::Word, By::Time) => OF_WORD_BY_TIME,
        (Way::Word, By::Name | By::Email) => OF_WORD,
        (Way::Program, By::Name | By::Email) => OF_PROGRAM,
        (Way::Lang, By::Name | By::Email) => OF_LANG,
        (Way::Time, By::Name | By::Email) => OF_TIME,
        _ => return None,
    })
}
