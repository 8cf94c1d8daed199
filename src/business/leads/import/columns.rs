//! What a column of a file is, and what its name tells. No IO.

use serde::{Deserialize, Serialize};

use crate::business::search;
use crate::platform::word::Word;

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Ignore,
    Email,
    Name,
    FirstName,
    LastName,
    Tags,
    Lang,
    Program,
    Created,
}

impl Word for Target {
    const ALL: &'static [Self] = &[
        Self::Ignore,
        Self::Email,
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Tags,
        Self::Lang,
        Self::Program,
        Self::Created,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Email => "email",
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Tags => "tags",
            Self::Lang => "lang",
            Self::Program => "program",
            Self::Created => "created",
        }
    }
}

impl Target {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ignore => "Leave out",
            Self::Email => "E-mail address",
            Self::Name => "Name",
            Self::FirstName => "First name",
            Self::LastName => "Last name",
            Self::Tags => "Tags",
            Self::Lang => "Language",
            Self::Program => "Program",
            Self::Created => "Date they joined",
        }
    }

    /// What a column of this name is, in the languages that lists come in.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let folded = search::fold(&name.replace('_', " "));
        let is = |names: &[&str]| names.contains(&folded.as_str());
        let has = |parts: &[&str]| parts.iter().any(|part| folded.contains(part));
        match () {
            () if has(&["e mail", "email", "correo"]) || is(&["mail"]) => Some(Self::Email),
            () if is(&["first name", "firstname", "given name", "fname"]) => Some(Self::FirstName),
            () if has(&[
                "last name",
                "lastname",
                "surname",
                "apellido",
                "apelido",
                "sobrenome",
            ]) || is(&["lname", "family name"]) =>
            {
                Some(Self::LastName)
            }
            () if is(&[
                "name",
                "full name",
                "fullname",
                "nombre",
                "nome",
                "nome completo",
                "nombre completo",
            ]) =>
            {
                Some(Self::Name)
            }
            () if is(&["tag", "tags", "label", "labels", "etiqueta", "etiquetas", "groups"]) => {
                Some(Self::Tags)
            }
            () if is(&["lang", "language", "idioma", "lingua", "locale"]) => Some(Self::Lang),
            () if is(&["program", "programme", "programa", "product", "course", "curso"]) => {
                Some(Self::Program)
            }
            () if is(&[
                "created",
                "created at",
                "date",
                "fecha",
                "data",
                "joined",
                "signed up",
                "subscribed",
                "date added",
                "optin time",
                "opt in time",
                "subscription date",
                "date joined",
                "fecha de alta",
            ]) =>
            {
                Some(Self::Created)
            }
            () => None,
        }
    }
}
