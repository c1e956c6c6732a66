//! The page's sentences, in every language that it speaks. They stand in `words/LANGUAGE/*.ftl` (Fluent), and nowhere
//! else: a message that one language lacks, or that takes other arguments there, does not compile.

mod choice;
#[cfg(test)]
mod english;
mod places;

use std::cell::Cell;

pub use choice::{Language, of_browser};
#[cfg(test)]
pub(crate) use english::english_in;
use fluent_static::{MessageBundle, message_bundle};
pub use places::{PLACES, Part, parts};

/// One method for each message, `share-line` being `share_line`, with its arguments in the order of the English sentence.
#[message_bundle(
    resources = [
        ("words/en/activity.ftl", "en"),
        ("words/de/activity.ftl", "de"),
        ("words/en/acts.ftl", "en"),
        ("words/de/acts.ftl", "de"),
        ("words/en/advanced.ftl", "en"),
        ("words/de/advanced.ftl", "de"),
        ("words/en/app.ftl", "en"),
        ("words/de/app.ftl", "de"),
        ("words/en/asking.ftl", "en"),
        ("words/de/asking.ftl", "de"),
        ("words/en/contact.ftl", "en"),
        ("words/de/contact.ftl", "de"),
        ("words/en/downloads.ftl", "en"),
        ("words/de/downloads.ftl", "de"),
        ("words/en/figures.ftl", "en"),
        ("words/de/figures.ftl", "de"),
        ("words/en/files.ftl", "en"),
        ("words/de/files.ftl", "de"),
        ("words/en/group.ftl", "en"),
        ("words/de/group.ftl", "de"),
        ("words/en/home.ftl", "en"),
        ("words/de/home.ftl", "de"),
        ("words/en/identity.ftl", "en"),
        ("words/de/identity.ftl", "de"),
        ("words/en/invites.ftl", "en"),
        ("words/de/invites.ftl", "de"),
        ("words/en/landing.ftl", "en"),
        ("words/de/landing.ftl", "de"),
        ("words/en/links.ftl", "en"),
        ("words/de/links.ftl", "de"),
        ("words/en/making.ftl", "en"),
        ("words/de/making.ftl", "de"),
        ("words/en/metered.ftl", "en"),
        ("words/de/metered.ftl", "de"),
        ("words/en/news.ftl", "en"),
        ("words/de/news.ftl", "de"),
        ("words/en/own_client.ftl", "en"),
        ("words/de/own_client.ftl", "de"),
        ("words/en/pasted.ftl", "en"),
        ("words/de/pasted.ftl", "de"),
        ("words/en/peers.ftl", "en"),
        ("words/de/peers.ftl", "de"),
        ("words/en/people.ftl", "en"),
        ("words/de/people.ftl", "de"),
        ("words/en/picking.ftl", "en"),
        ("words/de/picking.ftl", "de"),
        ("words/en/player.ftl", "en"),
        ("words/de/player.ftl", "de"),
        ("words/en/playing.ftl", "en"),
        ("words/de/playing.ftl", "de"),
        ("words/en/refusals.ftl", "en"),
        ("words/de/refusals.ftl", "de"),
        ("words/en/saving.ftl", "en"),
        ("words/de/saving.ftl", "de"),
        ("words/en/screen.ftl", "en"),
        ("words/de/screen.ftl", "de"),
        ("words/en/sharing.ftl", "en"),
        ("words/de/sharing.ftl", "de"),
        ("words/en/sleep.ftl", "en"),
        ("words/de/sleep.ftl", "de"),
        ("words/en/stored.ftl", "en"),
        ("words/de/stored.ftl", "de"),
        ("words/en/storing.ftl", "en"),
        ("words/de/storing.ftl", "de"),
        ("words/en/torrents.ftl", "en"),
        ("words/de/torrents.ftl", "de"),
        ("words/en/tuning.ftl", "en"),
        ("words/de/tuning.ftl", "de"),
        ("words/en/waits.ftl", "en"),
        ("words/de/waits.ftl", "de"),
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

/// What `say` says in German; the test goes on in English, whatever becomes of it.
#[cfg(test)]
pub(crate) fn in_german<T>(say: impl FnOnce() -> T) -> T {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            speak(Language::English);
        }
    }
    let _back = Back;
    speak(Language::German);
    say()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_words_for_one_and_for_many() {
        let people = || [1, 2].map(|count| words().people(count).to_string());
        assert_eq!(people(), ["1 person", "2 people"]);
        assert_eq!(in_german(people), ["1 Person", "2 Leute"]);
    }
}
