//! Which language the page speaks.

use serde::{Deserialize, Serialize};

/// A language that the page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// `en`
    English,
    /// `de`
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// As in the `lang` of the page.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// As its own speakers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// From `de`, or `de-AT`. `None`: the page does not speak it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

/// The first of a browser's languages that the page speaks, such as German for `["fr", "de-AT", "en"]`; otherwise English.
pub fn of_browser<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Language {
    wanted.into_iter().find_map(Language::of_tag).unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_the_page_speaks_is_taken() {
        assert_eq!(of_browser(["fr-FR", "de-AT", "en"]), Language::German);
        assert_eq!(of_browser(["en-GB", "de"]), Language::English);
        assert_eq!(of_browser(["fr", "DE"]), Language::German);
        assert_eq!(of_browser(["del", "e", ""]), Language::English, "Delaware's, and none at all");
        assert_eq!(of_browser([]), Language::English);
    }
}
