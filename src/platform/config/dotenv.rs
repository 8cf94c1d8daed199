//! The syntax of `.env` files, as Node's dotenv reads them.
//!
//! Own parser rather than a crate's because two things matter here: the line of every variable,
//! and a `$` that stays a `$`. The crates at hand replace `$NAME` from the process environment,
//! which silently shortens a secret such as `pa$word`. What the variables mean is `keys`' business.

/// One `NAME=value`, with the line on which the name stands (from 1).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) value: String,
}

/// A line that cannot be read. Its text is left out: it may hold a secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    pub(super) line: usize,
    pub(super) problem: &'static str,
}

/// Every assignment, and every line that is none.
pub(super) fn parse(text: &str) -> (Vec<Assignment>, Vec<BadLine>) {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut found, mut bad) = (Vec::new(), Vec::new());
    let mut line = 1;
    while !rest.is_empty() {
        let start = line;
        let (statement, after) = match take_statement(rest) {
            Ok((statement, consumed)) => (Ok(statement), consumed),
            Err(problem) => (Err(problem), end_of_line(rest)),
        };
        line += rest[..after].matches('\n').count();
        rest = &rest[after..];
        match statement {
            Ok(Some((name, value))) => found.push(Assignment { line: start, name, value }),
            Ok(None) => {}
            Err(problem) => bad.push(BadLine { line: start, problem }),
        }
    }
    (found, bad)
}

type Statement = Option<(String, String)>;

/// Reads one statement from the start of `text`; also returns how many bytes it took.
fn take_statement(text: &str) -> Result<(Statement, usize), &'static str> {
    let end = end_of_line(text);
    let line = text[..end].trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok((None, end));
    }
    let equals = text[..end].find('=').ok_or("is not of the form NAME=value")?;
    let name = text[..equals].trim();
    let name = name.strip_prefix("export ").map_or(name, str::trim);
    let well_formed = name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if name.is_empty() || !well_formed {
        return Err("does not begin with a variable's name");
    }
    let (value, used) = take_value(&text[equals + 1..])?;
    Ok((Some((name.to_owned(), value)), equals + 1 + used))
}

/// Reads a value and the rest of its last line.
fn take_value(text: &str) -> Result<(String, usize), &'static str> {
    let end = end_of_line(text);
    let blanks = text[..end].len() - text[..end].trim_start().len();
    let body = &text[blanks..];
    let Some(quote) = body.chars().next().filter(|c| blanks < end && matches!(c, '"' | '\'' | '`'))
    else {
        return Ok((unquoted(&text[..end]).to_owned(), end));
    };
    let close = closing_quote(&body[1..], quote).ok_or("has a quote that is never closed")?;
    let inner = &body[1..=close];
    let value = if quote == '"' { unescape(inner) } else { inner.to_owned() };
    let tail_start = blanks + close + 2;
    let tail = &text[tail_start..tail_start + end_of_line(&text[tail_start..])];
    if !(tail.trim().is_empty() || tail.trim_start().starts_with('#')) {
        return Err("has text after the closing quote");
    }
    Ok((value, tail_start + tail.len()))
}

/// Without the comment: ` #` begins one, a `#` inside a word does not.
fn unquoted(line: &str) -> &str {
    let bytes = line.as_bytes();
    let comment = line
        .match_indices('#')
        .find(|(at, _)| *at == 0 || bytes[at - 1].is_ascii_whitespace())
        .map_or(line.len(), |(at, _)| at);
    line[..comment].trim()
}

fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            return Some(at);
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(other @ ('"' | '\\' | '$')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// The length of the first line, its line break included.
fn end_of_line(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(usize, String, String)> {
        let (found, bad) = parse(text);
        assert_eq!(bad, []);
        found.into_iter().map(|a| (a.line, a.name, a.value)).collect()
    }

    fn value(text: &str) -> String {
        values(text).remove(0).2
    }

    #[test]
    fn comments_blank_lines_and_export_are_understood() {
        let text = "\u{feff}# all\r\n\r\nexport A = 1 # one\r\n  B=2\nC=\n";
        let expected = [(3, "A", "1"), (4, "B", "2"), (5, "C", "")];
        let expected: Vec<_> =
            expected.iter().map(|(l, n, v)| (*l, (*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(values(text), expected);
    }

    #[test]
    fn a_dollar_or_hash_inside_a_value_stays() {
        assert_eq!(value("JWT_SECRET=pa$word#1"), "pa$word#1");
        assert_eq!(value("JWT_SECRET=\"pa$word # 1\" # why"), "pa$word # 1");
        assert_eq!(value("A='it\\n'"), "it\\n");
        assert_eq!(value("A=\"it\\n \\\"so\\\"\""), "it\n \"so\"");
        assert_eq!(value("A=#nothing"), "");
    }

    #[test]
    fn a_quoted_value_may_span_lines_and_later_lines_keep_their_numbers() {
        let found = values("A=\"one\ntwo\"\nB=3");
        assert_eq!(found[0].2, "one\ntwo");
        assert_eq!((found[1].0, found[1].2.as_str()), (3, "3"));
    }

    #[test]
    fn each_bad_line_is_reported_and_the_rest_is_read() {
        let (found, bad) = parse("A=1\nnonsense\nB=\"open\nC D=1\nE=\"x\"y\nF=6");
        assert_eq!(found.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["A", "F"]);
        assert_eq!(bad.iter().map(|b| b.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
    }
}
