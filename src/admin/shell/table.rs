//! The one table of the dashboard: filters, order, place and choice stand in the address or in one form.
//!
//! A slice fills a [`Table`] and shows it with `{{ table|safe }}`. Rows are chosen by boxes named `id`; an action gets
//! them, or `all` with the query of the filters in `filters`, when every row that fits was chosen.

use askama::Template;

use super::asked::{Asked, PAGE_SIZES};
use super::dashboard::View;
pub use super::tone::Tone;
use crate::platform::http::page::escape;
use crate::platform::lang::{Lang, format};

/// A head of the table.
#[derive(Debug, Clone)]
pub struct Column {
    pub label: &'static str,
    /// The word that sorts by it; `-word` is the other way round.
    pub sort: Option<&'static str>,
    /// The way round that is asked for first.
    pub down_first: bool,
    pub is_number: bool,
    /// Left out on a phone.
    pub is_minor: bool,
}

impl Column {
    #[must_use]
    pub fn new(label: &'static str) -> Self {
        Self { label, sort: None, down_first: false, is_number: false, is_minor: false }
    }

    #[must_use]
    pub fn sorted(mut self, word: &'static str) -> Self {
        self.sort = Some(word);
        self
    }

    /// Sorted, and the largest or newest first.
    #[must_use]
    pub fn sorted_down(mut self, word: &'static str) -> Self {
        self.down_first = true;
        self.sorted(word)
    }

    #[must_use]
    pub fn number(mut self) -> Self {
        self.is_number = true;
        self
    }

    #[must_use]
    pub fn minor(mut self) -> Self {
        self.is_minor = true;
        self
    }
}

/// What stands in a place of the table.
#[derive(Debug, Clone)]
pub enum Cell {
    Text(String),
    /// What the row is called: leads to its page, with a smaller second line that may be empty.
    Name {
        text: String,
        href: String,
        sub: String,
    },
    /// The same for what has no page.
    Titled {
        text: String,
        sub: String,
    },
    /// Epoch milliseconds.
    Time(i64),
    /// Nothing, in this word, when it has not been.
    TimeOr(Option<i64>, &'static str),
    Number(i64),
    Badge(String, Tone),
    Tags(Vec<String>),
    Code(String),
    Link {
        text: String,
        href: String,
    },
    /// A small picture and its text.
    Picture {
        src: String,
        alt: String,
    },
    /// A button that posts: address, label, hidden fields.
    Button {
        action: String,
        label: &'static str,
        fields: Vec<(&'static str, String)>,
    },
    Nothing,
}

impl Cell {
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn html(&self, view: &View) -> String {
        match self {
            Self::Text(text) => escape(text),
            Self::Name { text, href, sub } => {
                let (text, href) = (escape(text), escape(href));
                let sub = match sub.as_str() {
                    "" => String::new(),
                    sub => format!("<span class=\"sub\">{}</span>", escape(sub)),
                };
                format!("<a class=\"name\" href=\"{href}\">{text}</a>{sub}")
            }
            Self::Titled { text, sub } => {
                let (text, sub) = (escape(text), escape(sub));
                format!("<b class=\"name\">{text}</b><span class=\"sub\">{sub}</span>")
            }
            Self::Time(at) => view.time(at),
            Self::TimeOr(at, nothing) => view.time_or(at, nothing),
            Self::Number(number) => grouped(*number),
            Self::Badge(text, tone) => {
                format!("<span class=\"{}\">{}</span>", tone.class(), escape(text))
            }
            Self::Tags(tags) => tags
                .iter()
                .map(|tag| format!("<span class=\"tag\">{}</span>", escape(tag)))
                .collect::<Vec<_>>()
                .join(" "),
            Self::Code(text) => format!("<code>{}</code>", escape(text)),
            Self::Link { text, href } => {
                format!("<a href=\"{}\">{}</a>", escape(href), escape(text))
            }
            Self::Picture { src, alt } => {
                format!(
                    "<img class=\"thumb\" src=\"{}\" alt=\"{}\" width=\"64\" height=\"44\" loading=\"lazy\">",
                    escape(src),
                    escape(alt)
                )
            }
            Self::Button { action, label, fields } => {
                let hidden: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| {
                        format!(
                            "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
                            escape(value)
                        )
                    })
                    .collect();
                format!(
                    "<form method=\"post\" action=\"{}\">{}{}<button class=\"small\">{}</button></form>",
                    escape(action),
                    view.form(),
                    hidden.concat(),
                    escape(label)
                )
            }
            Self::Nothing => "<span class=\"nothing\">–</span>".into(),
        }
    }
}

/// `12,345`.
#[must_use]
pub fn grouped(number: i64) -> String {
    format::number(Lang::En, number)
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// What an action gets.
    pub id: String,
    /// What its box is called for those who do not see it.
    pub label: String,
    pub cells: Vec<Cell>,
}

/// A way to narrow the list; part of one form that is sent with GET.
#[derive(Debug, Clone)]
pub enum Filter {
    /// Words.
    Search { name: &'static str, label: &'static str },
    /// One of several: value and label. The empty value is everything.
    Choice { name: &'static str, label: &'static str, choices: Vec<(String, String)> },
    /// A day.
    Day { name: &'static str, label: &'static str },
}

impl Filter {
    fn name(&self) -> &'static str {
        match self {
            Self::Search { name, .. } | Self::Choice { name, .. } | Self::Day { name, .. } => name,
        }
    }
}

