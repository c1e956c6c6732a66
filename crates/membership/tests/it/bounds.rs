//! Any tracker, at any moment: no panic, nothing without a bound, and the conversation goes on.

use membership::ConversationEvent;
use proptest::prelude::*;
use wire_protocol::control::{
    AnnounceRefusal, AnnounceRefused, DialRefusal, GoneReason, GroupChange, GroupSnapshot, Hello, ReadPart, Refusal,
    RefusalCode, Reply, Request, Sealed, SwarmCount, SwarmCounts, SwarmName, TrackerToMember, encode_from_tracker,
};
use wire_protocol::ids::{FileId, GroupId, HistoryId, MemberKey, RequestId};

use crate::tracker::{
    FILE, GROUP, SWARM, Talk, announce, card, event, left, me, name, peer, person, snapshot, swarm, welcome,
};

/// Something that a driver or a tracker may do at any moment.
#[derive(Debug, Clone)]
enum Step {
    Connect,
    Connected,
    Cut,
    Pass(u64),
    PassInSilence(u64),
    Poll(u8),
    Command(u8),
    Message(Box<TrackerToMember>),
    Damaged(Box<TrackerToMember>, usize, u8),
    AnswerOldest(bool),
}

fn message() -> impl Strategy<Value = TrackerToMember> {
    let change = prop_oneof![
        Just(GroupChange::InvitesChanged),
        Just(GroupChange::RequestsChanged),
        Just(GroupChange::Closed),
        (0..3_u32).prop_map(|epoch| GroupChange::MemberRemoved { member: MemberKey([9; 32]), epoch }),
        Just(GroupChange::FileRemoved(FILE)),
        Just(GroupChange::MemberLeft(me())),
        any::<u8>().prop_map(|number| GroupChange::File(card(FileId([number; 16]), "x"))),
        any::<u8>().prop_map(|number| GroupChange::Member(person("y", wire_protocol::ids::MemberKey([number; 32])))),
    ];
    prop_oneof![
        3 => Just(TrackerToMember::Hello(Hello { server_key: [0; 32], key_id: 1, nonce: [1; 32], time_ms: 2 })),
        3 => (0..2_u8).prop_map(|history| welcome(HistoryId([history; 16]), "y")),
        2 => Just(TrackerToMember::Synced),
        1 => Just(TrackerToMember::Goodbye(Refusal { code: RefusalCode::ServerError, message: "No.".to_owned() })),
        2 => (1..6_u64).prop_map(snapshot),
        4 => (1..8_u64, change).prop_map(|(seq, change)| event(seq, change)),
        3 => (any::<bool>(), prop::collection::vec((any::<u8>(), 0..5_u32), 0..5))
            .prop_map(|(all, peers)| swarm(all, peers.into_iter().map(|(number, have)| peer(number, have)).collect())),
        1 => any::<u8>().prop_map(|number| left(vec![name(number)])),
        1 => (any::<bool>(), any::<u32>()).prop_map(|(all, seeders)| counts(all, seeders)),
        1 => any::<bool>().prop_map(|is_full| TrackerToMember::AnnounceRefused(AnnounceRefused {
            swarm: SWARM,
            reason: if is_full { AnnounceRefusal::SwarmFull } else { AnnounceRefusal::NoSuchFile },
        })),
        1 => (0..4_u32).prop_map(|dial| TrackerToMember::DialRefused { dial, reason: DialRefusal::NotAnnounced }),
        1 => Just(TrackerToMember::Pong),
        1 => Just(TrackerToMember::GroupGone { group: GROUP, why: GoneReason::Left }),
        1 => (0..300_usize).prop_map(|len| TrackerToMember::Ticket { group: GROUP, ticket: vec![1; len] }),
        1 => (0..3_u32, 0..600_usize).prop_map(|(epoch, len)| {
            TrackerToMember::Key { group: GROUP, epoch, from: me(), sealed: Sealed(vec![1; len]) }
        }),
        1 => (0..3_u32, 0..300_usize).prop_map(|(epoch, len)| {
            TrackerToMember::KeysWanted { group: GROUP, epoch, members: vec![me(); len] }
        }),
        1 => Just(TrackerToMember::JoinRefused { group: GROUP, slug: "a-b\u{202e}".to_owned() }),
        1 => any::<u32>().prop_map(|after_ms| TrackerToMember::Restarting { after_ms }),
        1 => any::<[u8; 16]>().prop_map(|id| TrackerToMember::Reply { id: RequestId(id), outcome: Ok(Reply::Done) }),
    ]
}

