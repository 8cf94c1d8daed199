//! Which address was probably meant by one that leads nowhere.

use crate::business::{articles, pages, programs};
use crate::platform::db::{Conn, Result};
use crate::platform::lang::Lang;

/// Articles that are compared at most, in the order of their addresses.
const ARTICLES: i64 = 5000;
/// How alike two addresses must be, from 0 to 1.
const ALIKE: f64 = 0.55;
/// Addresses of the site itself.
const OWN: [&str; 5] = ["/", "/programs", "/articles", "/search", "/contact"];

/// Every public address, each with the language in front.
pub fn addresses(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for lang in Lang::ALL {
        found.extend(OWN.iter().map(|path| lang.path(path)));
        for program in programs::published(conn, lang)? {
            found.push(lang.path(&format!("/programs/{}", program.slug)));
        }
    }
    for page in pages::listed(conn)? {
        let lang = Lang::from_code(&page.lang).unwrap_or(Lang::En);
        found.push(lang.path(&format!("/{}", page.slug)));
    }
    for article in articles::mapped(conn, 0, ARTICLES)? {
        let lang = Lang::from_code(&article.lang).unwrap_or(Lang::En);
        found.push(lang.path(&format!("/articles/{}", article.slug)));
    }
    Ok(found)
}

/// The one of `addresses` that `path` is most like, if it is like any.
#[must_use]
pub fn nearest<'a>(path: &str, addresses: &'a [String]) -> Option<&'a str> {
    let path = path.trim_end_matches('/').to_lowercase();
    let (_, tail) = parts(&path);
    // The word at the end says more than the folders before it, and of those that end alike the whole decides.
    let likeness = |address: &String| {
        let (_, name) = parts(address);
        let whole = strsim::normalized_damerau_levenshtein(&path, address);
        let last = strsim::normalized_damerau_levenshtein(tail, name);
        let last = if begins(tail, name) || begins(name, tail) { last.max(0.8) } else { last };
        (if name.is_empty() { whole } else { whole.max(last * 0.95) }, whole)
    };
    let scored = addresses.iter().map(|address| (likeness(address), address));
    let best = scored.max_by(|((a, whole_a), _), ((b, whole_b), _)| {
        (a + whole_a / 10.0).total_cmp(&(b + whole_b / 10.0))
    })?;
    (best.0.0 >= ALIKE).then_some(best.1.as_str())
}

/// Whether `long` is `short` and more words: `privacy-policy` is `privacy`.
fn begins(long: &str, short: &str) -> bool {
    short.len() >= 4 && long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
}

/// What stands before the last slash, and after it without an ending such as `.html`.
fn parts(path: &str) -> (&str, &str) {
    let (before, last) = path.rsplit_once('/').unwrap_or(("", path));
    (before, last.split('.').next().unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_or_moved_address_has_a_nearest_one_and_a_foreign_one_has_none() {
        let addresses = [
            "/",
            "/programs",
            "/programs/prime",
            "/es/programs/prime",
            "/articles/two-hours-a-week",
            "/articles/choose-one-thing",
            "/privacy",
        ]
        .map(str::to_owned);
        for (path, meant) in [
            ("/articles/two-hour-a-week", Some("/articles/two-hours-a-week")),
            ("/blog/2024/two-hours-a-week.html", Some("/articles/two-hours-a-week")),
            ("/program/prime", Some("/programs/prime")),
            ("/es/programa/prime/", Some("/es/programs/prime")),
            ("/privacy-policy", Some("/privacy")),
            ("/wp-login.php", None),
            ("/.env", None),
        ] {
            assert_eq!(nearest(path, &addresses), meant, "{path}");
        }
        assert_eq!(nearest("/x", &[]), None);
    }
}
