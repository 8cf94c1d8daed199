//! What can be found, and how words are compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::platform::lang::Lang;

/// Characters of a query that are looked at, and words that are searched for.
const QUERY_CHARS: usize = 200;
const QUERY_WORDS: usize = 8;

/// What somebody can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = SearchKind, rename_all = "lowercase", example = "article")]
pub enum Kind {
    Article,
    Program,
    Page,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Article, Self::Program, Self::Page];

    /// As in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Program => "program",
            Self::Page => "page",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One text in one language, as it is put into the index.
#[derive(Debug, Clone)]
pub struct Doc {
    pub kind: Kind,
    pub slug: String,
    pub lang: Lang,
    pub title: String,
    pub summary: String,
    /// Plain text; [`plain_text`] makes it from HTML.
    pub body: String,
    /// Epoch milliseconds; not found before that.
    pub published_at: i64,
}

/// The address of a text, without the language.
#[must_use]
pub fn path_of(kind: Kind, slug: &str) -> String {
    match kind {
        Kind::Article => format!("/articles/{slug}"),
        Kind::Program => format!("/programs/{slug}"),
        Kind::Page => format!("/{slug}"),
    }
}

/// Lower case, without accents, everything that is no letter or digit a word break, words apart
/// by one space. Texts and queries are compared in this form, on both engines.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut between = false;
    for c in text.nfkd().flat_map(char::to_lowercase) {
        // A mark belongs to the letter before it and breaks no word.
        if is_combining_mark(c) {
            continue;
        }
        if !c.is_alphanumeric() {
            between = true;
            continue;
        }
        if between && !folded.is_empty() {
            folded.push(' ');
        }
        between = false;
        match c {
            // What Unicode takes for letters of their own, but people type without.
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            c => folded.push(c),
        }
    }
    folded
}

/// What somebody searches for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    text: String,
    /// Folded, each once.
    words: Vec<String>,
}

impl Query {
    /// Reads what was typed. Never fails: what cannot be searched for is left out.
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        let text: String = typed.trim().chars().take(QUERY_CHARS).collect();
        let mut words: Vec<String> = Vec::new();
        for word in fold(&text).split(' ').filter(|word| is_telling(word)) {
            if words.len() < QUERY_WORDS && !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        Self { text, words }
    }

    /// As it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Nothing is left to search for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// `word* word*`: the beginnings that all have to occur. Folded words contain nothing that
    /// means anything to either engine.
    #[must_use]
    pub fn terms(&self) -> String {
        self.words.iter().map(|word| format!("{word}*")).collect::<Vec<_>>().join(" ")
    }

    /// Which of the words `original`, a word as written, begins with.
    pub(super) fn hit(&self, original: &str) -> Option<usize> {
        // Most words are ASCII and need no copy.
        if original.is_ascii() {
            let begins = |word: &String| {
                let start = original.as_bytes().get(..word.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
            };
            return self.words.iter().position(begins);
        }
        let folded = fold(original);
        self.words.iter().position(|word| folded.split(' ').any(|part| part.starts_with(word)))
    }
}

/// A single letter finds everything, unless it is a digit or a word of its own, as in Chinese.
fn is_telling(word: &str) -> bool {
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => only.is_numeric() || is_cjk(only),
        (first, _) => first.is_some(),
    }
}

/// Kana, Han and Hangul (which folding takes apart into jamo).
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The text of sanitised HTML: tags gone, entities decoded, white space single.
#[must_use]
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('<') {
            after_tag(rest, &mut text)
        } else {
            after_entity(rest, &mut text)
        };
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What follows the tag that `rest` begins with; unless it may stand inside a word it leaves a
/// space behind.
fn after_tag<'a>(rest: &'a str, text: &mut String) -> &'a str {
    const INSIDE_A_WORD: &[&str] = &[
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd",
        "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var", "wbr",
    ];
    if rest.starts_with("<!--") {
        return rest.split_once("-->").map_or("", |(_, after)| after);
    }
    let inner = &rest[1..];
    let name = inner.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    if !INSIDE_A_WORD.iter().any(|known| known.eq_ignore_ascii_case(&name[..end])) {
        text.push(' ');
    }
    // A `>` in an attribute's value does not end the tag.
    let mut quote = None;
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (None, '>') => return &inner[at + 1..],
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    ""
}

/// What follows the entity that `rest` begins with; an unknown one stays as it is.
fn after_entity<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let entity = rest[1..].split_once(';').filter(|(name, _)| name.len() <= 8);
    let decoded = entity.and_then(|(name, after)| Some((character(name)?, after)));
    let (c, after) = decoded.unwrap_or(('&', &rest[1..]));
    text.push(c);
    after
}

/// The entities that serialisers write, and any number.
fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_texts_are_words_without_case_and_accents() {
        for (text, folded) in [
            ("  Publicação: o “Guia”!  ", "publicacao o guia"),
            ("Straße, Cœur d’Ōsaka", "strasse coeur d osaka"),
            ("İstanbul ΛΌΓΟΣ ﬁn½", "istanbul λογοσ fin1 2"),
            ("e\u{301}t\u{e9}", "ete"),
            ("… — *", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn a_query_keeps_eight_telling_words_and_no_operator() {
        assert_eq!(
            Query::parse(" Client’s \"NOT\" a* client 3 家 ").terms(),
            "client* not* 3* 家*"
        );
        assert!(Query::parse(" a ' ( * ").is_empty());
        assert_eq!(Query::parse("aa bb cc dd ee ff gg hh ii").terms().split(' ').count(), 8);
        assert_eq!(Query::parse(&"é".repeat(300)).text().chars().count(), 200);
    }

    #[test]
    fn sanitised_html_becomes_its_text() {
        let html = "<h1>One</h1><p title=\"a > b\">T<em>w</em>o &amp; &#x27;three&#39;<br>&lt;b&gt; &who; A&B</p>";
        assert_eq!(plain_text(html), "One Two & 'three' <b> &who; A&B");
        assert_eq!(plain_text("a<!-- it's -->b <p"), "ab");
    }
}
