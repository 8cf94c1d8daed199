//! What a list shows, as it stands in the address: filters, order, place. What makes no sense is left out, so that
//! an old bookmark still opens.

use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use crate::platform::word::Word;

/// Rows on a page, to choose from.
pub const PAGE_SIZES: [i64; 3] = [25, 50, 100];
const MAX_PARAMETERS: usize = 32;
const MAX_CHARS: usize = 500;

/// The parameters of a dashboard's address.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub path: String,
    pairs: Vec<(String, String)>,
}

impl Asked {
    #[must_use]
    pub fn read(path: &str, query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .filter(|(_, value)| {
                !value.is_empty() && value.chars().count() <= MAX_CHARS && !value.contains('\0')
            })
            .take(MAX_PARAMETERS)
            .collect();
        Self { path: path.to_owned(), pairs }
    }

    /// The value of `name`; empty when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The value, if there is one.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        Some(self.get(name).trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// One of the words of `W`.
    #[must_use]
    pub fn word<W: Word>(&self, name: &str) -> Option<W> {
        W::of_word(self.get(name))
    }

    /// What `parse` understands.
    pub fn parsed<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        Some(self.get(name)).filter(|text| !text.is_empty()).and_then(parse)
    }

    /// Rows on a page.
    #[must_use]
    pub fn limit(&self) -> i64 {
        let asked = self.get("limit").parse().ok();
        asked.filter(|limit| PAGE_SIZES.contains(limit)).unwrap_or(PAGE_SIZES[0])
    }

    /// The address with `name` set, or without it when `value` is empty. Another filter or order begins at the first
    /// page.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> String {
        let others = self.pairs.iter().filter(|(known, _)| known != name && known != "cursor");
        let own = [(name.to_owned(), value.to_owned())];
        let own = own.iter().filter(|(_, value)| !value.is_empty());
        address(&self.path, others.chain(own))
    }

    /// The same list at another path, such as its export.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        address(path, self.filters().iter())
    }

    /// What is filtered by and how it is sorted: everything but the place in the list.
    #[must_use]
    pub fn filters(&self) -> Vec<(String, String)> {
        let place = ["cursor", "limit"];
        self.pairs.iter().filter(|(name, _)| !place.contains(&name.as_str())).cloned().collect()
    }

    /// The query of the filters, to be kept (a segment) or carried by a form.
    #[must_use]
    pub fn query(&self) -> String {
        let address = address("", self.filters().iter());
        address.trim_start_matches('?').to_owned()
    }

    /// Whether one of `names` narrows the list.
    #[must_use]
    pub fn narrows(&self, names: &[&str]) -> bool {
        names.iter().any(|name| !self.get(name).is_empty())
    }
}

fn address<'p>(path: &str, pairs: impl Iterator<Item = &'p (String, String)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Asked {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let uri = request.uri();
        let query = uri.query().map(|query| query.as_str()).unwrap_or_default();
        Outcome::Success(Self::read(uri.path().as_str(), query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_filter_begins_at_the_first_page_and_keeps_the_others() {
        let asked = Asked::read("/admin/leads", "q=ana+b&cursor=x&limit=50&empty=");
        assert_eq!(asked.get("q"), "ana b");
        assert_eq!(asked.limit(), 50);
        assert_eq!(asked.with("sort", "name"), "/admin/leads?q=ana+b&limit=50&sort=name");
        assert_eq!(asked.with("q", ""), "/admin/leads?limit=50");
        assert_eq!(asked.with("cursor", "y"), "/admin/leads?q=ana+b&limit=50&cursor=y");
        assert_eq!(asked.at("/admin/leads.csv"), "/admin/leads.csv?q=ana+b");
        assert_eq!(asked.query(), "q=ana+b");
        assert_eq!(Asked::read("/", "limit=7").limit(), 25);
    }
}
