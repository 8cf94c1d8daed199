//! JSON objects, read strictly: what stands twice is refused, because two readers of such a text
//! understand two different things.

use std::cell::RefCell;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::platform::error::{Error, Fault};

/// Repeated names that are told at most.
const MAX_FAULTS: usize = 32;

/// The object that `body` is.
///
/// # Errors
/// Where it stops being JSON, or every name that stands twice.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Error> {
    let repeated = RefCell::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let seed = Strict { repeated: &repeated, path: &[] };
    let value = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    // Only the place is told: the text itself may be a secret.
    let value = value.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::BadRequest(format!("the body is not valid JSON (line {line}, column {column})"))
    })?;
    let Value::Object(object) = value else {
        return Err(Error::BadRequest("the body must be a JSON object".into()));
    };
    let repeated: Vec<Vec<String>> = repeated.into_inner();
    if repeated.is_empty() {
        return Ok(object);
    }
    let fault = |path: Vec<String>| Fault {
        code: "repeated",
        message: format!("{} is given twice", path.join(".")),
        path,
    };
    Err(Error::Invalid(repeated.into_iter().map(fault).collect()))
}

/// Reads a value and notes the names that stand twice in one object.
#[derive(Clone, Copy)]
struct Strict<'s> {
    repeated: &'s RefCell<Vec<Vec<String>>>,
    path: &'s [String],
}

impl Strict<'_> {
    fn below(&self, name: &str) -> Vec<String> {
        let short = name.chars().take(40).collect();
        self.path.iter().cloned().chain([short]).collect()
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        let path = self.below("[]");
        while let Some(item) = items.next_element_seed(Strict { path: &path, ..self })? {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let path = self.below(&name);
            let value = members.next_value_seed(Strict { path: &path, ..self })?;
            let mut repeated = self.repeated.borrow_mut();
            if read.insert(name, value).is_some() && repeated.len() < MAX_FAULTS {
                repeated.push(path);
            }
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_name_that_stands_twice_is_told_with_its_place() {
        let body = br#"{"a":1,"b":{"c":1,"c":2},"a":null,"d":[{"e":1,"e":2}]}"#;
        let Err(Error::Invalid(faults)) = object(body) else { panic!("it was accepted") };
        let told: Vec<String> = faults.iter().map(|f| f.path.join(".")).collect();
        assert_eq!(told, ["b.c", "a", "d.[].e"]);
    }

    #[test]
    fn what_is_no_object_or_goes_on_after_its_end_is_refused() {
        for body in ["", "[]", "1", "{", "{} x", "{}{}", "\u{feff}{}", "{\"a\":NaN}"] {
            assert!(matches!(object(body.as_bytes()), Err(Error::BadRequest(_))), "{body}");
        }
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
        assert!(matches!(object(deep.as_bytes()), Err(Error::BadRequest(_))));
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_reads(text in "[ -~]{0,40}") {
            let body = serde_json::json!({ "k": text, "n": [1, -1, 0.5, true, null] });
            let read = object(body.to_string().as_bytes()).map(Value::Object);
            prop_assert_eq!(read.ok(), Some(body));
            let known = serde_json::from_str::<Map<String, Value>>(&text).is_ok();
            let ours = !matches!(object(text.as_bytes()), Err(Error::BadRequest(_)));
            prop_assert_eq!(known, ours);
        }
    }
}
