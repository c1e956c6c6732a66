//! The group's key on its way from member to member, through a tracker that only hands on what it is given.

use membership::group_key::{InviteContents, open_for_invite};
use membership::{
    Accept, ConversationEvent, Credentials, Identity, InviteTerms, Join, KeptInvite, NewGroup, Question, Remove,
};
use wire_protocol::control::{
    GroupChange, GroupSnapshot, InviteKey, KeyFor, Member, Reply, Request, Role, Sealed, TrackerToMember,
};
use wire_protocol::ids::{InviteId, MemberKey, RequestId};
use wire_protocol::invite::Invite;

use crate::tracker::{GROUP, ORIGIN, Talk, event, origin, person};

pub const ANA: u8 = 11;
pub const BO: u8 = 12;
pub const EVE: u8 = 13;
const SECRET: [u8; 16] = [5; 16];

pub fn key_of(person: u8) -> MemberKey {
    Identity::from_seed([person; 32]).for_origin(&origin()).key()
}

/// On a device of its own: `device` makes its randomness.
pub fn talk(person: u8, device: u64) -> Talk {
    let mut talk = Talk::of(Identity::from_seed([person; 32]), device);
    talk.connect();
    talk
}

pub fn terms() -> InviteTerms {
    InviteTerms { invite: InviteId([3; 16]), secret: SECRET, lifetime_s: 3600, uses: None, needs_accept: false }
}

fn kept(needs_accept: bool) -> KeptInvite {
    KeptInvite { invite: terms().invite, secret: SECRET, needs_accept }
}

fn remove(admin: &mut Talk, member: u8, open: &[KeptInvite]) {
    Remove { group: GROUP, member: key_of(member), open: open.to_vec() }.pose(&mut admin.member);
}

pub fn invite() -> Invite {
    Invite::new(ORIGIN, "lively-otter", SECRET).expect("an invite")
}

/// The first is admin.
pub fn snapshot(epoch: u32, people: &[u8]) -> TrackerToMember {
    let members = people.iter().enumerate().map(|(at, number)| {
        let role = if at == 0 { Role::Admin } else { Role::Member };
        Member { role, ..person("Somebody", key_of(*number)) }
    });
    TrackerToMember::Snapshot(GroupSnapshot {
        group: GROUP,
        slug: "lively-otter".to_owned(),
        name: "Holiday".to_owned(),
        seq: 4,
        epoch,
        created_at_ms: 3,
        members: members.collect(),
        files: vec![],
    })
}

pub fn ticket() -> TrackerToMember {
    TrackerToMember::Ticket { group: GROUP, ticket: vec![1; 100] }
}

pub fn handed_on(epoch: u32, from: u8, sealed: &Sealed) -> TrackerToMember {
    TrackerToMember::Key { group: GROUP, epoch, from: key_of(from), sealed: sealed.clone() }
}

pub fn only_request(talk: &mut Talk) -> (RequestId, Request) {
    let mut requests = talk.sent_requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests.remove(0)
}

pub fn credentials(talk: &Talk) -> Credentials {
    talk.member.credentials(GROUP).expect("the key is known")
}

/// A person has made the group. Returns what their invite carries.
pub fn founded(maker: &mut Talk, person: u8) -> InviteKey {
    let holiday = NewGroup { group: GROUP, name: "Holiday".to_owned(), terms: terms() };
    holiday.pose(&mut maker.member);
    let (id, Request::CreateGroup { key: Some(own), invite, .. }) = only_request(maker) else { panic!("no key") };
    maker.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::GroupCreated { slug: "lively-otter".to_owned() }) });
    maker.tell(snapshot(0, &[person]));
    maker.tell(ticket());
    assert_eq!(maker.member.credentials(GROUP), None, "the tracker has not kept it yet");
    maker.tell(handed_on(0, person, &own));
    maker.events();
    assert_eq!(maker.sent_requests(), []);
    InviteKey { epoch: 0, sealed: invite.sealed.expect("an invite carries the key") }
}

