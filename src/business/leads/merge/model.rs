//! Whether two leads look like one person. No IO.

use crate::business::leads::Lead;
use crate::business::search;

/// Hosts that take an address with dots and after a plus for the same mailbox.
const DOTS_DO_NOT_COUNT: [&str; 2] = ["gmail.com", "googlemail.com"];

/// Why two leads are taken for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Dots or a plus make the whole difference.
    SameMailbox,
    /// The same before the @.
    OtherDomain,
}

impl Likeness {
    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::SameMailbox => "Same name, and the addresses reach the same mailbox",
            Self::OtherDomain => "Same name, and the same address at another domain",
        }
    }
}

/// The mailbox that an address reaches: without what follows a plus, and without dots where they do not count.
#[must_use]
pub fn mailbox(address: &str) -> (String, &str) {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let local = local.split('+').next().unwrap_or(local);
    if DOTS_DO_NOT_COUNT.contains(&domain) {
        return (local.replace('.', ""), DOTS_DO_NOT_COUNT[0]);
    }
    (local.to_owned(), domain)
}

/// Of two leads, if they look like one.
#[must_use]
pub fn likeness(one: &Lead, other: &Lead) -> Option<Likeness> {
    if one.name.is_empty() || search::fold(&one.name) != search::fold(&other.name) {
        return None;
    }
    let ((a, at), (b, bt)) = (mailbox(&one.email), mailbox(&other.email));
    match (a == b, at == bt) {
        (true, true) => Some(Likeness::SameMailbox),
        // Short ones and those of offices are no sign.
        (true, false)
            if a.len() > 4 && !["admin", "contact", "office", "hello"].contains(&a.as_str()) =>
        {
            Some(Likeness::OtherDomain)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::lang::Lang;

    fn lead(name: &str, email: &str) -> Lead {
        Lead {
            id: email.into(),
            number: 1,
            email: email.into(),
            name: name.into(),
            name_key: String::new(),
            program: None,
            lang: Lang::En,
            tags: Vec::new(),
            created_at: 0,
            updated_at: 0,
        }
    }

    #[test]
    fn one_person_is_known_by_name_and_mailbox() {
        let like = |a: (&str, &str), b: (&str, &str)| likeness(&lead(a.0, a.1), &lead(b.0, b.1));
        let ana = ("Ana Souza", "ana.souza@gmail.com");
        assert_eq!(
            like(ana, ("ANA  souza", "anasouza+list@googlemail.com")),
            Some(Likeness::SameMailbox)
        );
        assert_eq!(like(ana, ("Ana Souza", "ana.souza@example.com")), None, "there a dot counts");
        assert_eq!(
            like(("Ana", "ana.souza+x@a.co"), ("Ana", "ana.souza@b.co")),
            Some(Likeness::OtherDomain)
        );
        assert_eq!(like(("Ana", "info@a.co"), ("Ana", "info@b.co")), None);
        assert_eq!(like(ana, ("Eva Souza", "anasouza@gmail.com")), None);
        assert_eq!(like(("", "anasouza@gmail.com"), ("", "ana.souza@gmail.com")), None);
    }
}
