//! Roles, what each may do, and what makes a password good enough.

use serde::{Serialize, Serializer};

use crate::platform::error::Fault;
use crate::platform::word::Word;

const PASSWORD_MIN: usize = 10;
const PASSWORD_MAX: usize = 256;
/// Fewer different characters than this are a pattern, not a password.
const DIFFERENT_MIN: usize = 5;

/// Beginnings that everybody thinks of; digits and signs around them do not help.
const KNOWN_BAD: &str = include_str!("known_bad.txt");

/// What a person is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(rename_all = "lowercase", example = "editor")]
pub enum Role {
    /// Reads figures and content, no personal data.
    Analyst,
    /// Content only.
    Editor,
    Admin,
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Editor, Self::Analyst];

    /// The word for it in the API and in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Analyst => "analyst",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Everything that a person of this role may do.
    #[must_use]
    pub fn may(self, capability: Capability) -> bool {
        use Capability as C;
        match self {
            Self::Owner => true,
            Self::Admin => capability != C::ManageKeys,
            Self::Editor => matches!(capability, C::ReadContent | C::EditContent),
            Self::Analyst => matches!(capability, C::ReadContent | C::ReadInsights),
        }
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl Word for Role {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        self.code()
    }
}

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident = $scope:literal;)+) => {
        /// One thing that a caller may be allowed to do. Its word is the scope of a token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
        #[schema(as = Scope, example = "content:read")]
        pub enum Capability { $($(#[$doc])* #[schema(rename = $scope)] $name),+ }

        impl Capability {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            #[must_use]
            pub fn scope(self) -> &'static str {
                match self { $(Self::$name => $scope),+ }
            }
        }
    };
}

capabilities! {
    /// Drafts and everything that is not public yet.
    ReadContent = "content:read";
    EditContent = "content:write";
    /// Names and addresses of people.
    ReadLeads = "leads:read";
    EditLeads = "leads:write";
    /// Figures without persons.
    ReadInsights = "insights:read";
    ReadSettings = "settings:read";
    EditSettings = "settings:write";
    ReadJobs = "jobs:read";
    RunJobs = "jobs:write";
    ManageUsers = "users:manage";
    ManageTokens = "tokens:manage";
    /// Whoever may have other programs told of what happens here, names and addresses among it.
    ManageWebhooks = "webhooks:manage";
    ReadAudit = "audit:read";
    ManageKeys = "keys:manage";
}

impl Capability {
    #[must_use]
    pub fn from_scope(scope: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|capability| capability.scope() == scope)
    }
}

impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.scope())
    }
}

/// A password that may be chosen, for the person of `email` and `name`.
///
/// # Errors
/// The one fault of `field`.
pub fn check_password(field: &str, password: &str, email: &str, name: &str) -> Result<(), Fault> {
    let fault = |code, message: &str| Err(Fault::of(field, code, message));
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return fault("too_short", "The password must be 10 characters or more");
    }
    if length > PASSWORD_MAX {
        return fault("too_long", "The password must be 256 characters or fewer");
    }
    if is_guessable(password, email, name) {
        return fault("invalid", "The password is too easy to guess; three or four words are good");
    }
    Ok(())
}

fn is_guessable(password: &str, email: &str, name: &str) -> bool {
    let lower = password.to_lowercase();
    let mut different: Vec<char> = lower.chars().collect();
    let is_run = different.windows(2).all(|pair| pair[1] as u32 == pair[0] as u32 + 1);
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_MIN || is_run || is_digits(&lower) {
        return true;
    }
    let core = core(&lower);
    let own = [email, email.split('@').next().unwrap_or_default(), name];
    core.is_empty()
        || KNOWN_BAD.lines().any(|bad| bad == core)
        || own
            .iter()
            .any(|own| own.chars().count() >= 4 && *core == self::core(&own.to_lowercase()))
}

/// Only digits, of the length of a date or a telephone number.
fn is_digits(text: &str) -> bool {
    text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without the digits and signs around it, and with letters where signs stand for them.
fn core(lower: &str) -> String {
    let trimmed = lower.trim_matches(|c: char| !c.is_alphabetic() && !"@$".contains(c));
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    trimmed.chars().map(letter).filter(|c| c.is_alphabetic()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_a_length_and_no_other_composition_rule() {
        let check = |password: &str| {
            check_password("password", password, "ana.souza@example.com", "Ana Souza")
                .map_err(|fault| fault.code)
        };
        assert_eq!(check("nine char"), Err("too_short"));
        assert_eq!(check(&"long enough ".repeat(22)), Err("too_long"));
        for good in ["correct horse staple", "пароль из слов", "ujhvbnmklo", "8-4-7-1-9-2-6-5-x"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_everybody_thinks_of_is_refused_in_every_disguise() {
        for bad in [
            "password123",
            "P@ssw0rd2026!",
            "1234567890",
            "0611223344",
            "aaaaaaaaaaaa",
            "abababababab",
            "abcdefghijkl",
            "qwertyuiop",
            "iloveyou2026",
            "ana.souza99",
            "AnaSouza2026",
            "ana.souza@example.com",
            "!!!!!!!!!!",
        ] {
            let checked = check_password("password", bad, "ana.souza@example.com", "Ana Souza");
            assert_eq!(checked.map_err(|fault| fault.code), Err("invalid"), "{bad}");
        }
    }

    #[test]
    fn roles_and_scopes_have_one_word_each() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        for capability in Capability::ALL {
            assert_eq!(Capability::from_scope(capability.scope()), Some(*capability));
            assert!(Role::Owner.may(*capability));
        }
        assert!(Role::Owner > Role::Admin && Role::Admin > Role::Editor);
        assert!(!Role::Analyst.may(Capability::ReadLeads), "no personal data");
        assert!(!Role::Editor.may(Capability::ReadLeads), "content only");
    }
}
