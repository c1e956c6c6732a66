//! docs/protocol.md and the code say the same, byte for byte, in both directions.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use serde::Serialize;
use wire_protocol::control::*;
use wire_protocol::invite::Invite;
use wire_protocol::link::{LinkSide, LinkToken};
use wire_protocol::ticket::Ticket;

use crate::documented::{PEER_WIRE, vectors};
use crate::samples::*;

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[0xaa; 32])
}

/// What this crate writes for every name.
fn written() -> BTreeMap<&'static str, Vec<u8>> {
    let mut written = BTreeMap::new();
    written.insert("link-token", link_token().seal(&signing_key()));
    written.insert("ticket", ticket().seal(&signing_key()));
    written.insert("login-digest", login_digest(&hello(), &login().origin, &login().member).to_vec());
    written.insert("invite-auth", invite().auth_key().to_vec());
    let member = from_member().into_iter().map(|message| (from_member_name(&message), encode_from_member(&message)));
    let tracker =
        from_tracker().into_iter().map(|message| (from_tracker_name(&message), encode_from_tracker(&message)));
    for (name, bytes) in member.chain(tracker) {
        assert!(written.insert(name, bytes).is_none(), "two samples for {name}");
    }
    written
}

/// Documented there and tested where they are made: in `membership`.
const MADE_ELSEWHERE: [&str; 2] = ["member-key", "member-key/elsewhere"];
/// What other crates write.
const CHAPTERS_ELSEWHERE: [&str; 3] = [PEER_WIRE, "6. Secure link", "7. Group key"];

fn is_ours(chapter: &str) -> bool {
    !CHAPTERS_ELSEWHERE.contains(&chapter)
}

fn invite() -> Invite {
    "https://share.example/j/lively-otter#AAECAwQFBgcICQoLDA0ODw".parse().expect("an invite")
}

