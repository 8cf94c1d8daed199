//! What is wrong with the configuration: all of it, said at once.

use std::fmt;

/// One thing to mend, with the place where to mend it. Never holds the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// File and line, or the environment.
    pub place: String,
    /// The name as it stands there.
    pub key: String,
    /// The offending value; `None` when it is secret or there is none.
    pub value: Option<String>,
    /// A phrase after the key and value: "must be …".
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        if let Some(value) = &self.value {
            write!(f, " = {value:?}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// Every fault found, in the order of the layers. The program exits with 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Fault>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = if self.0.len() == 1 { "one fault" } else { "several faults" };
        write!(f, "the configuration has {faults}:")?;
        for fault in &self.0 {
            write!(f, "\n  {fault}")?;
        }
        write!(f, "\nMend this and start again; nothing has been changed.")
    }
}

impl std::error::Error for ConfigErrors {}
