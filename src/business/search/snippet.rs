//! Which piece of a text is shown, and which words in it were searched for.

use unicode_normalization::char::is_combining_mark;

use super::model::Query;

/// A stretch of text, and whether it is what was searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub hit: bool,
}

/// A word of a text that the query's word number `word` finds; bytes of the text.
#[derive(Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    word: usize,
}

fn hits(text: &str, query: &Query) -> Vec<Hit> {
    let belongs = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let mut hits = Vec::new();
    let mut at = 0;
    while let Some(skipped) = text[at..].find(belongs) {
        let start = at + skipped;
        let end = text[start..].find(|c| !belongs(c)).map_or(text.len(), |length| start + length);
        if let Some(word) = query.hit(&text[start..end]) {
            hits.push(Hit { start, end, word });
        }
        at = end;
    }
    hits
}

/// `title` in pieces, with the words that were searched for as hits.
#[must_use]
pub fn highlight(title: &str, query: &Query) -> Vec<Piece> {
    pieces(title, 0, title.len(), &hits(title, query))
}

/// About 180 characters of `body` where most of the words stand together, with the words as hits.
#[must_use]
pub fn snippet(body: &str, query: &Query) -> Vec<Piece> {
    let hits = hits(body, query);
    let (from, to) = window(body, &hits);
    pieces(body, from, to, &hits)
}

/// The text between two places in pieces; ellipses where it goes on.
fn pieces(text: &str, from: usize, to: usize, hits: &[Hit]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::from(if from > 0 { "… " } else { "" });
    let mut at = from;
    for hit in hits.iter().filter(|hit| hit.start >= from && hit.start < to) {
        plain.push_str(&text[at..hit.start]);
        if !plain.is_empty() {
            pieces.push(Piece { text: std::mem::take(&mut plain), hit: false });
        }
        // Text without spaces may be cut in the middle of a word.
        at = hit.end.min(to);
        pieces.push(Piece { text: text[hit.start..at].to_owned(), hit: true });
    }
    plain.push_str(&text[at..to]);
    plain.push_str(if to < text.len() { " …" } else { "" });
    if !plain.is_empty() {
        pieces.push(Piece { text: plain, hit: false });
    }
    pieces
}

/// Where the snippet begins and ends.
fn window(body: &str, hits: &[Hit]) -> (usize, usize) {
    const LENGTH: usize = 180;
    const BEFORE: usize = 40;
    // The last place from which a whole snippet fits; none when all of the text does.
    let Some((last, _)) = body.char_indices().rev().nth(LENGTH - 1).filter(|(at, _)| *at > 0)
    else {
        return (0, body.len());
    };
    let anchor = best(hits, LENGTH - BEFORE).map_or(0, |hit| hit.start);
    let back = body[..anchor].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let mut from = back.min(last);
    if from > 0 && !body[..from].ends_with(char::is_whitespace) {
        from = body[from..anchor].find(' ').map_or(anchor, |space| from + space + 1);
    }
    let Some((length, _)) = body[from..].char_indices().nth(LENGTH) else {
        return (from, body.len());
    };
    let end = from + length;
    if body[end..].starts_with(' ') {
        return (from, end);
    }
    // Back to a word's end, unless that would take away what was found.
    let border = body[from..end].rfind(' ').map(|space| from + space);
    (from, border.filter(|border| *border > anchor).unwrap_or(end))
}

/// The hit from which on most different words, then most words, stand within `reach` bytes; of
/// equals the first.
fn best(hits: &[Hit], reach: usize) -> Option<Hit> {
    let mut best: Option<((u32, usize), Hit)> = None;
    for (index, first) in hits.iter().enumerate() {
        let near = hits[index..].iter().take_while(|hit| hit.end <= first.end + reach);
        let (mut seen, mut count) = (0_u32, 0);
        for hit in near {
            seen |= 1 << hit.word;
            count += 1;
        }
        let found = (seen.count_ones(), count);
        if best.is_none_or(|(most, _)| found > most) {
            best = Some((found, *first));
        }
    }
    best.map(|(_, hit)| hit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(pieces: &[Piece]) -> String {
        let mark = |p: &Piece| if p.hit { format!("[{}]", p.text) } else { p.text.clone() };
        pieces.iter().map(mark).collect()
    }

    #[test]
    fn whole_words_are_marked_with_their_accents() {
        let query = Query::parse("publ acao");
        assert_eq!(
            marked(&highlight("Publicação em Ação, republicar", &query)),
            "[Publicação] em [Ação], republicar"
        );
        assert_eq!(marked(&highlight("", &query)), "");
    }

    #[test]
    fn a_snippet_shows_the_place_where_most_words_stand_together() {
        let query = Query::parse("goal price");
        let body = format!(
            "goal {} Say your price, then your goal. {}",
            "way ".repeat(90),
            "é ".repeat(200)
        );
        let shown = marked(&snippet(&body, &query));
        assert!(shown.starts_with("… way way") && shown.ends_with("é …"), "{shown}");
        assert!(shown.contains("Say your [price], then your [goal]."), "{shown}");
        assert!((170..200).contains(&shown.chars().count()), "{}", shown.chars().count());
        assert_eq!(marked(&snippet("A goal.", &query)), "A [goal].");
        assert!(marked(&snippet(&"家".repeat(500), &Query::parse("家"))).starts_with("[家家"));
        let end = format!("{}goal", "x ".repeat(200));
        assert!(marked(&snippet(&end, &query)).ends_with("x [goal]"));
    }
}
