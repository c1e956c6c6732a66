//! Two friendly words that name a group: `lively-otter`.

use std::sync::LazyLock;

use crate::random;

static ADJECTIVES: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("adjectives.txt").lines().collect());
static NOUNS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("nouns.txt").lines().collect());

/// Tries with two words (about 110,000 pairs) before a third is taken (35 million).
const TWO_WORD_ATTEMPTS: u32 = 8;

/// A random slug. `attempt` counts from 0; whoever finds one taken asks for the next.
pub fn propose(attempt: u32) -> String {
    let adjective = ADJECTIVES[random::below(ADJECTIVES.len())];
    let noun = NOUNS[random::below(NOUNS.len())];
    if attempt < TWO_WORD_ATTEMPTS {
        return format!("{adjective}-{noun}");
    }
    let first = ADJECTIVES[random::below(ADJECTIVES.len())];
    format!("{first}-{adjective}-{noun}")
}

/// `lively-otter` as a group's name: `Lively otter`.
pub fn in_words(slug: &str) -> String {
    let words = slug.replace('-', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_enough_words_and_each_is_a_slug_by_itself() {
        for words in [&*ADJECTIVES, &*NOUNS] {
            assert!(words.len() >= 256);
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
            assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())));
        }
    }

    #[test]
    fn a_slug_is_two_words_at_first_and_three_when_they_run_out() {
        assert_eq!(propose(0).split('-').count(), 2);
        assert_eq!(propose(TWO_WORD_ATTEMPTS).split('-').count(), 3);
        assert!(wire_protocol::invite::is_slug(&propose(99)));
        assert_eq!(in_words("lively-otter"), "Lively otter");
    }
}
