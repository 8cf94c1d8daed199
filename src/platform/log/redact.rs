//! Takes credentials out of a message before it is written.
//!
//! The last line of defence, not the first: values are wrapped in `Secret` and bodies are never
//! logged. It knows the values of the registered secrets, and the shapes that credentials have.

use std::borrow::Cow;

const STARS: &str = "***";

/// A word that is followed by `=` or `:` and then by something to hide.
const NAMES: [&str; 14] = [
    "token",
    "password",
    "passwd",
    "secret",
    "authorization",
    "proxy-authorization",
    "api-key",
    "api_key",
    "apikey",
    "api-token",
    "hottok",
    "cookie",
    "set-cookie",
    "signature",
];

/// What begins a credential by itself.
const PREFIXES: [&str; 6] = ["sk-", "SG.", "xoxb-", "AKIA", "eyJ", "whsec_"];

/// How far before an `@` the beginning of its URL is looked for, in bytes.
const MAX_URL_HEAD: usize = 512;

/// A credential is at least this long after its prefix.
const MIN_AFTER_PREFIX: usize = 8;

/// `message` without anything that looks like a credential.
pub(super) fn redact<'m>(message: &'m str, secrets: &[Box<str>]) -> Cow<'m, str> {
    let mut text = Cow::Borrowed(message);
    for secret in secrets {
        if text.contains(&**secret) {
            text = Cow::Owned(text.replace(&**secret, STARS));
        }
    }
    let hidden = spans(&text);
    if hidden.is_empty() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (start, end) in hidden {
        // Spans come in order; one may begin inside the one before.
        if start >= copied {
            out.push_str(&text[copied..start]);
            out.push_str(STARS);
        }
        copied = copied.max(end);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// What to hide, as byte ranges in order of their starts.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    for at in 0..bytes.len() {
        if matches!(bytes[at], b'=' | b':') {
            spans.extend(after_name(text, at));
        }
        // `postgres://user:password@host`
        if bytes[at] == b'@' {
            spans.extend(url_password(text, at));
        }
        let begins_word = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if begins_word && bytes[at].is_ascii_alphabetic() {
            let rest = &bytes[at..];
            if PREFIXES.iter().any(|prefix| rest.starts_with(prefix.as_bytes())) {
                let end = at + value_length(rest);
                // A prefix is ASCII, so `at` is a boundary; `value_length` ends at ASCII or the end.
                if end - at >= MIN_AFTER_PREFIX + 3 {
                    spans.push((at, end));
                }
            }
        }
    }
    spans.sort_unstable();
    spans
}

/// The value after `token=`, `"password":"` or `Authorization: Bearer `.
fn after_name(text: &str, separator: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let name_end = separator - usize::from(separator > 0 && bytes[separator - 1] == b'"');
    let name = &bytes[..name_end];
    let known = NAMES.iter().find(|known| {
        name.len() >= known.len()
            && name[name.len() - known.len()..].eq_ignore_ascii_case(known.as_bytes())
    })?;
    let mut start = separator + 1;
    while bytes.get(start).is_some_and(|b| matches!(b, b' ' | b'"' | b'\'')) {
        start += 1;
    }
    let rest = &bytes[start..];
    // The rest of a header belongs to it: `Basic dXNlcg==`, `a=1; b=2`.
    let header = known.ends_with("authorization") || known.ends_with("cookie");
    let length = if header {
        rest.iter().position(|b| matches!(b, b'\n' | b'\r' | b'"')).unwrap_or(rest.len())
    } else {
        value_length(rest)
    };
    (length > 0).then_some((start, start + length))
}

/// The password before the `@` of a URL. Everything looked for is ASCII, so bytes will do.
fn url_password(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let furthest = at.saturating_sub(MAX_URL_HEAD);
    let blank = |b: &u8| b.is_ascii_whitespace() || *b == b'"';
    let word = bytes[furthest..at].iter().rposition(blank).map_or(furthest, |i| furthest + i + 1);
    let scheme = bytes[word..at].windows(3).position(|three| three == b"://")?;
    let user = word + scheme + 3;
    let password = user + bytes[user..at].iter().position(|b| *b == b':')? + 1;
    (password < at).then_some((password, at))
}

/// Up to what ends a value in a query, a JSON text or a sentence.
fn value_length(rest: &[u8]) -> usize {
    rest.iter()
        .position(|b| {
            b.is_ascii_whitespace() || matches!(b, b'&' | b'"' | b'\'' | b',' | b';' | b')' | b'}')
        })
        .unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(message: &str) -> String {
        redact(message, &[]).into_owned()
    }

    #[test]
    fn named_values_become_stars() {
        assert_eq!(redacted("GET /x?token=abc&page=2"), "GET /x?token=***&page=2");
        assert_eq!(redacted(r#"{"password":"hunter2","a":1}"#), r#"{"password":"***","a":1}"#);
        assert_eq!(redacted("access_token: abc, next"), "access_token: ***, next");
        assert_eq!(redacted("Authorization: Basic dXNlcjpwdw=="), "Authorization: ***");
        assert_eq!(redacted("Cookie: a=1; b=2\nHost: x"), "Cookie: ***\nHost: x");
    }

    #[test]
    fn credentials_are_known_by_their_beginning() {
        assert_eq!(redacted("key sk-proj-0123456789 refused"), "key *** refused");
        assert_eq!(redacted("Bearer eyJhbGciOi.eyJzdWIi.c2ln"), "Bearer ***");
        assert_eq!(redacted("disk-usage is sk-y"), "disk-usage is sk-y");
    }

    #[test]
    fn the_password_of_a_url_goes_and_the_rest_stays() {
        assert_eq!(
            redacted("at postgres://u:p@ss@h/d: refused"),
            "at postgres://u:***@h/d: refused"
        );
        assert_eq!(redacted("mail to: ann@shop.example"), "mail to: ann@shop.example");
    }

    #[test]
    fn registered_values_go_wherever_they_stand() {
        let secrets = ["correct horse".into()];
        assert_eq!(redact("said «correct horse»", &secrets), "said «***»");
    }

    #[test]
    fn harmless_messages_are_not_copied() {
        for text in ["took 12 ms: SELECT 1", "é = ü: ñ@", "=", ":", "token", ""] {
            assert!(matches!(redact(text, &[]), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn text_that_is_not_ascii_is_cut_at_its_characters() {
        assert_eq!(redacted("password=ñandú@café, ok"), "password=***, ok");
        assert_eq!(redacted("ü://é:ß@ñ token=€"), "ü://é:***@ñ token=***");
    }
}
