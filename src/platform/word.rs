//! Enums that have a word for each of their members.

/// An enum whose members have one word each: in the API, in the database, in addresses.
pub trait Word: Copy + PartialEq + 'static {
    const ALL: &'static [Self];

    fn word(self) -> &'static str;

    #[must_use]
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.word() == word)
    }

    /// All words, for a sentence: `en, es or pt`.
    #[must_use]
    fn choices() -> String {
        let words: Vec<&str> = Self::ALL.iter().map(|one| one.word()).collect();
        match words.as_slice() {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_as_people_tell_them() {
        #[derive(Clone, Copy, PartialEq, Debug)]
        enum Size {
            Small,
            Large,
        }
        impl Word for Size {
            const ALL: &'static [Self] = &[Self::Small, Self::Large];
            fn word(self) -> &'static str {
                if self == Self::Small { "small" } else { "large" }
            }
        }
        assert_eq!(
            (Size::choices().as_str(), Size::of_word("large")),
            ("small or large", Some(Size::Large))
        );
        assert_eq!(Size::of_word("Large"), None);
    }
}