/// Comes in by the invite. Returns what is kept for them from then on.
fn joined(newcomer: &mut Talk, people: &[u8], carried: &InviteKey) -> Sealed {
    Join { invite: invite(), message: String::new() }.pose(&mut newcomer.member);
    let (id, _) = only_request(newcomer);
    newcomer.tell(snapshot(0, people));
    newcomer.tell(ticket());
    let outcome = Ok(Reply::Joined { group: GROUP, key: Some(carried.clone()) });
    newcomer.tell(TrackerToMember::Reply { id, outcome });
    assert!(newcomer.events().contains(&ConversationEvent::CredentialsChanged(GROUP)));
    let (_, Request::KeepKey { epoch: 0, sealed, .. }) = only_request(newcomer) else { panic!("not kept") };
    sealed
}

#[test]
fn whoever_joins_by_an_invite_has_the_key_of_whoever_made_the_group() {
    let (mut ana, mut bo) = (talk(ANA, 1), talk(BO, 2));
    let carried = founded(&mut ana, ANA);
    joined(&mut bo, &[ANA, BO], &carried);
    assert_eq!(*credentials(&bo).key, *credentials(&ana).key);
    assert_ne!(*credentials(&ana).key, [0; 32]);
}

#[test]
fn a_second_device_has_the_key_from_the_first() {
    let (mut ana, mut bo) = (talk(ANA, 1), talk(BO, 2));
    let carried = founded(&mut ana, ANA);
    let kept = joined(&mut bo, &[ANA, BO], &carried);
    let mut phone = talk(BO, 3);
    phone.tell(snapshot(0, &[ANA, BO]));
    phone.tell(ticket());
    phone.tell(handed_on(0, BO, &kept));
    assert_eq!(*credentials(&phone).key, *credentials(&ana).key);
}

#[test]
fn a_removal_gives_those_who_stay_another_key_and_the_removed_one_none() {
    let (mut ana, mut bo, mut eve) = (talk(ANA, 1), talk(BO, 2), talk(EVE, 3));
    let carried = founded(&mut ana, ANA);
    joined(&mut bo, &[ANA, BO, EVE], &carried);
    joined(&mut eve, &[ANA, BO, EVE], &carried);
    let before = *credentials(&eve).key;
    ana.tell(snapshot(0, &[ANA, BO, EVE]));
    remove(&mut ana, EVE, &[]);
    let (_, Request::RemoveMember { epoch: 1, keys, invites, .. }) = only_request(&mut ana) else { panic!("no keys") };
    assert_eq!(keys.iter().map(|key| key.member).collect::<Vec<_>>(), [key_of(ANA), key_of(BO)]);
    assert!(invites.is_empty());
    let sealed_to = |person: u8| keys.iter().find(|key| key.member == key_of(person)).expect("hers").sealed.clone();
    for (talk, person) in [(&mut ana, ANA), (&mut bo, BO)] {
        talk.tell(event(5, GroupChange::MemberRemoved { member: key_of(EVE), epoch: 1 }));
        assert_eq!(talk.member.credentials(GROUP), None, "the old key and ticket are worth nothing");
        talk.tell(ticket());
        talk.tell(handed_on(1, ANA, &sealed_to(person)));
    }
    assert_eq!(*credentials(&ana).key, *credentials(&bo).key);
    assert_eq!((credentials(&bo).epoch, *credentials(&bo).key == before), (1, false));
    // Whatever the tracker shows her, she cannot open it.
    eve.tell(event(5, GroupChange::MemberRemoved { member: key_of(BO), epoch: 1 }));
    eve.tell(ticket());
    eve.tell(handed_on(1, ANA, &sealed_to(BO)));
    assert_eq!(eve.member.credentials(GROUP), None);
}

#[test]
fn a_key_that_only_the_tracker_vouches_for_is_refused_a_few_times_and_then_ignored() {
    let (mut ana, mut bo, mut eve) = (talk(ANA, 1), talk(BO, 2), talk(EVE, 3));
    let carried = founded(&mut ana, ANA);
    joined(&mut bo, &[ANA, BO], &carried);
    // Eve is the tracker's: she makes a group of the same name, and "removes" somebody from it.
    founded(&mut eve, EVE);
    eve.tell(snapshot(0, &[EVE, BO, ANA]));
    remove(&mut eve, ANA, &[]);
    let (_, Request::RemoveMember { keys, .. }) = only_request(&mut eve) else { panic!("no keys") };
    let forged = keys.iter().find(|key| key.member == key_of(BO)).unwrap().sealed.clone();
    bo.tell(snapshot(0, &[EVE, BO, ANA]));
    bo.tell(event(5, GroupChange::MemberRemoved { member: key_of(ANA), epoch: 1 }));
    bo.tell(ticket());
    let mut asked = 0;
    for _ in 0..10 {
        bo.tell(handed_on(1, EVE, &forged));
        asked += bo.sent_requests().len();
        // The tracker hands on another one only if it differs.
        bo.tell(handed_on(1, EVE, &Sealed(vec![1; 100])));
        asked += bo.sent_requests().len();
    }
    assert_eq!(bo.member.credentials(GROUP), None);
    assert_eq!(asked, 3, "whoever makes keys that are not believed would go on for ever");
}

