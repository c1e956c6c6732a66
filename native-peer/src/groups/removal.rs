//! `group remove`: somebody goes, the group has a new key, and open invites end or go on.

use membership::{Group, Remove};
use serde_json::json;
use wire_protocol::control::InviteCard;
use wire_protocol::ids::GroupId;

use super::commands::{check_admin, did_with, named};
use super::find::{self, Person};
use crate::cli::target::ask;
use crate::failure::{Failure, Outcome};
use crate::invites::{self, InviteStore, KeptInvite};
use crate::report::text::{counted, printable};
use crate::server::Server;

/// Which of a group's open invites can go on when somebody is removed.
#[derive(Debug, PartialEq, Eq)]
struct Split<'a> {
    /// Their secrets are here, so they can carry the new key.
    can_stay: Vec<&'a KeptInvite>,
    /// They end in any case.
    must_end: Vec<&'a InviteCard>,
}

/// Those that ask first end, and so do the removed person's own.
fn split<'a>(open: &'a [InviteCard], kept: &'a [KeptInvite], removed: &Person) -> Split<'a> {
    let mut split = Split { can_stay: Vec::new(), must_end: Vec::new() };
    for card in open {
        let secret = kept.iter().find(|kept| kept.invite == card.invite);
        match secret.filter(|_| !card.needs_accept && card.created_by != removed.key) {
            Some(kept) => split.can_stay.push(kept),
            None => split.must_end.push(card),
        }
    }
    split
}

/// Removes somebody.
pub async fn remove(server: &Server, group: GroupId, known: &Group, who: &str, keep_invites: bool) -> Outcome {
    check_admin(server, known)?;
    let person = find::person(&find::people(known), who, "is in the group")?;
    if person.key == server.own.key() {
        let way = format!("Leave the group instead: native-peer group leave {}", known.slug);
        return Err(Failure::usage("you cannot remove yourself", way));
    }
    let (open, kept) = invites::open_and_kept(server, group).await?;
    let split = split(&open, &kept, &person);
    let keeps = keep_invites || (!split.can_stay.is_empty() && wants_to_keep(split.can_stay.len(), &person)?);
    let staying = if keeps { &split.can_stay[..] } else { &[] };
    // None of them asks first: those end.
    let goes_on =
        |kept: &&KeptInvite| membership::KeptInvite { invite: kept.invite, secret: kept.secret, needs_accept: false };
    let going_on: Vec<_> = staying.iter().map(goes_on).collect();
    let member = person.key;
    server.ask_now("removing them", group, || Remove { group, member, open: going_on.clone() }).await?;
    let is_staying = |card: &InviteCard| going_on.iter().any(|kept| kept.invite == card.invite);
    let ended: Vec<&InviteCard> = open.iter().filter(|card| !is_staying(card)).collect();
    let store = InviteStore::open(&server.data);
    ended.iter().for_each(|card| store.forget(card.invite));
    say(server, known, &person, going_on.len(), &ended);
    Ok(())
}

/// The safe answer is yes, revoke: the removed person may know the links.
fn wants_to_keep(count: usize, person: &Person) -> Outcome<bool> {
    let (invites, them) = (counted(count, "open invite"), if count == 1 { "it" } else { "them" });
    let question = format!("{} may know your {invites}. Revoke {them} too? [Y/n] ", person.shown());
    let answer = ask(&question)?.unwrap_or_default();
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "n" | "no"))
}

fn say(server: &Server, known: &Group, person: &Person, kept: usize, ended: &[&InviteCard]) {
    let ids = |cards: &[&InviteCard]| cards.iter().map(|card| card.invite.to_string()).collect::<Vec<_>>();
    did_with(
        server,
        known,
        "remove",
        json!({"name": printable(&person.name), "mark": person.key.mark(), "kept": kept, "revoked": ids(ended)}),
    );
    let report = &server.report;
    report.note(&format!(
        "{} is not in {} any more. What they have downloaded is theirs.",
        person.shown(),
        named(known)
    ));
    if kept > 0 {
        let goes = if kept == 1 { "goes" } else { "go" };
        report.note(&format!("{} {goes} on, with the group's new key.", counted(kept, "invite")));
    }
    if ended.is_empty() {
        return;
    }
    report.note(&format!("Revoked with them: {}.", counted(ended.len(), "invite")));
    for card in ended {
        let maker = printable(known.name_of(card.created_by));
        let own = card.created_by == server.own.key();
        let whose = if own { "yours".to_owned() } else { format!("of {maker}") };
        let asks = if card.needs_accept { ", asks first" } else { "" };
        report.note(&format!("  {} {whose}{asks}", card.invite.short()));
    }
    report.note(&format!("Make a new one with `native-peer group invite {}`.", known.slug));
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::{InviteId, MemberKey};

    use super::*;

    fn card(id: u8, by: u8, needs_accept: bool) -> InviteCard {
        InviteCard {
            invite: InviteId([id; 16]),
            created_by: MemberKey([by; 32]),
            created_at_ms: 0,
            expires_at_ms: 0,
            uses_left: None,
            needs_accept,
            epoch: Some(0),
        }
    }

    #[test]
    fn an_invite_goes_on_only_if_its_secret_is_here_and_it_lets_everybody_in() {
        let open = [card(1, 1, false), card(2, 1, true), card(3, 2, false), card(4, 9, false)];
        let kept: Vec<KeptInvite> = [1, 2, 4]
            .map(|id| KeptInvite {
                origin: String::new(),
                group: GroupId([0; 16]),
                invite: InviteId([id; 16]),
                secret: [id; 16],
                expires_at_ms: 0,
            })
            .into();
        let removed = Person { key: MemberKey([9; 32]), name: "Eve".to_owned() };
        let split = split(&open, &kept, &removed);
        assert_eq!(split.can_stay, [&kept[0]]);
        assert_eq!(
            split.must_end,
            [&open[1], &open[2], &open[3]],
            "asks first; another's secret; the removed person's"
        );
    }
}
