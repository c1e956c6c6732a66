//! The page's address: what it was opened for, and what an invite field accepts.

use wire_protocol::invite::{Invite, is_slug};

use crate::identity_link::{self, DamagedIdentity, IdentitySecret};

/// What the page was opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `/`
    Home,
    /// `/j/<slug>#<secret>`: an invite.
    Invite(String),
    /// `/j/<slug>` without a secret: a group of this person's, or one that they may ask to join.
    Group(String),
    /// `/#identity=<secret>`: this person's identity from another device.
    Identity(Result<IdentitySecret, DamagedIdentity>),
}

impl Address {
    /// From the parts of the address bar. `remembered` is the secret that this tab had before it was
    /// taken out of the bar.
    pub fn parse(origin: &str, path: &str, fragment: &str, remembered: Option<&str>) -> Self {
        let Some(slug) = path.strip_prefix("/j/").map(|slug| slug.trim_end_matches('/')) else {
            return identity_link::read_fragment(fragment).map_or(Self::Home, Self::Identity);
        };
        let secret = Some(fragment.trim_start_matches('#')).filter(|secret| !secret.is_empty());
        match secret.or(remembered) {
            Some(secret) => Self::Invite(format!("{origin}/j/{slug}#{secret}")),
            None if is_slug(slug) => Self::Group(slug.to_owned()),
            None => Self::Home,
        }
    }
}

/// The group's two friendly words in a link, with a secret or without; empty if there are none.
pub fn slug_of(link: &str) -> &str {
    let path = link.split_once('#').map_or(link, |(path, _)| path);
    let slug = path.rsplit_once("/j/").map_or("", |(_, slug)| slug.trim_end_matches('/'));
    if is_slug(slug) { slug } else { "" }
}

/// What to do with a text in the invite field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pasted {
    /// An invite of this server.
    Here(String),
    /// An invite of another server: its own page opens.
    Elsewhere(String),
    /// A group of this server by its two friendly words: one may ask to join.
    Words(String),
    /// Not an invite: why, one sentence.
    No(String),
}

impl Pasted {
    /// Reads what the person pasted; a whole command line (`native-peer download '…'`) is fine too.
    pub fn read(text: &str, origin: &str) -> Self {
        let link = text
            .split_whitespace()
            .map(|word| word.trim_matches(['\'', '"', '<', '>', ',']))
            .find(|word| word.starts_with("http://") || word.starts_with("https://"))
            .unwrap_or(text.trim());
        match link.parse::<Invite>() {
            Ok(invite) if invite.server() == origin => Self::Here(invite.to_string()),
            Ok(invite) => Self::Elsewhere(invite.to_string()),
            Err(error) => Self::read_words(link, origin).unwrap_or_else(|| Self::No(error.to_string())),
        }
    }

    /// A link without its secret, or the words as somebody says them: `Lively otter`.
    fn read_words(text: &str, origin: &str) -> Option<Self> {
        if !text.contains("://") {
            let words: Vec<_> = text.split([' ', '-']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
            let is_word = |word: &String| word.bytes().all(|byte| byte.is_ascii_lowercase());
            return (SLUG_WORDS.contains(&words.len()) && words.iter().all(is_word))
                .then(|| Self::Words(words.join("-")));
        }
        let slug = slug_of(text);
        if slug.is_empty() || text.contains('#') {
            return None;
        }
        let is_here = text.strip_prefix(origin).is_some_and(|path| path.starts_with("/j/"));
        Some(if is_here { Self::Words(slug.to_owned()) } else { Self::Elsewhere(text.to_owned()) })
    }
}

/// How many words name a group: a third is taken where two are not enough.
const SLUG_WORDS: std::ops::RangeInclusive<usize> = 2..=3;

/// The command that does the same in a terminal. It asks for the invite: on a command line the secret would be in
/// the list of processes and in the shell's history.
pub const DOWNLOAD_COMMAND: &str = "native-peer download";

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://share.example";
    const INVITE: &str = "https://share.example/j/lively-otter#AAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn the_secret_is_in_the_fragment_or_remembered() {
        let secret = "AAAAAAAAAAAAAAAAAAAAAA";
        let invite = Address::Invite(INVITE.to_owned());
        assert_eq!(Address::parse(ORIGIN, "/j/lively-otter", &format!("#{secret}"), None), invite);
        assert_eq!(Address::parse(ORIGIN, "/j/lively-otter/", "", Some(secret)), invite);
        assert_eq!(Address::parse(ORIGIN, "/j/lively-otter", "", None), Address::Group("lively-otter".to_owned()));
        assert_eq!(Address::parse(ORIGIN, "/", "#x", None), Address::Home);
    }

    #[test]
    fn the_slug_of_a_link_is_there_with_and_without_its_secret() {
        assert_eq!(slug_of(INVITE), "lively-otter");
        assert_eq!(slug_of("https://share.example/j/lively-otter/"), "lively-otter");
        assert_eq!(slug_of("https://share.example/j/No Slug#x"), "");
        assert_eq!(slug_of("nonsense"), "");
    }

    #[test]
    fn an_identity_is_for_the_home_page_only() {
        let secret = IdentitySecret::new([3; 32]);
        let link = secret.link(ORIGIN);
        let fragment = &link[link.find('#').unwrap_or_default()..];
        assert_eq!(Address::parse(ORIGIN, "/", fragment, None), Address::Identity(Ok(secret)));
        assert!(matches!(Address::parse(ORIGIN, "/j/lively-otter", fragment, None), Address::Invite(_)));
    }

    #[test]
    fn an_invite_may_be_pasted_with_the_command_around_it() {
        let here = Pasted::Here(INVITE.to_owned());
        assert_eq!(Pasted::read(&format!("  {INVITE}\n"), ORIGIN), here);
        assert_eq!(Pasted::read(&format!("native-peer download '{INVITE}'"), ORIGIN), here);
        assert_eq!(Pasted::read(INVITE, "http://127.0.0.1:8080"), Pasted::Elsewhere(INVITE.to_owned()));
        let damaged = INVITE.replace('#', "#!");
        for no in [&damaged, "https://share.example/lively-otter", "otter", "see you at the cabin", ""] {
            assert!(matches!(Pasted::read(no, ORIGIN), Pasted::No(_)), "{no}");
        }
    }

    #[test]
    fn two_words_and_a_link_without_its_secret_lead_to_where_one_may_ask() {
        let here = Pasted::Words("lively-otter".to_owned());
        for words in ["lively-otter", " Lively otter ", "https://share.example/j/lively-otter"] {
            assert_eq!(Pasted::read(words, ORIGIN), here, "{words}");
        }
        let there = "http://127.0.0.1:8080/j/lively-otter";
        assert_eq!(Pasted::read(there, ORIGIN), Pasted::Elsewhere(there.to_owned()));
    }
}
