//! The group's key on its way through a server that would like to have it, or to give another one.

use membership::group_key::{
    ADMINS_MAX, Delivery, GroupKey, INVITE_SEAL_LEN_MAX, InviteContents, InviteSealError, MEMBER_SEAL_LEN_MAX,
    MemberSealError, open_for_invite, open_for_member, seal_for_invite, seal_for_member,
};
use membership::{Identity, MemberIdentity};
use proptest::prelude::*;
use wire_protocol::ids::{GroupId, MemberKey};
use wire_protocol::invite::Invite;

use crate::damage::damaged;
use crate::vectors::vectors;

const GROUP: GroupId = GroupId([0x11; 16]);
const OTHER_GROUP: GroupId = GroupId([0x12; 16]);
const SALT: [u8; 16] = [0x5a; 16];
const RANDOM: [u8; 32] = [0x5b; 32];

fn invite() -> Invite {
    "https://share.example/j/lively-otter#AAECAwQFBgcICQoLDA0ODw".parse().expect("an invite")
}

fn member(seed: u8) -> MemberIdentity {
    Identity::from_seed([seed; 32]).for_origin(&"https://share.example".parse().expect("an origin"))
}

/// The group's key: of now, and of after the next removal.
fn keys() -> (GroupKey, GroupKey) {
    let now = GroupKey::new([0x61; 32], 3);
    let next = now.next([0x62; 32]).expect("there are epochs left");
    (now, next)
}

fn contents(key: Option<GroupKey>) -> InviteContents {
    InviteContents { epoch: 3, key, admins: vec![member(1).key(), member(2).key()] }
}

// ---------------------------------------------------------------- invites

fn sealed_for_invite(contents: &InviteContents) -> Vec<u8> {
    seal_for_invite(&invite().seal_key(), GROUP, contents, SALT)
}

fn opened(sealed: &[u8]) -> Result<InviteContents, InviteSealError> {
    open_for_invite(sealed, &invite().seal_key(), GROUP)
}

#[test]
fn whoever_holds_the_invite_gets_the_key_or_only_the_admins() {
    for contents in [contents(Some(keys().0)), contents(None)] {
        assert_eq!(opened(&sealed_for_invite(&contents)), Ok(contents));
    }
}

#[test]
fn an_invite_with_as_many_admins_as_it_names_fits() {
    let mut full = contents(Some(keys().0));
    full.admins = vec![member(1).key(); ADMINS_MAX + 3];
    let sealed = sealed_for_invite(&full);
    assert_eq!(sealed.len(), INVITE_SEAL_LEN_MAX);
    assert_eq!(opened(&sealed).unwrap().admins.len(), ADMINS_MAX);
    let nobody = InviteContents { admins: Vec::new(), ..full };
    assert_eq!(opened(&sealed_for_invite(&nobody)), Err(InviteSealError::Malformed));
}

#[test]
fn the_contents_are_for_one_secret_group_and_epoch() {
    let sealed = sealed_for_invite(&contents(Some(keys().0)));
    assert_eq!(open_for_invite(&sealed, &[9; 32], GROUP), Err(InviteSealError::WrongSecret));
    assert_eq!(open_for_invite(&sealed, &invite().auth_key(), GROUP), Err(InviteSealError::WrongSecret), "the server");
    assert_eq!(open_for_invite(&sealed, &invite().seal_key(), OTHER_GROUP), Err(InviteSealError::WrongSecret));
    let mut later = sealed;
    later[4] += 1;
    assert_eq!(opened(&later), Err(InviteSealError::WrongSecret));
}

#[test]
fn what_is_not_the_contents_of_an_invite_is_refused() {
    assert_eq!(opened(&[]), Err(InviteSealError::Malformed));
    assert_eq!(opened(&[1; 36]), Err(InviteSealError::Malformed));
    assert_eq!(opened(&[1; INVITE_SEAL_LEN_MAX + 1]), Err(InviteSealError::Malformed));
    assert_eq!(opened(&[2; 100]), Err(InviteSealError::UnknownVersion));
}

#[test]
fn the_key_is_not_seen_in_what_the_server_keeps_or_in_a_log() {
    let (now, next) = keys();
    let (admin, to) = (member(1), member(2).key());
    let for_member = seal_for_member(&next, Some(&now), GROUP, to, &admin, RANDOM).unwrap();
    for (sealed, key) in [(sealed_for_invite(&contents(Some(now.clone()))), &now), (for_member, &next)] {
        assert!(!sealed.windows(6).any(|run| run == &key.key()[..6]));
    }
    assert!(!format!("{now:?} {:?}", contents(Some(now.clone()))).contains("97, 97"));
}

// ---------------------------------------------------------------- members

fn delivery() -> Delivery {
    Delivery { group: GROUP, recipient: member(2).key(), sender: member(1).key() }
}

/// From the admin to the member, who may have the present key.
fn sealed_for_member(previous: Option<&GroupKey>) -> Vec<u8> {
    seal_for_member(&keys().1, previous, GROUP, member(2).key(), &member(1), RANDOM).expect("the member has a key")
}

fn open(sealed: &[u8], previous: Option<&GroupKey>, delivery: Delivery) -> Result<GroupKey, MemberSealError> {
    open_for_member(sealed, previous, &delivery, &member(2))
}