#[test]
fn every_documented_vector_is_what_is_written_and_every_message_is_documented() {
    let (documented, written) = (vectors(is_ours), written());
    for (name, bytes) in &written {
        let documented = documented.get(name).unwrap_or_else(|| panic!("{name} is not in docs/protocol.md"));
        let (documented, bytes) = (hex(documented), hex(bytes));
        assert_eq!(documented, bytes, "{name}: docs/protocol.md on the left, the code on the right");
    }
    let documented: Vec<_> = documented.into_keys().filter(|name| !MADE_ELSEWHERE.contains(name)).collect();
    assert_eq!(documented, written.into_keys().collect::<Vec<_>>());
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[test]
fn every_documented_vector_is_read_as_the_value_that_it_stands_for() {
    let vectors = vectors(is_ours);
    for message in from_member() {
        assert_eq!(decode_from_member(&vectors[from_member_name(&message)]), Ok(message));
    }
    for message in from_tracker() {
        assert_eq!(decode_from_tracker(&vectors[from_tracker_name(&message)]), Ok(message));
    }
    let token = LinkToken::open(&vectors["link-token"], &signing_key().verifying_key(), 0);
    assert_eq!(token, Ok(link_token()));
    let read = Ticket::open(&vectors["ticket"], &signing_key().verifying_key(), ticket().issued_ms);
    assert_eq!(read, Ok(ticket()));
}

/// The number that postcard gives a variant.
fn number(value: &impl Serialize) -> u8 {
    postcard::to_stdvec(value).expect("an enum always encodes")[0]
}

#[test]
fn small_enums_keep_their_numbers() {
    let refusals = [
        RefusalCode::BadLogin,
        RefusalCode::UnknownGroup,
        RefusalCode::BadInvite,
        RefusalCode::NotAllowed,
        RefusalCode::UnknownFile,
        RefusalCode::BadRequest,
        RefusalCode::TooMany,
        RefusalCode::ServerError,
        RefusalCode::UnknownVersion,
        RefusalCode::InviteExpired,
        RefusalCode::InviteRevoked,
        RefusalCode::InviteUsedUp,
        RefusalCode::StaleEpoch,
        RefusalCode::UnknownMember,
        RefusalCode::UnknownInvite,
        RefusalCode::UnknownRequest,
        RefusalCode::PasswordNeeded,
        RefusalCode::WrongPassword,
        RefusalCode::InvitedOnly,
    ];
    assert!(refusals.iter().map(number).eq(0..19));
    let dials = [
        DialRefusal::NoSuchPeer,
        DialRefusal::AlreadyLinked,
        DialRefusal::TooMany,
        DialRefusal::NotAnnounced,
        DialRefusal::NotYours,
    ];
    assert!(dials.iter().map(number).eq(0..5));
    let announces = [
        AnnounceRefusal::NoSuchFile,
        AnnounceRefusal::TooMany,
        AnnounceRefusal::SwarmFull,
        AnnounceRefusal::BadProgress,
    ];
    assert!(announces.iter().map(number).eq(0..4));
    assert_eq!((number(&Source::Session), number(&Source::Announced)), (0, 1));
    assert_eq!((number(&Role::Member), number(&Role::Admin)), (0, 1));
    assert!([GoneReason::Left, GoneReason::Removed, GoneReason::Closed].iter().map(number).eq(0..3));
    assert_eq!((number(&LinkSide::Dialer), number(&LinkSide::Acceptor)), (0, 1));
}

#[test]
fn envelopes_of_other_versions_and_lengths_are_refused() {
    let good = encode_from_tracker(&TrackerToMember::Restarting { after_ms: 1 });
    assert_eq!(decode_from_tracker(&[]), Err(DecodeError::Empty));
    assert_eq!(decode_from_tracker(&[&[1], &good[1..]].concat()), Err(DecodeError::UnknownVersion(1)));
    assert_eq!(decode_from_tracker(&[&good[..], &[0]].concat()), Err(DecodeError::Malformed));
    assert_eq!(decode_from_tracker(&[2, 99]), Err(DecodeError::Malformed), "a variant of a newer tracker");
    assert_eq!(decode_from_tracker(&vec![2; MESSAGE_LEN_MAX + 1]), Err(DecodeError::TooLong));
    for len in 0..good.len() {
        assert!(decode_from_tracker(&good[..len]).is_err(), "cut to {len}");
    }
}

#[test]
fn a_login_with_all_its_resume_points_fits_before_login_and_a_full_list_of_peers_after() {
    let mut full = login();
    full.display_name = "\u{1F600}".repeat(DISPLAY_NAME_CHARS_MAX);
    full.origin = "h".repeat(ORIGIN_LEN_MAX);
    full.resume = vec![ResumePoint { seq: u64::MAX, ..full.resume[0] }; RESUME_POINTS_MAX];
    assert!(encode_from_member(&MemberToTracker::Login(full)).len() <= MESSAGE_LEN_MAX_BEFORE_LOGIN);
    let bytes = vec![0; INFO_PART_LEN_MAX];
    let part =
        MemberToTracker::InfoPart(InfoPart { file: wire_protocol::ids::FileId([0; 16]), offset: u32::MAX, bytes });
    assert!(encode_from_member(&part).len() <= MESSAGE_LEN_MAX);
    let usual = from_tracker().into_iter().find_map(|message| match message {
        TrackerToMember::SwarmPeers(list) => {
            let (peers, left) = (vec![list.peers[0].clone(); LIST_LEN_MAX], vec![list.left[0]; LIST_LEN_MAX]);
            Some(TrackerToMember::SwarmPeers(SwarmPeers { peers, left, ..list }))
        }
        _ => None,
    });
    assert!(encode_from_tracker(&usual.unwrap()).len() <= MESSAGE_LEN_MAX);
}

#[test]
fn a_full_group_can_get_a_new_key_in_one_message_and_full_lists_fit_too() {
    let sealed = Sealed(vec![0; 200]);
    let members = vec![KeyFor { member: wire_protocol::ids::MemberKey([0; 32]), sealed: sealed.clone() }; 127];
    let remove = from_member().into_iter().find_map(|message| match message {
        MemberToTracker::Request { id, request: Request::RemoveMember { group, member, epoch, invites, .. } } => {
            let invites = vec![ResealedInvite { sealed: Sealed(vec![0; 100]), ..invites[0].clone() }; LIST_LEN_MAX];
            Some((id, Request::RemoveMember { group, member, epoch, keys: members.clone(), invites }))
        }
        _ => None,
    });
    let (id, request) = remove.unwrap();
    assert!(encode_from_member(&MemberToTracker::Request { id, request }).len() <= MESSAGE_LEN_MAX);

    let text = |chars| "\u{1F600}".repeat(chars);
    let replies = from_tracker().into_iter().filter_map(|message| match message {
        TrackerToMember::Reply { outcome: Ok(Reply::JoinRequests(mut list)), .. } => {
            list[0].display_name = text(DISPLAY_NAME_CHARS_MAX);
            list[0].message = text(JOIN_MESSAGE_CHARS_MAX);
            Some(Reply::JoinRequests(vec![list[0].clone(); 64]))
        }
        TrackerToMember::Reply { outcome: Ok(Reply::Invites(list)), .. } => {
            Some(Reply::Invites(vec![list[0].clone(); LIST_LEN_MAX]))
        }
        TrackerToMember::Reply { outcome: Ok(Reply::MyRequests(mut list)), .. } => {
            list[0].message = text(JOIN_MESSAGE_CHARS_MAX);
            Some(Reply::MyRequests(vec![list[0].clone(); 32]))
        }
        _ => None,
    });
    let replies: Vec<_> = replies.collect();
    assert_eq!(replies.len(), 3);
    for reply in replies {
        assert!(encode_from_tracker(&TrackerToMember::Reply { id, outcome: Ok(reply) }).len() <= MESSAGE_LEN_MAX);
    }
}
