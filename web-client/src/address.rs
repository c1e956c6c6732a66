//! The page's address: what it was opened for, and what an invite field accepts.

use wire_protocol::control::Origin;
use wire_protocol::invite::{InviteError, is_slug};
use wire_protocol::pasted::{DamagedIdentity, find_invite};

use crate::identity_link::{self, IdentitySecret};
use crate::screen::pasted;

/// What the page was opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `/`
    Home,
    /// `/j/<slug>#<secret>`, and whatever programs make of it: an invite, as it was before that.
    Invite(String),
    /// `/j/<slug>` without a secret: a group of this person's, or one that they may ask to join.
    Group(String),
    /// Below `/j/`, and neither: all of it.
    Broken(String),
    /// `/#identity=<secret>`: this person's identity from another device.
    Identity(Result<IdentitySecret, DamagedIdentity>),
}

impl Address {
    /// From the parts of the address bar. `remembered` knows the secret that this tab had for a group before it was
    /// taken out of the bar.
    pub fn parse(
        origin: &str,
        path: &str,
        query: &str,
        fragment: &str,
        remembered: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let link = format!("{origin}{path}{query}{fragment}");
        if !path.starts_with("/j") {
            return identity_link::read(&link).map_or(Self::Home, Self::Identity);
        }
        match find_invite(&link) {
            Ok(invite) => Self::Invite(invite.to_string()),
            Err(InviteError::NoSecret { slug, .. }) => match remembered(&slug) {
                Some(secret) => Self::Invite(format!("{origin}{}#{secret}", group_path(&slug))),
                None => Self::Group(slug),
            },
            Err(_) => Self::Broken(link),
        }
    }
}

/// Where a group's page is.
pub fn group_path(slug: &str) -> String {
    format!("/j/{slug}")
}

/// Slug and secret of an invite.
pub fn parts_of(invite: &str) -> Option<(&str, &str)> {
    let (_, secret) = invite.split_once('#')?;
    Some((slug_of(invite), secret))
}

/// The group's two friendly words in a link, with a secret or without; empty if there are none.
pub fn slug_of(link: &str) -> &str {
    let path = link.split_once('#').map_or(link, |(path, _)| path);
    let slug = path.rsplit_once("/j/").map_or("", |(_, slug)| slug.trim_end_matches('/'));
    if is_slug(slug) { slug } else { "" }
}

/// Whether a page of this origin is open at an address that means another computer everywhere else.
pub fn is_only_here(origin: &str) -> bool {
    origin.parse::<Origin>().is_ok_and(|origin| origin.is_this_computer())
}

/// What to do with a text in the invite field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pasted {
    /// An invite of this server.
    Here(String),
    /// An invite of another server, or a group there: its own page opens.
    Elsewhere(String),
    /// A group of this server by its two friendly words: one may ask to join.
    Words(String),
    /// Not an invite: why, and what to do.
    No(String),
}

impl Pasted {
    /// Reads what the person pasted, with whatever is around it.
    pub fn read(text: &str, origin: &str) -> Self {
        match find_invite(text) {
            Ok(invite) if is_at(invite.server(), origin) => match invite.at(origin) {
                Ok(here) => Self::Here(here.to_string()),
                Err(error) => Self::No(pasted::line(&error)),
            },
            Ok(invite) => Self::Elsewhere(invite.to_string()),
            Err(InviteError::NoSecret { server, slug }) if is_at(&server, origin) => Self::Words(slug),
            Err(InviteError::NoSecret { server, slug }) => Self::Elsewhere(format!("{server}{}", group_path(&slug))),
            Err(error) => words(text).map_or_else(|| Self::No(pasted::line(&error)), Self::Words),
        }
    }

    /// The link alone, if there is one.
    pub fn into_link(self) -> Option<String> {
        match self {
            Self::Here(link) | Self::Elsewhere(link) => Some(link),
            Self::Words(_) | Self::No(_) => None,
        }
    }
}

/// Whether a link's server is this page's. The scheme is not compared: it may have been left out of the link, and this
/// page is open.
fn is_at(server: &str, origin: &str) -> bool {
    let host = |url: &str| url.split_once("://").map(|(_, host)| host.to_owned());
    host(server) == host(origin)
}