#[test]
fn a_newcomer_gets_the_key_from_the_admin_who_accepts_them() {
    let sealed = sealed_for_member(None);
    assert!(sealed.len() <= MEMBER_SEAL_LEN_MAX);
    assert_eq!(open(&sealed, None, delivery()), Ok(keys().1));
}

#[test]
fn who_stays_gets_the_next_key_from_somebody_who_knows_the_present_one() {
    let (now, next) = keys();
    let sealed = sealed_for_member(Some(&now));
    assert_eq!(sealed.len() + 4, MEMBER_SEAL_LEN_MAX, "a small epoch is four bytes shorter");
    assert_eq!(open(&sealed, Some(&now), delivery()), Ok(next.clone()));
    assert_eq!(open(&sealed, None, delivery()), Ok(next), "a newcomer cannot check it, and has the admin's name");
}

#[test]
fn an_admin_whom_only_the_server_has_made_cannot_change_the_key() {
    let (now, _) = keys();
    assert_eq!(open(&sealed_for_member(None), Some(&now), delivery()), Err(MemberSealError::NotConfirmed));
    let guessed = GroupKey::new([9; 32], 3);
    let sealed = sealed_for_member(Some(&guessed));
    assert_eq!(open(&sealed, Some(&now), delivery()), Err(MemberSealError::NotConfirmed));
}

#[test]
fn only_the_next_epoch_follows() {
    let (now, next) = keys();
    let sealed = sealed_for_member(Some(&now));
    for epoch in [0, 2, 4, 5, u32::MAX] {
        let other = GroupKey::new(**now.key(), epoch);
        assert_eq!(open(&sealed, Some(&other), delivery()), Err(MemberSealError::OtherEpoch(4)), "{epoch}");
    }
    assert_eq!(open(&sealed, Some(&next), delivery()), Err(MemberSealError::OtherEpoch(4)), "replayed");
    assert_eq!(GroupKey::new([1; 32], u32::MAX).next([2; 32]), None);
}

#[test]
fn a_key_is_for_one_group_one_recipient_and_from_one_sender() {
    let (now, _) = keys();
    let sealed = sealed_for_member(Some(&now));
    let refused = |delivery| open(&sealed, Some(&now), delivery).unwrap_err();
    assert_eq!(refused(Delivery { group: OTHER_GROUP, ..delivery() }), MemberSealError::NotForUs);
    assert_eq!(refused(Delivery { recipient: member(3).key(), ..delivery() }), MemberSealError::NotForUs);
    assert_eq!(refused(Delivery { sender: member(3).key(), ..delivery() }), MemberSealError::BadSignature);
    assert_eq!(refused(Delivery { sender: MemberKey([0xff; 32]), ..delivery() }), MemberSealError::BadSignature);
    let another = open_for_member(&sealed, Some(&now), &delivery(), &member(3));
    assert_eq!(another, Err(MemberSealError::NotForUs));
    let pretended = Delivery { recipient: member(3).key(), ..delivery() };
    assert_eq!(open_for_member(&sealed, Some(&now), &pretended, &member(3)), Err(MemberSealError::NotForUs));
}

#[test]
fn nothing_is_sealed_to_a_key_that_everybody_can_open() {
    let mut weak = [0; 32];
    weak[0] = 1;
    for nobody in [weak, [0; 32]] {
        let sealed = seal_for_member(&keys().1, None, GROUP, MemberKey(nobody), &member(1), RANDOM);
        assert_eq!(sealed, Err(MemberSealError::NotForUs));
    }
}

#[test]
fn what_is_not_a_sealed_key_is_refused() {
    assert_eq!(open(&[], None, delivery()), Err(MemberSealError::Malformed));
    assert_eq!(open(&[1; MEMBER_SEAL_LEN_MAX + 1], None, delivery()), Err(MemberSealError::Malformed));
    assert_eq!(open(&[9; 100], None, delivery()), Err(MemberSealError::UnknownVersion));
    assert_eq!(open(&[1; 100], None, delivery()), Err(MemberSealError::BadSignature));
}

// ---------------------------------------------------------------- bytes

proptest! {
    #[test]
    fn damaged_seals_open_nothing(at in any::<prop::sample::Index>(), how in 0..3_u8, byte in any::<u8>()) {
        let valid = sealed_for_invite(&contents(Some(keys().0)));
        let bytes = damaged(valid.clone(), at, how, byte);
        prop_assert_eq!(opened(&bytes).is_ok(), bytes == valid);
        let (now, _) = keys();
        let valid = sealed_for_member(Some(&now));
        let bytes = damaged(valid.clone(), at, how, byte);
        prop_assert_eq!(open(&bytes, Some(&now), delivery()).is_ok(), bytes == valid);
    }

    #[test]
    fn random_bytes_open_nothing(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for bytes in [bytes.clone(), [&[1], &bytes[..]].concat()] {
            prop_assert!(opened(&bytes).is_err());
            prop_assert!(open(&bytes, None, delivery()).is_err());
        }
    }
}

#[test]
fn seals_are_what_is_documented() {
    let (now, _) = keys();
    let documented = vectors(|chapter| chapter == "7. Group key");
    let written = [
        ("group-key/invite", sealed_for_invite(&contents(Some(now.clone())))),
        ("group-key/invite-ask", sealed_for_invite(&contents(None))),
        ("group-key/member", sealed_for_member(Some(&now))),
    ];
    for (name, bytes) in &written {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&documented[name]), hex(bytes), "{name}: docs/protocol.md on the left, the code on the right");
    }
    assert_eq!(documented.len(), written.len());
}
