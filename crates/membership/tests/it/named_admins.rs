//! Whoever asks to join by an invite takes the group's key from an admin whom the invite names, and from nobody else.

use membership::{Accept, AskToJoin, ConversationEvent, InviteTerms, Join, NewLink, Question, WithdrawRequest};
use wire_protocol::control::{InviteKey, Reply, Request, Sealed, TrackerToMember};
use wire_protocol::ids::{InviteId, MemberKey};

use crate::keys::{
    ANA, BO, EVE, credentials, founded, handed_on, invite, key_of, only_request, snapshot, talk, terms, ticket,
};
use crate::tracker::{GROUP, Talk};

/// An admin's invite that asks first.
fn asks_first(admin: &mut Talk) -> InviteKey {
    let terms = InviteTerms { invite: InviteId([4; 16]), needs_accept: true, ..terms() };
    NewLink { group: GROUP, terms }.pose(&mut admin.member);
    let (id, Request::CreateInvite { invite, .. }) = only_request(admin) else { panic!("no invite") };
    admin.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::InviteCreated { expires_at_ms: 1 }) });
    InviteKey { epoch: 0, sealed: invite.sealed.expect("it names the admins") }
}

/// The key as an admin seals it to whom they accept.
fn accepts(admin: &mut Talk, member: u8) -> Sealed {
    Accept { group: GROUP, member: key_of(member) }.pose(&mut admin.member);
    let (_, Request::AcceptRequest { key: Some(sealed), .. }) = only_request(admin) else { panic!("no key") };
    sealed
}

/// Asks by the invite. Returns whom the program is told to keep.
fn asks(newcomer: &mut Talk, carried: &InviteKey) -> Vec<MemberKey> {
    Join { invite: invite(), message: String::new() }.pose(&mut newcomer.member);
    let (id, _) = only_request(newcomer);
    let outcome = Ok(Reply::Asked { group: GROUP, key: Some(carried.clone()) });
    newcomer.tell(TrackerToMember::Reply { id, outcome });
    named(newcomer).expect("it names admins")
}

fn named(newcomer: &mut Talk) -> Option<Vec<MemberKey>> {
    newcomer.events().into_iter().find_map(|event| match event {
        ConversationEvent::AdminsNamed { group: GROUP, admins } => Some(admins),
        _ => None,
    })
}

/// The same person's program, started anew.
fn restarted(kept: &[MemberKey]) -> Talk {
    let mut newcomer = Talk::of(membership::Identity::from_seed([BO; 32]), 9);
    newcomer.member.name_admins(GROUP, kept.to_vec());
    newcomer.connect();
    newcomer
}

#[test]
fn a_newcomer_takes_the_key_only_from_an_admin_whom_the_invite_names_also_after_a_restart() {
    let (mut ana, mut eve) = (talk(ANA, 1), talk(EVE, 2));
    founded(&mut ana, ANA);
    // Eve is the tracker's: it shows her as an admin of the group, with a key of her own.
    founded(&mut eve, EVE);
    let (carried, own, forged) = (asks_first(&mut ana), accepts(&mut ana, BO), accepts(&mut eve, BO));
    for is_restarted in [false, true] {
        let mut newcomer = talk(BO, 3);
        let kept = asks(&mut newcomer, &carried);
        assert_eq!(kept, [key_of(ANA)]);
        if is_restarted {
            newcomer = restarted(&kept);
        }
        newcomer.tell(snapshot(0, &[EVE, ANA, BO]));
        newcomer.tell(ticket());
        newcomer.tell(handed_on(0, EVE, &forged));
        assert_eq!(newcomer.member.credentials(GROUP), None);
        let (_, Request::ForgetKey { .. }) = only_request(&mut newcomer) else { panic!("others are asked") };
        newcomer.tell(handed_on(0, ANA, &own));
        assert_eq!(*credentials(&newcomer).key, *credentials(&ana).key);
    }
}