fn counts(all: bool, seeders: u32) -> TrackerToMember {
    let counts = vec![SwarmCount { file: FILE, seeders, leechers: 0, preparing: 0 }];
    TrackerToMember::SwarmCounts(SwarmCounts { group: GROUP, all, counts })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Connect),
        3 => Just(Step::Connected),
        1 => Just(Step::Cut),
        2 => (0..100_000_u64).prop_map(Step::Pass),
        1 => (0..60_000_u64).prop_map(Step::PassInSilence),
        2 => any::<u8>().prop_map(Step::Poll),
        4 => any::<u8>().prop_map(Step::Command),
        8 => message().prop_map(|message| Step::Message(Box::new(message))),
        1 => (message(), any::<usize>(), any::<u8>()).prop_map(|(m, at, bits)| Step::Damaged(Box::new(m), at, bits)),
        3 => any::<bool>().prop_map(Step::AnswerOldest),
    ]
}

fn command(talk: &mut Talk, number: u8) {
    let other = SwarmName { group: GROUP, file: FileId([number % 4; 16]) };
    match number % 9 {
        0 => drop(talk.member.request(Request::LeaveGroup { group: GROUP })),
        1 => talk.member.announce(announce(u32::from(number % 5))),
        2 => talk.member.withdraw(SWARM),
        3 => drop(talk.member.dial(other, name(number))),
        4 => talk.member.fetch_info(other),
        5 => talk.member.publish_torrent(other, wire_protocol::ids::InfoHash([1; 20]), vec![1; 40_000].into(), 3),
        6 => assert!(talk.member.watch(SWARM)),
        7 => talk.member.unwatch(SWARM),
        _ => drop(talk.member.set_display_name("z")),
    }
}

fn take(talk: &mut Talk, step: Step, unanswered: &mut Vec<(RequestId, Request)>) {
    match step {
        Step::Connect => drop(talk.member.should_connect(talk.now)),
        Step::Connected => talk.member.handle_connected(talk.now),
        Step::Cut => talk.cut(),
        Step::Pass(ms) => talk.pass(ms),
        Step::PassInSilence(ms) => talk.pass_in_silence(ms),
        Step::Poll(messages) => {
            for _ in 0..messages {
                drop(talk.member.poll_message());
            }
        }
        Step::Command(number) => command(talk, number),
        Step::Message(message) => talk.tell(*message),
        Step::Damaged(message, at, bits) => {
            let mut bytes = encode_from_tracker(&message);
            let at = at % bytes.len();
            bytes[at] ^= bits;
            talk.member.handle_message(&bytes, talk.now);
        }
        Step::AnswerOldest(with_info) => {
            unanswered.extend(talk.sent_requests());
            if let Some((id, _)) = unanswered.pop() {
                let part = Reply::InfoPart(ReadPart { info_len: 50_000, offset: 0, bytes: vec![2; 32_768] });
                let outcome = Ok(if with_info { part } else { Reply::Done });
                talk.tell(TrackerToMember::Reply { id, outcome });
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_next_connection_works(steps in prop::collection::vec(step(), 0..120)) {
        let mut talk = Talk::new();
        let mut unanswered = Vec::new();
        for step in steps {
            take(&mut talk, step, &mut unanswered);
        }
        talk.cut();
        let is_over = talk.events().iter().any(|event| matches!(event, ConversationEvent::Refused(_)));
        if is_over {
            // A damaged Goodbye can be one of another kind.
            prop_assert!(!talk.member.should_connect(u64::MAX));
            return Ok(());
        }
        let open = talk.member.request(Request::PreviewInvite { slug: "a-b".to_owned(), auth: [1; 32] });
        talk.connect();
        prop_assert!(talk.member.is_online());
        let id_of_open = talk.sent_requests().into_iter().filter(|(id, _)| *id == open).count();
        prop_assert_eq!(id_of_open, 1);
        talk.tell(TrackerToMember::Reply { id: open, outcome: Ok(Reply::Done) });
        let replied = talk.events().into_iter().any(|event| {
            matches!(event, ConversationEvent::Reply { id, .. } if id == open)
        });
        prop_assert!(replied);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut talk = Talk::online();
        talk.member.handle_message(&bytes, talk.now);
        talk.member.handle_timeout(talk.now);
    }
}

#[test]
fn a_tracker_that_floods_is_kept_within_bounds() {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    talk.member.watch(SWARM);
    for round in 0..400_u32 {
        let peers = (0..200_u32).map(|number| {
            let mut flooding = peer(1, 1);
            flooding.name.peer.0[8..12].copy_from_slice(&(round * 200 + number).to_be_bytes());
            flooding
        });
        talk.tell(swarm(false, peers.collect()));
    }
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE).len(), 1024);
    for number in 0..1000_u32 {
        let mut group = [0; 16];
        group[..4].copy_from_slice(&number.to_be_bytes());
        talk.tell(TrackerToMember::Snapshot(GroupSnapshot {
            group: GroupId(group),
            slug: "a-b".to_owned(),
            name: String::new(),
            seq: 1,
            epoch: 0,
            created_at_ms: 0,
            members: vec![],
            files: vec![],
        }));
    }
    assert_eq!(talk.member.groups().len(), 256);
    talk.cut();
    assert!(talk.connect().resume.len() <= 64);
}
