//! Requests, publications and info dictionaries, across reconnects.

use bytes::Bytes;
use membership::ConversationEvent;
use wire_protocol::control::{
    INFO_LEN_MAX, INFO_PART_LEN_MAX, InfoPart, MemberToTracker, ReadPart, Refusal, RefusalCode, Reply, Request,
    SwarmName, TrackerToMember,
};
use wire_protocol::ids::{FileId, InfoHash, RequestId};

use crate::tracker::{FILE, GROUP, SWARM, Talk};

fn add_file(number: u8) -> Request {
    Request::AddFile { group: GROUP, file: FileId([number; 16]), name: "a".to_owned(), size: 1 }
}

fn done(id: RequestId) -> TrackerToMember {
    TrackerToMember::Reply { id, outcome: Ok(Reply::Done) }
}

fn info(len: usize) -> Bytes {
    (0..len).map(|at| (at % 251) as u8).collect::<Vec<u8>>().into()
}

#[test]
fn a_request_is_answered_once() {
    let mut talk = Talk::online();
    let id = talk.member.request(add_file(1));
    assert_eq!(talk.sent_requests(), [(id, add_file(1))]);
    talk.tell(done(id));
    talk.tell(done(id));
    talk.tell(done(RequestId([0; 16])));
    assert_eq!(talk.events(), [ConversationEvent::Reply { id, outcome: Ok(Reply::Done) }]);
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent(), []);
}

#[test]
fn requests_without_a_reply_are_sent_again_in_order_with_their_ids() {
    let mut talk = Talk::new();
    let offline = talk.member.request(add_file(1));
    talk.connect();
    let online = talk.member.request(add_file(2));
    let expected = [(offline, add_file(1)), (online, add_file(2))];
    assert_eq!(talk.sent_requests(), expected);
    for _ in 0..3 {
        talk.cut();
        talk.connect();
        assert_eq!(talk.sent_requests(), expected);
    }
    talk.tell(done(offline));
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent_requests(), expected[1..]);
}

#[test]
fn a_request_that_was_never_polled_is_not_lost_with_the_connection() {
    let mut talk = Talk::online();
    let id = talk.member.request(add_file(1));
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent_requests(), [(id, add_file(1))]);
}

#[test]
fn requests_over_the_bound_are_refused_and_not_dropped_in_silence() {
    let mut talk = Talk::new();
    let ids: Vec<RequestId> = (0..257).map(|_| talk.member.request(add_file(1))).collect();
    let is_too_many = |refusal: &Refusal| refusal.code == RefusalCode::TooMany;
    assert!(matches!(&talk.events()[..], [ConversationEvent::Reply { id, outcome: Err(refusal) }]
        if *id == ids[256] && is_too_many(refusal)));
    let long = Request::SetDisplayName { name: "x".repeat(100_000) };
    talk.connect();
    talk.tell(done(ids[0]));
    talk.events();
    talk.member.request(long);
    assert!(matches!(&talk.events()[..], [ConversationEvent::Reply { outcome: Err(refusal), .. }]
        if refusal.code == RefusalCode::BadRequest));
}

#[test]
fn many_requests_are_sent_as_fast_as_the_tracker_takes_them() {
    let mut talk = Talk::new();
    let ids: Vec<RequestId> = (0..256).map(|_| talk.member.request(add_file(1))).collect();
    talk.connect();
    // The tracker's own bucket: 200 at once, 50 a second.
    let (mut bucket, mut sent) = (200.0, Vec::new());
    while sent.len() < ids.len() {
        let now = talk.sent_requests();
        bucket -= now.len() as f64;
        assert!(bucket >= 0.0, "the tracker refuses");
        sent.extend(now.into_iter().map(|(id, _)| id));
        talk.pass(100);
        bucket = f64::min(bucket + 5.0, 200.0);
        // Anything, so that silence is not held against it.
        talk.tell(TrackerToMember::Restarting { after_ms: 0 });
    }
    assert_eq!(sent, ids);
    assert!(talk.now < 10_000, "and not slower");
}

#[test]
fn a_torrent_is_published_in_parts_and_redone_from_the_first_after_a_reconnect() {
    let mut talk = Talk::online();
    let info = info(2 * INFO_PART_LEN_MAX + 10);
    talk.member.publish_torrent(SWARM, InfoHash([6; 20]), info.clone(), 100);
    let all = |sent: &[MemberToTracker]| -> (Vec<u8>, RequestId) {
        let [parts @ .., MemberToTracker::Request { id, request }] = sent else {
            panic!("the request comes last");
        };
        let expected = Request::PublishTorrent {
            group: GROUP,
            file: FILE,
            info_hash: InfoHash([6; 20]),
            info_len: info.len() as u32,
            pieces: 100,
        };
        assert_eq!(*request, expected);
        let mut whole = Vec::new();
        for part in parts {
            let MemberToTracker::InfoPart(InfoPart { file: FILE, offset, bytes }) = part else {
                panic!("only parts before the request");
            };
            assert_eq!(*offset as usize, whole.len());
            assert!(bytes.len() <= INFO_PART_LEN_MAX);
            whole.extend_from_slice(bytes);
        }
        (whole, *id)
    };
    // Cut after the first part: the tracker has forgotten it.
    assert!(talk.member.poll_message().is_some());
    talk.cut();
    talk.connect();
    let (first, id) = all(&talk.sent());
    assert_eq!(first, info);
    // Cut after the request: the reply may be lost on its way, so everything again with the same id.
    talk.cut();
    talk.connect();
    assert_eq!(all(&talk.sent()), (first, id));
    talk.tell(done(id));
    assert_eq!(talk.events(), [ConversationEvent::Published { swarm: SWARM, outcome: Ok(()) }]);
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent(), []);
}