#[test]
fn a_newcomer_whom_the_server_takes_out_and_in_again_does_not_believe_it_either() {
    let (mut ana, mut eve, mut newcomer) = (talk(ANA, 1), talk(EVE, 2), talk(BO, 3));
    founded(&mut ana, ANA);
    founded(&mut eve, EVE);
    let (carried, forged) = (asks_first(&mut ana), accepts(&mut eve, BO));
    asks(&mut newcomer, &carried);
    newcomer.tell(snapshot(0, &[EVE, BO]));
    let why = wire_protocol::control::GoneReason::Removed;
    newcomer.tell(TrackerToMember::GroupGone { group: GROUP, why });
    newcomer.tell(snapshot(0, &[EVE, BO]));
    newcomer.tell(ticket());
    newcomer.tell(handed_on(0, EVE, &forged));
    assert_eq!(newcomer.member.credentials(GROUP), None);
}

#[test]
fn whom_an_invite_names_is_kept_until_the_key_is() {
    let (mut ana, mut newcomer) = (talk(ANA, 1), talk(BO, 3));
    founded(&mut ana, ANA);
    let (carried, own) = (asks_first(&mut ana), accepts(&mut ana, BO));
    asks(&mut newcomer, &carried);
    newcomer.tell(snapshot(0, &[ANA, BO]));
    newcomer.tell(ticket());
    newcomer.tell(handed_on(0, ANA, &own));
    assert_eq!(named(&mut newcomer), None);
    let (id, Request::KeepKey { .. }) = only_request(&mut newcomer) else { panic!("not kept") };
    newcomer.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::Done) });
    assert_eq!(named(&mut newcomer), Some(vec![]));
}

#[test]
fn whoever_asks_without_the_invite_or_not_any_more_keeps_nobody() {
    let mut ana = talk(ANA, 1);
    founded(&mut ana, ANA);
    let (carried, own) = (asks_first(&mut ana), accepts(&mut ana, BO));
    for is_withdrawn in [true, false] {
        let mut newcomer = talk(BO, 3);
        asks(&mut newcomer, &carried);
        let reply = match is_withdrawn {
            true => {
                WithdrawRequest { group: GROUP }.pose(&mut newcomer.member);
                Reply::Done
            }
            false => {
                AskToJoin { slug: "lively-otter".to_owned(), message: String::new() }.pose(&mut newcomer.member);
                Reply::Asked { group: GROUP, key: None }
            }
        };
        let (id, _) = only_request(&mut newcomer);
        newcomer.tell(TrackerToMember::Reply { id, outcome: Ok(reply) });
        assert_eq!(named(&mut newcomer), Some(vec![]));
        // The server's word has to do.
        newcomer.tell(snapshot(0, &[ANA, BO]));
        newcomer.tell(ticket());
        newcomer.tell(handed_on(0, ANA, &own));
        assert_eq!(*credentials(&newcomer).key, *credentials(&ana).key);
    }
}

#[test]
fn whom_an_invite_names_later_gives_the_key_that_was_refused_before() {
    let (mut ana, mut eve) = (talk(ANA, 1), talk(EVE, 2));
    founded(&mut ana, ANA);
    founded(&mut eve, EVE);
    let (carried, own) = (asks_first(&mut ana), accepts(&mut ana, BO));
    let mut newcomer = restarted(&[key_of(EVE)]);
    newcomer.tell(snapshot(0, &[ANA, BO]));
    newcomer.tell(ticket());
    newcomer.tell(handed_on(0, ANA, &own));
    assert_eq!(newcomer.member.credentials(GROUP), None);
    newcomer.sent_requests();
    Join { invite: invite(), message: String::new() }.pose(&mut newcomer.member);
    let (id, _) = only_request(&mut newcomer);
    let outcome = Ok(Reply::Joined { group: GROUP, key: Some(carried) });
    newcomer.tell(TrackerToMember::Reply { id, outcome });
    assert_eq!(*credentials(&newcomer).key, *credentials(&ana).key);
}
