//! The page's sentences, in every language that it speaks. They stand in `words/LANGUAGE/*.ftl` (Fluent), and nowhere
//! else: a message that one language lacks, or that takes other arguments there, does not compile.

mod choice;
mod places;

use std::cell::Cell;

pub use choice::{Language, of_browser};
use fluent_static::{MessageBundle, message_bundle};
pub use places::{PLACES, Part, parts};

/// One method for each message, `share-line` being `share_line`, with its arguments in the order of the English sentence.
#[message_bundle(
    resources = [
        ("words/en/advanced.ftl", "en"),
        ("words/de/advanced.ftl", "de"),
        ("words/en/app.ftl", "en"),
        ("words/de/app.ftl", "de"),
        ("words/en/download.ftl", "en"),
        ("words/de/download.ftl", "de"),
        ("words/en/figures.ftl", "en"),
        ("words/de/figures.ftl", "de"),
        ("words/en/group.ftl", "en"),
        ("words/de/group.ftl", "de"),
        ("words/en/home.ftl", "en"),
        ("words/de/home.ftl", "de"),
        ("words/en/landing.ftl", "en"),
        ("words/de/landing.ftl", "de"),
        ("words/en/links.ftl", "en"),
        ("words/de/links.ftl", "de"),
        ("words/en/make.ftl", "en"),
        ("words/de/make.ftl", "de"),
        ("words/en/metered.ftl", "en"),
        ("words/de/metered.ftl", "de"),
        ("words/en/player.ftl", "en"),
        ("words/de/player.ftl", "de"),
        ("words/en/save.ftl", "en"),
        ("words/de/save.ftl", "de"),
        ("words/en/share.ftl", "en"),
        ("words/de/share.ftl", "de"),
        ("words/en/stored.ftl", "en"),
        ("words/de/stored.ftl", "de"),
        ("words/en/you.ftl", "en"),
        ("words/de/you.ftl", "de"),
    ],
    default_language = "en"
)]
pub struct Words;

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

/// Page and worker call it once, before anything is said: what was said before stays as it was said.
pub fn speak(language: Language) {
    SPOKEN.set(language);
}

/// What is spoken now.
pub fn spoken() -> Language {
    SPOKEN.get()
}

/// The sentences of the language that is spoken.
pub fn words() -> Words {
    let mut words = Words::get(spoken().tag()).unwrap_or_default();
    // Names are set apart by the page's markup; marks of direction would be copied along with a name.
    words.set_use_isolating(false);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_words_for_one_and_for_many() {
        let people = |language| {
            speak(language);
            [1, 2].map(|count| words().people(count).to_string())
        };
        assert_eq!(people(Language::English), ["1 person", "2 people"]);
        assert_eq!(people(Language::German), ["1 Person", "2 Leute"]);
        speak(Language::English);
    }
}