#[test]
fn an_admin_gives_the_key_to_whoever_has_none_and_an_accepted_newcomer_takes_it_from_them() {
    let (mut ana, mut bo) = (talk(ANA, 1), talk(BO, 2));
    founded(&mut ana, ANA);
    Accept { group: GROUP, member: key_of(BO) }.pose(&mut ana.member);
    let (_, Request::AcceptRequest { key: Some(accepted), .. }) = only_request(&mut ana) else { panic!("no key") };
    ana.tell(TrackerToMember::KeysWanted { group: GROUP, epoch: 0, members: vec![key_of(BO)] });
    let (_, Request::GiveKeys { epoch: 0, keys, .. }) = only_request(&mut ana) else { panic!("not given") };
    let [KeyFor { member, sealed }] = &keys[..] else { panic!("{keys:?}") };
    assert_eq!(*member, key_of(BO));
    for sealed in [&accepted, sealed] {
        let mut newcomer = talk(BO, 7);
        newcomer.tell(snapshot(0, &[ANA, BO]));
        newcomer.tell(ticket());
        newcomer.tell(handed_on(0, ANA, sealed));
        assert_eq!(*credentials(&newcomer).key, *credentials(&ana).key);
        let (_, Request::KeepKey { .. }) = only_request(&mut newcomer) else { panic!("not kept") };
    }
    // A member who is no admin gives nothing: nobody would take it.
    bo.tell(snapshot(0, &[ANA, BO]));
    bo.tell(ticket());
    bo.tell(handed_on(0, ANA, &accepted));
    bo.sent_requests();
    bo.tell(TrackerToMember::KeysWanted { group: GROUP, epoch: 0, members: vec![key_of(EVE)] });
    assert_eq!(bo.sent_requests(), []);
}

#[test]
fn an_invite_that_stays_open_after_a_removal_carries_the_new_key() {
    let (mut ana, mut bo, mut eve) = (talk(ANA, 1), talk(BO, 2), talk(EVE, 3));
    let carried = founded(&mut ana, ANA);
    joined(&mut bo, &[ANA, BO], &carried);
    ana.tell(snapshot(0, &[ANA, BO]));
    remove(&mut ana, BO, &[kept(false)]);
    let (_, Request::RemoveMember { keys, invites, .. }) = only_request(&mut ana) else { panic!("no keys") };
    ana.tell(event(5, GroupChange::MemberRemoved { member: key_of(BO), epoch: 1 }));
    ana.tell(ticket());
    ana.tell(handed_on(1, ANA, &keys[0].sealed));
    Join { invite: invite(), message: String::new() }.pose(&mut eve.member);
    let (id, _) = only_request(&mut eve);
    eve.tell(snapshot(1, &[ANA, EVE]));
    eve.tell(ticket());
    let key = Some(InviteKey { epoch: 1, sealed: invites[0].sealed.clone() });
    eve.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::Joined { group: GROUP, key }) });
    assert_eq!(*credentials(&eve).key, *credentials(&ana).key);
}

#[test]
fn an_invite_that_asks_first_carries_no_key_after_a_removal_either() {
    let mut ana = talk(ANA, 1);
    founded(&mut ana, ANA);
    ana.tell(snapshot(0, &[ANA, BO]));
    remove(&mut ana, BO, &[kept(true)]);
    let (_, Request::RemoveMember { invites, .. }) = only_request(&mut ana) else { panic!("no removal") };
    let InviteContents { epoch, key, admins } =
        open_for_invite(&invites[0].sealed.0, &invite().seal_key(), GROUP).unwrap();
    assert_eq!((epoch, key, admins), (1, None, vec![key_of(ANA)]));
}
