//! The members of a JSON object, read one at a time; [`Input::end`] tells every fault at once.
//!
//! What is read is what is known: a member nobody asked for is a fault that names the nearest one.
//! Absent and null are the same, except to [`Input::clearable`].

use serde_json::{Map, Value};

use super::query::unlike;
use crate::platform::clock;
use crate::platform::config::{ENTRY_MAX, LIST_MAX, NUMBER_MAX, Plain, TEXT_MAX};
use crate::platform::error::{Error, Fault};
use crate::platform::text::{Rule, is_https, is_slug};
use crate::platform::word::Word;

/// Faults that are told at most; a body can have thousands.
const MAX_FAULTS: usize = 32;

/// One object of a body, and all faults that have been found in the body so far.
pub struct Input<'b> {
    object: &'b Map<String, Value>,
    path: Vec<String>,
    read: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl<'b> Input<'b> {
    #[must_use]
    pub fn new(object: &'b Map<String, Value>) -> Self {
        Self { object, path: Vec::new(), read: Vec::new(), faults: Vec::new() }
    }

    /// # Errors
    /// Every fault of the body, in the order in which its members were read; then the members that nobody knows.
    pub fn end(mut self) -> Result<(), Error> {
        self.tell_unknown();
        if self.faults.is_empty() { Ok(()) } else { Err(Error::Invalid(self.faults)) }
    }

    /// Whether nothing wrong has been found so far.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.faults.is_empty()
    }

    /// Adds a fault of the member `name`.
    pub fn fault(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            let path = self.path.iter().cloned().chain([name.to_owned()]).collect();
            self.faults.push(Fault { code, path, message: message.into() });
        }
    }

    /// Adds a fault that a rule of a model has found.
    pub fn refuse(&mut self, fault: Fault) {
        let name = fault.field().to_owned();
        self.fault(&name, fault.code, fault.message);
    }

    /// Adds a fault for each of `names` that is absent or null. To be called before they are read, so that the order
    /// of the faults is the order of the members.
    pub fn require(&mut self, names: &[&'static str]) {
        for name in names {
            if self.object.get(*name).is_none_or(Value::is_null) {
                self.fault(name, "required", format!("{name} is required"));
            }
        }
    }

    /// The value of a member that is there.
    fn value(&mut self, name: &'static str) -> Option<&'b Value> {
        if !self.read.contains(&name) {
            self.read.push(name);
        }
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn wrong_type<T>(&mut self, name: &str, wanted: &str) -> Option<T> {
        self.fault(name, "invalid_type", format!("{name} must be {wanted}"));
        None
    }

    pub fn truth(&mut self, name: &'static str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(truth) => Some(*truth),
            _ => self.wrong_type(name, "true or false"),
        }
    }

    /// A whole number; 10.0 is one too.
    pub fn number(&mut self, name: &'static str, (low, high): (i64, i64)) -> Option<i64> {
        let value = self.value(name)?;
        let whole = |n: &f64| n.fract() == 0.0 && n.abs() < 1e15;
        let number = value.as_i64().or_else(|| value.as_f64().filter(whole).map(|n| n as i64));
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let message = format!("{name} must be a whole number from {low} to {high}");
            self.fault(name, "invalid", message);
        }
        number
    }

    /// Any number.
    pub fn any_number(&mut self, name: &'static str) -> Option<f64> {
        match self.value(name)? {
            Value::Number(number) => number.as_f64(),
            _ => self.wrong_type(name, "a number"),
        }
    }

    /// A text as it was sent.
    pub fn raw(&mut self, name: &'static str) -> Option<&'b str> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            _ => self.wrong_type(name, "a text"),
        }
    }

    /// A text that meets `rule`.
    pub fn text(&mut self, name: &'static str, rule: Rule) -> Option<String> {
        let text = self.raw(name)?;
        rule.check(name, text).map_err(|(code, message)| self.fault(name, code, message)).ok()
    }

    /// A text that `parse` understands.
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let text = self.raw(name)?;
        parse(text).map_err(|fault| self.fault(name, fault.code, fault.message)).ok()
    }

    /// One of the words of `W`.
    pub fn word<W: Word>(&mut self, name: &'static str) -> Option<W> {
        let text = self.raw(name)?;
        let found = W::of_word(text);
        if found.is_none() {
            self.fault(name, "unknown", format!("{name} must be {}", W::choices()));
        }
        found
    }

    /// A word that can stand in an address.
    pub fn slug(&mut self, name: &'static str) -> Option<String> {
        let text = self.raw(name)?;
        if is_slug(text) {
            return Some(text.to_owned());
        }
        let message = format!("{name} must be 1 to 63 of a-z, 0-9 and dashes");
        self.fault(name, "invalid", message);
        None
    }

    /// A moment, RFC 3339 with its zone, as epoch milliseconds.
    pub fn time(&mut self, name: &'static str) -> Option<i64> {
        let text = self.raw(name)?;
        let time = clock::parse_rfc3339(text);
        if time.is_none() {
            let message = format!("{name} must be a time such as 2026-10-05T09:00:00Z");
            self.fault(name, "invalid", message);
        }
        time
    }

    /// An address that begins with `https://`.
    pub fn https(&mut self, name: &'static str) -> Option<String> {
        let text = self.raw(name)?;
        if is_https(text) {
            return Some(text.to_owned());
        }
        let message = format!("{name} must be an address such as https://pay.example.com/prime");
        self.fault(name, "invalid", message);
        None
    }

    /// `Some(None)` for a null, which clears; `None` for what is absent and stays.
    pub fn clearable<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.object.get(name) {
            Some(Value::Null) => {
                self.value(name);
                Some(None)
            }
            _ => read(self, name).map(Some),
        }
    }

    /// An object inside this one.
    pub fn object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Input<'b>) -> T,
    ) -> Option<T> {
        match self.value(name)? {
            Value::Object(object) => Some(self.inside(name, None, object, read)),
            _ => self.wrong_type(name, "an object"),
        }
    }

    /// A list of objects, of which there may be `max`.
    pub fn objects<T>(
        &mut self,
        name: &'static str,
        max: usize,
        mut read: impl FnMut(&mut Input<'b>) -> T,
    ) -> Option<Vec<T>> {
        let items = self.items(name, max)?;
        let mut found = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let Value::Object(object) = item else {
                return self.wrong_type(name, "a list of objects");
            };
            found.push(self.inside(name, Some(index), object, &mut read));
        }
        Some(found)
    }

    /// A list of texts that each meet `rule`, of which there may be `max`.
    pub fn texts(&mut self, name: &'static str, max: usize, rule: Rule) -> Option<Vec<String>> {
        let items = self.items(name, max)?;
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            let Value::String(text) = item else { return self.wrong_type(name, "a list of texts") };
            match rule.check(&format!("each of {name}"), text) {
                Ok(text) => found.push(text),
                Err((code, message)) => self.fault(name, code, message),
            }
        }
        Some(found)
    }

    /// A list of words of `W`, of which there may be `low` to `high`; each is in the result once.
    pub fn words<W: Word>(
        &mut self,
        name: &'static str,
        (low, high): (usize, usize),
    ) -> Option<Vec<W>> {
        let items = self.items(name, high)?;
        if items.len() < low {
            self.fault(name, "too_short", format!("{name} must have {low} entries or more"));
            return None;
        }
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            let Value::String(text) = item else { return self.wrong_type(name, "a list of texts") };
            match W::of_word(text) {
                Some(word) if found.contains(&word) => {}
                Some(word) => found.push(word),
                None => {
                    let message = format!("each of {name} must be {}", W::choices());
                    self.fault(name, "unknown", message);
                }
            }
        }
        Some(found)
    }

    /// A value of any setting: true or false, a whole number, a line, or a list of lines.
    pub fn plain(&mut self, name: &'static str) -> Option<Plain> {
        match self.value(name)? {
            Value::Bool(truth) => Some(Plain::Truth(*truth)),
            Value::Number(_) => self.number(name, (0, NUMBER_MAX)).map(Plain::Number),
            Value::String(_) => self.text(name, Rule::line(TEXT_MAX)).map(Plain::Text),
            Value::Array(_) => self.texts(name, LIST_MAX, Rule::line(ENTRY_MAX)).map(Plain::List),
            Value::Object(_) | Value::Null => {
                self.wrong_type(name, "true, false, a whole number, a text or a list of texts")
            }
        }
    }

    fn items(&mut self, name: &'static str, max: usize) -> Option<&'b [Value]> {
        match self.value(name)? {
            Value::Array(items) if items.len() <= max => Some(items),
            Value::Array(_) => {
                self.fault(name, "too_long", format!("{name} must have {max} entries or fewer"));
                None
            }
            _ => self.wrong_type(name, "a list"),
        }
    }

    fn inside<T>(
        &mut self,
        name: &str,
        index: Option<usize>,
        object: &'b Map<String, Value>,
        read: impl FnOnce(&mut Input<'b>) -> T,
    ) -> T {
        let steps = [name.to_owned()].into_iter().chain(index.map(|index| index.to_string()));
        let path = self.path.iter().cloned().chain(steps).collect();
        let faults = std::mem::take(&mut self.faults);
        let mut inner = Input { object, path, read: Vec::new(), faults };
        let value = read(&mut inner);
        inner.tell_unknown();
        self.faults = inner.faults;
        value
    }

    fn tell_unknown(&mut self) {
        let unknown = self.object.keys().filter(|name| !self.read.contains(&name.as_str()));
        for name in unknown.take(MAX_FAULTS).cloned().collect::<Vec<_>>() {
            // What a client wrote is shown back only in part.
            let short: String = name.chars().take(40).collect();
            let message = unlike(&name, "field", &self.read);
            self.fault(&short, "unknown", message);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::lang::Lang;

    fn told(body: &Value, read: impl FnOnce(&mut Input<'_>)) -> Vec<String> {
        let mut input = Input::new(body.as_object().unwrap());
        read(&mut input);
        match input.end() {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(faults)) => faults
                .into_iter()
                .map(|fault| format!("{} {}: {}", fault.code, fault.path.join("."), fault.message))
                .collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place() {
        let body = json!({
            "title": "", "lang": "de", "n": 1.5, "at": "today", "slug": "A b", "link": "http://x.y",
            "parts": [{ "name": "a" }, { "name": 5, "nmae": "b" }], "tags": ["a", ""], "titel": "x",
        });
        let faults = told(&body, |input| {
            input.require(&["title", "author"]);
            input.text("title", Rule::line(9));
            input.text("author", Rule::line(9));
            input.word::<Lang>("lang");
            input.number("n", (1, 9));
            input.time("at");
            input.slug("slug");
            input.https("link");
            input.objects("parts", 9, |part| part.text("name", Rule::line(9)));
            input.texts("tags", 9, Rule::line(9));
        });
        assert_eq!(
            faults,
            [
                "required author: author is required",
                "required title: title must not be empty",
                "unknown lang: lang must be en, es or pt",
                "invalid n: n must be a whole number from 1 to 9",
                "invalid at: at must be a time such as 2026-10-05T09:00:00Z",
                "invalid slug: slug must be 1 to 63 of a-z, 0-9 and dashes",
                "invalid link: link must be an address such as https://pay.example.com/prime",
                "invalid_type parts.1.name: name must be a text",
                "unknown parts.1.nmae: nmae is not a field here; did you mean name?",
                "required tags: each of tags must not be empty",
                "unknown titel: titel is not a field here; did you mean title?",
            ]
        );
    }

    #[test]
    fn null_is_absent_except_where_it_clears() {
        let body = json!({ "a": null, "b": null, "c": "2026-10-05T09:00:00+02:00" });
        let mut input = Input::new(body.as_object().unwrap());
        assert_eq!(input.text("a", Rule::line(9)), None);
        assert_eq!(input.clearable("b", Input::time), Some(None));
        assert_eq!(input.clearable("c", Input::time), Some(Some(1_791_183_600_000)));
        assert_eq!(input.clearable("d", Input::time), None);
        assert!(input.end().is_ok());
    }

    #[test]
    fn a_body_full_of_faults_tells_a_screenful() {
        let body: Value =
            (0..200).map(|n| (format!("x{n}"), json!(1))).collect::<Map<_, _>>().into();
        assert_eq!(told(&body, |_| ()).len(), MAX_FAULTS);
    }
}