/// What can be done with chosen rows: a button of the form, posting to `action`.
#[derive(Debug, Clone)]
pub struct Bulk {
    pub action: String,
    pub label: &'static str,
    pub is_danger: bool,
    /// A field beside the button: its name and what to type.
    pub field: Option<(&'static str, &'static str)>,
}

/// What an empty list says: what it is, and the one next step.
#[derive(Debug, Clone, Default)]
pub struct Empty {
    pub title: &'static str,
    pub text: &'static str,
    pub action: Option<(&'static str, String)>,
}

/// A list of a slice.
#[derive(Debug, Clone)]
pub struct Table {
    pub asked: Asked,
    pub view: View,
    /// What it is a list of, in the plural and small: `leads`.
    pub what: &'static str,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// The order that counts when the address names none, such as `-created_at`.
    pub order: &'static str,
    pub filters: Vec<Filter>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// Up to where a page has looked that ended before it was full, as HTML; there may be more further on.
    pub looked_to: Option<String>,
    /// How many fit, if that is known: `1,204`, `10,000+`.
    pub total: Option<String>,
    pub bulk: Vec<Bulk>,
    /// The path of the export.
    pub export: Option<&'static str>,
    pub empty: Empty,
}

impl Table {
    #[must_use]
    pub fn new(view: &View, asked: &Asked, what: &'static str, columns: Vec<Column>) -> Self {
        Self {
            asked: asked.clone(),
            view: view.clone(),
            what,
            columns,
            rows: Vec::new(),
            order: "",
            filters: Vec::new(),
            next: None,
            looked_to: None,
            total: None,
            bulk: Vec::new(),
            export: None,
            empty: Empty::default(),
        }
    }

    /// Heads with the way that sorts by them.
    fn heads(&self) -> Vec<Head<'_>> {
        let current = match self.asked.get("sort") {
            "" => self.order,
            sort => sort,
        };
        let head = |column: &'_ Column| {
            let (up, down) =
                column.sort.map(|word| (word.to_owned(), format!("-{word}"))).unwrap_or_default();
            let sorted = match () {
                () if column.sort.is_none() => "",
                () if current == up => "ascending",
                () if current == down => "descending",
                () => "none",
            };
            let next = match sorted {
                "ascending" => &down,
                "descending" => &up,
                _ if column.down_first => &down,
                _ => &up,
            };
            (
                sorted,
                if column.sort.is_some() { self.asked.with("sort", next) } else { String::new() },
            )
        };
        let heads = self.columns.iter().map(|column| {
            let (sorted, href) = head(column);
            Head { column, sorted, href }
        });
        heads.collect()
    }

    fn cells(&self, row: &Row) -> Vec<(String, String)> {
        let class = |column: &Column| match (column.is_number, column.is_minor) {
            (true, true) => "number minor",
            (true, false) => "number",
            (false, true) => "minor",
            (false, false) => "",
        };
        let cells = row.cells.iter().zip(&self.columns);
        cells.map(|(cell, column)| (class(column).to_owned(), cell.html(&self.view))).collect()
    }

    fn is_narrowed(&self) -> bool {
        let names: Vec<&str> = self.filters.iter().map(Filter::name).collect();
        self.asked.narrows(&names)
    }

    fn value(&self, filter: &Filter) -> &str {
        self.asked.get(filter.name())
    }

    /// Parameters that the form of filters has no field for.
    fn kept(&self) -> Vec<(String, String)> {
        let own = |name: &str| self.filters.iter().any(|filter| filter.name() == name);
        let pairs = self.asked.filters().into_iter();
        let limit = [("limit".to_owned(), self.asked.get("limit").to_owned())];
        pairs
            .filter(|(name, _)| !own(name))
            .chain(limit)
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    fn sizes(&self) -> Vec<(i64, bool, String)> {
        let now = self.asked.limit();
        PAGE_SIZES
            .iter()
            .map(|size| (*size, *size == now, self.asked.with("limit", &size.to_string())))
            .collect()
    }

    /// Whether it makes a difference how many rows a page has.
    fn has_sizes(&self) -> bool {
        let least = usize::try_from(PAGE_SIZES[0]).unwrap_or(0);
        self.next.is_some() || self.first_href().is_some() || self.rows.len() > least
    }

    fn next_href(&self) -> Option<String> {
        self.next.as_ref().map(|cursor| self.asked.with("cursor", cursor))
    }

    fn first_href(&self) -> Option<String> {
        (!self.asked.get("cursor").is_empty()).then(|| self.asked.with("cursor", ""))
    }
}

struct Head<'t> {
    column: &'t Column,
    sorted: &'static str,
    href: String,
}

#[derive(Template)]
#[template(path = "admin/_table.html")]
struct Written<'t> {
    t: &'t Table,
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let written = Written { t: self }.render().map_err(|_| std::fmt::Error)?;
        f.write_str(&written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 1_234_567, -1000].map(grouped),
            ["0", "999", "1,000", "1,234,567", "-1,000"]
        );
    }
}
