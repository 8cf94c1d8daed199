//! Faults beside the fields they are about.

use crate::platform::error::{Error, Fault};

/// What is wrong with a form.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// What can be said beside a form: faults of fields, and refusals that are about it as a whole. Other errors come
    /// back.
    ///
    /// # Errors
    /// What is not the form's fault.
    pub fn of(error: Error) -> Result<Self, Error> {
        match error {
            Error::Invalid(faults) => Ok(Self(faults)),
            Error::Conflict(why) | Error::Unprocessable(why) | Error::BadRequest(why) => {
                Ok(Self(vec![Fault { code: "conflict", path: Vec::new(), message: why }]))
            }
            other => Err(other),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The message about field `name`.
    #[must_use]
    pub fn about(&self, name: &str) -> Option<String> {
        let of_it = |fault: &&Fault| fault.path.first().is_some_and(|first| first == name);
        self.0.iter().find(of_it).map(|fault| sentence(&fault.message))
    }

    /// Messages that are about none of `names`.
    #[must_use]
    pub fn others(&self, names: &[&str]) -> Vec<String> {
        let is_other = |fault: &&Fault| {
            fault.path.first().is_none_or(|first| !names.contains(&first.as_str()))
        };
        self.0.iter().filter(is_other).map(|fault| sentence(&fault.message)).collect()
    }

    /// All messages.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.others(&[])
    }
}

/// With a capital at the beginning and a stop at the end.
#[must_use]
pub fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{stop}", heading(text))
}

/// With a large first letter.
#[must_use]
pub fn heading(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}