/// A group's two words as somebody says them: `Lively otter`.
fn words(text: &str) -> Option<String> {
    let words: Vec<_> = text.split([' ', '-']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let is_word = |word: &String| word.bytes().all(|byte| byte.is_ascii_lowercase());
    (SLUG_WORDS.contains(&words.len()) && words.iter().all(is_word)).then(|| words.join("-"))
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

    fn opened(path: &str, query: &str, fragment: &str) -> Address {
        Address::parse(ORIGIN, path, query, fragment, |_| None)
    }

    #[test]
    fn the_secret_is_in_the_fragment_or_remembered() {
        let secret = "AAAAAAAAAAAAAAAAAAAAAA";
        let invite = Address::Invite(INVITE.to_owned());
        assert_eq!(opened("/j/lively-otter", "", &format!("#{secret}")), invite);
        let remembered = |slug: &str| (slug == "lively-otter").then(|| secret.to_owned());
        assert_eq!(Address::parse(ORIGIN, "/j/lively-otter/", "", "", remembered), invite);
        assert_eq!(opened("/j/lively-otter", "", ""), Address::Group("lively-otter".to_owned()));
        assert_eq!(opened("/", "", "#x"), Address::Home);
    }

    /// As the address bar has them: percent-encoded where a browser does that.
    #[test]
    fn what_programs_made_of_a_link_in_the_address_bar_is_undone() {
        let secret = "AAAAAAAAAAAAAAAAAAAAAA";
        for (path, query, fragment) in [
            ("/j/lively-otter", "?fbclid=abc", format!("#{secret}")),
            ("/j/lively-otter", "", format!("#{secret}&fbclid=abc")),
            ("/j/lively-otter", "", format!("#{secret}).")),
            ("/j/lively-otter", "", format!("#{secret}**")),
            ("/j/lively-otter", "", format!("#{secret}%3E")),
            ("/j/lively-otter", "", format!("#{secret}%20and%20more")),
            ("/j/lively-otter", "", format!("#%E2%80%8B{secret}")),
            (&format!("/j/lively-otter%23{secret}"), "", String::new()),
            ("/j/lively-otter", &format!("?a=b%23{secret}"), String::new()),
            ("/j/Lively-Otter/", "", format!("#{secret}")),
            ("/j/lively%E2%80%8B-otter", "", format!("#{secret}")),
        ] {
            assert_eq!(opened(path, query, &fragment), Address::Invite(INVITE.to_owned()), "{path}{query}{fragment}");
        }
        let group = Address::Group("lively-otter".to_owned());
        for path in
            ["/j/lively-otter.", "/j/lively-otter)", "/j/lively-otter%3E", "/j/lively-otter%23", "/j/lively-otter**"]
        {
            assert_eq!(opened(path, "", ""), group, "{path}");
        }
        for (path, fragment) in
            [("/j/lively-otter", "#AAAA"), ("/j/", ""), ("/j", ""), ("/j/a/b", "#x"), ("/j/a%20b", "")]
        {
            let broken = Address::Broken(format!("{ORIGIN}{path}{fragment}"));
            assert_eq!(opened(path, "", fragment), broken, "{path}{fragment}");
        }
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
        assert_eq!(opened("/", "", fragment), Address::Identity(Ok(secret.clone())));
        assert_eq!(opened("/", "", &format!("{fragment}&fbclid=abc")), Address::Identity(Ok(secret)));
        assert!(matches!(opened("/j/lively-otter", "", fragment), Address::Broken(_)));
    }

    #[test]
    fn an_invite_may_be_pasted_with_the_command_around_it() {
        let here = Pasted::Here(INVITE.to_owned());
        assert_eq!(Pasted::read(&format!("  {INVITE}\n"), ORIGIN), here);
        assert_eq!(Pasted::read(&format!("native-peer download '{INVITE}'"), ORIGIN), here);
        assert_eq!(Pasted::read(&format!("**{}**", INVITE.replace("https", "HTTPS")), ORIGIN), here);
        assert_eq!(Pasted::read(&INVITE.replace("https://", ""), "https://share.example"), here);
        let http = Pasted::Here(INVITE.replace("https", "http"));
        assert_eq!(Pasted::read(&INVITE.replace("https://", ""), "http://share.example"), http);
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
        assert_eq!(Pasted::read("share.example/j/lively-otter.", ORIGIN), here);
        let there = "http://127.0.0.1:8080/j/lively-otter";
        assert_eq!(Pasted::read(there, ORIGIN), Pasted::Elsewhere(there.to_owned()));
    }

    #[test]
    fn what_is_no_invite_is_said_in_whole_sentences() {
        let no = |text: &str| match Pasted::read(text, ORIGIN) {
            Pasted::No(why) => why,
            other => format!("{other:?}"),
        };
        assert!(no("see you at the cabin").starts_with("There is no link in it. An invite looks like https://"));
        assert!(no(&INVITE[..INVITE.len() - 1]).starts_with("The link is not whole: "));
        assert!(no(&format!("{INVITE} {}", INVITE.replace("otter", "heron"))).starts_with("There are two different"));
    }
}
