//! Links that let people in: how long, how many, and who has to be asked.

use crate::messages::{InviteView, InviteWish};
use crate::words::words;

const DAY_S: u32 = 24 * 3600;

/// How long a link may be good for: what the form says, and seconds.
pub fn lifetimes() -> [(String, u32); 3] {
    [1, 7, 30].map(|days| (words().days(days).to_string(), days * DAY_S))
}

/// How many people may come by a link.
pub fn uses() -> [(String, Option<u32>); 4] {
    let people = |count: u32| (words().people(count).to_string(), Some(count));
    [(words().invites_any_number().to_string(), None), people(1), people(5), people(20)]
}

/// What the form begins with.
pub const USUAL_WISH: InviteWish = InviteWish { lifetime_s: 7 * DAY_S, uses: None, needs_accept: false };

/// What a link lets people do: `Anybody with the link can join · any number`.
pub fn invite_line(invite: &InviteView, until: &str) -> String {
    let words = words();
    let what = if invite.needs_accept { words.invites_asks() } else { words.invites_lets_in() };
    let uses = match invite.uses_left {
        None => words.invites_for_any_number(),
        Some(0) => words.invites_used_up(),
        Some(left) => words.invites_uses_left(left),
    };
    format!("{what} · {uses} · {}", words.invites_until(until))
}

/// What is said when one was made or revoked.
pub fn open_line(open: usize) -> String {
    let line = if open == 0 { words().invites_none_open() } else { words().invites_open(open) };
    line.to_string()
}

/// Whose it is, where the link itself is not known.
pub fn unknown_link_line(invite: &InviteView) -> String {
    let line = match invite.is_mine {
        true => words().invites_made_elsewhere(),
        false => words().invites_made_by(&invite.created_by),
    };
    line.to_string()
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::{INVITE_LIFETIME_S_MAX, INVITE_LIFETIME_S_MIN};
    use wire_protocol::ids::InviteId;

    use super::*;

    fn invite(needs_accept: bool, uses_left: Option<u32>) -> InviteView {
        InviteView {
            invite: InviteId([1; 16]),
            link: None,
            created_by: "Ana".to_owned(),
            is_mine: false,
            expires_at_ms: 0,
            uses_left,
            needs_accept,
        }
    }

    #[test]
    fn a_link_says_what_it_does_how_often_and_until_when() {
        assert_eq!(
            invite_line(&invite(false, None), "14 Sep"),
            "Lets people in at once · any number of people · until 14 Sep"
        );
        assert_eq!(invite_line(&invite(true, Some(1)), "14 Sep"), "Asks an admin first · 1 more person · until 14 Sep");
    }

    #[test]
    fn a_link_that_is_not_known_here_says_who_knows_it() {
        assert_eq!(unknown_link_line(&invite(false, None)), "Ana made this link, and only they know it.");
        let mine = InviteView { is_mine: true, ..invite(false, None) };
        assert!(unknown_link_line(&mine).starts_with("You made this link in another browser"));
    }

    #[test]
    fn the_form_offers_what_the_server_takes() {
        for (label, lifetime_s) in lifetimes() {
            assert!((INVITE_LIFETIME_S_MIN..=INVITE_LIFETIME_S_MAX).contains(&lifetime_s), "{label}");
        }
        assert!(uses().iter().all(|(_, uses)| *uses != Some(0)));
        assert!(lifetimes().iter().any(|(_, lifetime_s)| *lifetime_s == USUAL_WISH.lifetime_s));
    }
}