#[test]
fn torrents_are_published_one_after_the_other() {
    let mut talk = Talk::new();
    let other = SwarmName { group: GROUP, file: FileId([9; 16]) };
    talk.member.publish_torrent(SWARM, InfoHash([6; 20]), info(10), 1);
    talk.member.publish_torrent(other, InfoHash([7; 20]), info(20), 1);
    talk.member.publish_torrent(SWARM, InfoHash([6; 20]), info(10), 1);
    talk.connect();
    let sent = talk.sent();
    let [MemberToTracker::InfoPart(InfoPart { file: FILE, .. }), MemberToTracker::Request { id, .. }] = &sent[..]
    else {
        panic!("the first file only");
    };
    let refusal = Refusal { code: RefusalCode::UnknownFile, message: "It was removed.".to_owned() };
    talk.tell(TrackerToMember::Reply { id: *id, outcome: Err(refusal.clone()) });
    assert_eq!(talk.events(), [ConversationEvent::Published { swarm: SWARM, outcome: Err(refusal) }]);
    assert!(
        matches!(&talk.sent()[..], [MemberToTracker::InfoPart(InfoPart { file, .. }), MemberToTracker::Request { .. }] if *file == other.file)
    );
}

#[test]
fn what_no_tracker_would_take_is_not_published() {
    let mut talk = Talk::online();
    talk.member.publish_torrent(SWARM, InfoHash([6; 20]), info(INFO_LEN_MAX + 1), 1);
    talk.member.publish_torrent(SWARM, InfoHash([6; 20]), Bytes::new(), 1);
    assert_eq!(talk.sent(), []);
    let events = talk.events();
    assert_eq!(events.len(), 2);
    for event in events {
        assert!(matches!(event, ConversationEvent::Published { outcome: Err(_), .. }));
    }
}

/// Answers every question about the info dictionary from `info`; cuts the connection after `cut_after`
/// answers.
fn serve_info(talk: &mut Talk, info: &[u8], mut cut_after: Option<usize>) {
    let mut answers = 0;
    let mut questions = talk.sent_requests();
    while !questions.is_empty() {
        for (id, request) in questions {
            let Request::ReadInfo { offset, .. } = request else {
                panic!("only the info dictionary is asked for");
            };
            if cut_after == Some(answers) {
                cut_after = None;
                talk.cut();
                talk.connect();
                break;
            }
            answers += 1;
            let rest = &info[offset as usize..];
            let bytes = rest[..rest.len().min(INFO_PART_LEN_MAX)].to_vec();
            let reply = Reply::InfoPart(ReadPart { info_len: info.len() as u32, offset, bytes });
            talk.tell(TrackerToMember::Reply { id, outcome: Ok(reply) });
        }
        questions = talk.sent_requests();
    }
}

#[test]
fn an_info_dictionary_is_fetched_whole_even_across_a_reconnect() {
    let info = info(20 * INFO_PART_LEN_MAX + 7);
    for cut_after in [None, Some(0), Some(1), Some(5), Some(20)] {
        let mut talk = Talk::online();
        talk.member.fetch_info(SWARM);
        talk.member.fetch_info(SWARM);
        serve_info(&mut talk, &info, cut_after);
        let events = talk.events();
        let is_whole = matches!(&events[..], [ConversationEvent::Info { info: Ok(got), .. }] if *got == info);
        assert!(is_whole, "cut after {cut_after:?}");
    }
}

#[test]
fn a_refused_or_contradictory_info_dictionary_ends_the_fetch_and_the_next_one_is_fresh() {
    let refusal = Refusal { code: RefusalCode::UnknownFile, message: "No torrent yet.".to_owned() };
    let nonsense = [
        Err(refusal),
        Ok(Reply::Done),
        Ok(Reply::InfoPart(ReadPart { info_len: 0, offset: 0, bytes: vec![] })),
        Ok(Reply::InfoPart(ReadPart { info_len: u32::MAX, offset: 0, bytes: vec![1; 100] })),
        Ok(Reply::InfoPart(ReadPart { info_len: 100, offset: 50, bytes: vec![1; 50] })),
    ];
    for outcome in nonsense {
        let mut talk = Talk::online();
        talk.member.fetch_info(SWARM);
        let (id, _) = talk.sent_requests()[0];
        talk.tell(TrackerToMember::Reply { id, outcome });
        assert!(matches!(&talk.events()[..], [ConversationEvent::Info { info: Err(_), .. }]));
        talk.member.fetch_info(SWARM);
        serve_info(&mut talk, b"d4:name1:ae", None);
        assert!(matches!(&talk.events()[..], [ConversationEvent::Info { info: Ok(_), .. }]));
    }
}
