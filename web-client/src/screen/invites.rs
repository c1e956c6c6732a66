//! Links that let people in: how long, how many, and who has to be asked.

use crate::messages::{InviteView, InviteWish};

/// Said where the page was opened by an address that means another computer everywhere else.
pub const ONLY_HERE_LINE: &str = "Links from here work on this computer only, by the address at which this page is open. \
     Open the page by the address at which others reach the server, and its links are good for them.";

const DAY_S: u32 = 24 * 3600;

/// How long a link may be good for: what the form says, and seconds.
pub const LIFETIMES: [(&str, u32); 3] = [("1 day", DAY_S), ("7 days", 7 * DAY_S), ("30 days", 30 * DAY_S)];

/// How many people may come by a link.
pub const USES: [(&str, Option<u32>); 4] =
    [("any number", None), ("1 person", Some(1)), ("5 people", Some(5)), ("20 people", Some(20))];

/// What the form begins with.
pub const USUAL_WISH: InviteWish = InviteWish { lifetime_s: 7 * DAY_S, uses: None, needs_accept: false };

/// What a link lets people do: `Anybody with the link can join · any number`.
pub fn invite_line(invite: &InviteView, until: &str) -> String {
    let what = if invite.needs_accept { "Asks an admin first" } else { "Lets people in at once" };
    let uses = match invite.uses_left {
        None => "any number of people".to_owned(),
        Some(0) => "used up".to_owned(),
        Some(1) => "1 more person".to_owned(),
        Some(left) => format!("{left} more people"),
    };
    format!("{what} · {uses} · until {until}")
}

/// What is said when one was made or revoked.
pub fn open_line(open: usize) -> String {
    match open {
        0 => "No link is open.".to_owned(),
        1 => "1 link is open.".to_owned(),
        _ => format!("{open} links are open."),
    }
}

/// Whose it is, where the link itself is not known.
pub fn unknown_link_line(invite: &InviteView) -> String {
    match invite.is_mine {
        true => "You made this link in another browser or program, and only that one knows it.".to_owned(),
        false => format!("{} made this link, and only they know it.", invite.created_by),
    }
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
        for (label, lifetime_s) in LIFETIMES {
            assert!((INVITE_LIFETIME_S_MIN..=INVITE_LIFETIME_S_MAX).contains(&lifetime_s), "{label}");
        }
        assert!(USES.iter().all(|(_, uses)| *uses != Some(0)));
        assert!(LIFETIMES.iter().any(|(_, lifetime_s)| *lifetime_s == USUAL_WISH.lifetime_s));
    }
}
