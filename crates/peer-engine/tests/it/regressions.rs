//! Each of these was found by the fuzz target `engine_operations` or while looking at what it found.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use metainfo::{Info, InfoBuilder};
use peer_engine::{
    Command, Config, Direction, Engine, Input, Job, LinkKey, Opening, Output, PieceIndex, PiecePolicy, PieceSet,
    Timestamp,
};
use peer_wire::PeerId;
use peer_wire::{Block, Decoder, Handshake, Message, Reserved};
use sha1::{Digest, Sha1};

use crate::support::answer;

fn torrent(pieces: u32, piece_len: u32) -> Arc<Info> {
    let mut b = InfoBuilder::new("t", u64::from(pieces) * u64::from(piece_len), Some(piece_len)).unwrap();
    let d: [u8; 20] = Sha1::digest(vec![7u8; piece_len as usize]).into();
    for p in 0..pieces {
        b.set_digest(p, d);
    }
    Arc::new(b.finish().unwrap())
}
fn enc(ms: &[Message]) -> Bytes {
    let mut b = BytesMut::new();
    for m in ms {
        m.encode(&mut b)
    }
    b.freeze()
}
fn join(e: &mut Engine, info: &Info, link: u64, pieces: Message, fast: bool) {
    join_at(e, info, link, pieces, fast, Timestamp(0))
}
fn join_at(e: &mut Engine, info: &Info, link: u64, pieces: Message, fast: bool, at: Timestamp) {
    let l = LinkKey(link);
    e.handle(
        Input::LinkOpened {
            link: l,
            opening: Opening { direction: Direction::Accepted, peer: None, identity: None, address: None },
        },
        at,
    );
    let mut id = [9; 20];
    id[..8].copy_from_slice(&link.to_be_bytes());
    let h =
        Handshake { reserved: Reserved { fast, extensions: false }, info_hash: info.info_hash(), peer_id: PeerId(id) };
    e.handle(Input::Received { link: l, bytes: Bytes::copy_from_slice(&h.encode()) }, at);
    e.handle(Input::Received { link: l, bytes: enc(&[pieces, Message::Unchoke]) }, at);
}
/// What is to be stored or hashed, and requests for each link in the order in which links are to be written.
fn requests(
    e: &mut Engine,
    now: Timestamp,
    decs: &mut std::collections::BTreeMap<LinkKey, Decoder>,
    pieces: u32,
    jobs: &mut Vec<Job>,
) -> Vec<(LinkKey, Block)> {
    let mut r = vec![];
    while let Some(output) = e.poll_output() {
        let l = match output {
            Output::Transmit(l) => l,
            Output::Storage(job) => {
                jobs.push(job);
                continue;
            }
            _ => continue,
        };
        loop {
            let mut out = vec![];
            if e.transmit(l, 1 << 20, &mut out, now) == 0 {
                break;
            }
            let fresh = !decs.contains_key(&l);
            let d = decs.entry(l).or_insert_with(|| Decoder::new(pieces));
            d.push(out.concat().into());
            if fresh {
                d.next_handshake().unwrap();
            }
            while let Some(m) = d.next_message().unwrap() {
                if let Message::Request(b) = m {
                    r.push((l, b))
                }
            }
        }
    }
    r
}
/// It used to stop for good: 24 seeders had a piece of 8 MiB each under way, the budget for unverified bytes was
/// full of pieces that were not complete, and not even their own missing blocks were asked for.
#[test]
fn many_partial_pieces_never_stop_a_download() {
    const P: u32 = 48;
    let info = torrent(P, 8 << 20);
    let mut e = Engine::new(Config::for_memory("t"), info.clone(), PieceSet::none(P), PeerId([1; 20]), 7, Timestamp(0));
    for l in 0..24 {
        join(&mut e, &info, l, Message::HaveAll, true)
    }
    let mut now = Timestamp(0);
    let (mut decs, mut jobs) = (Default::default(), Vec::new());
    let data = Bytes::from(vec![7u8; 16384]);
    let mut queues = std::collections::BTreeMap::<LinkKey, std::collections::VecDeque<Block>>::new();
    let mut idle = 0;
    while !e.is_complete() {
        for (l, b) in requests(&mut e, now, &mut decs, P, &mut jobs) {
            queues.entry(l).or_default().push_back(b)
        }
        let mut any = false;
        for (l, q) in &mut queues {
            if let Some(b) = q.pop_front() {
                any = true;
                e.handle(
                    Input::Received {
                        link: *l,
                        bytes: enc(&[Message::Piece { piece: b.piece, begin: b.begin, data: data.clone() }]),
                    },
                    now,
                );
            }
        }
        while let Some(job) = jobs.pop() {
            any = true;
            e.handle(answer(job, &info), now);
        }
        now = now + Duration::from_millis(10);
        e.handle(Input::Tick, now);
        if any {
            idle = 0
        } else {
            idle += 1
        }
        if idle > 10_000 {
            panic!("nothing for 100 s: {:?}", e.stats());
        }
    }
}
/// It used to ask the two again and again: having nothing in flight they counted as the least loaded.
#[test]
fn two_silent_peers_do_not_keep_the_last_block_from_a_good_one() {
    const P: u32 = 1;
    let info = torrent(P, 16384);
    let mut e = Engine::new(Config::new("t"), info.clone(), PieceSet::none(P), PeerId([1; 20]), 7, Timestamp(0));
    for l in 0..2 {
        join(&mut e, &info, l, Message::HaveAll, true)
    }
    let mut now = Timestamp(0);
    let (mut decs, mut jobs) = (Default::default(), Vec::new());
    while now < Timestamp(600_000_000) {
        if now == Timestamp(30_000_000) {
            join_at(&mut e, &info, 2, Message::HaveAll, true, now)
        }
        for (l, _) in requests(&mut e, now, &mut decs, P, &mut jobs) {
            if l == LinkKey(2) {
                return;
            }
        }
        for l in 0..3 {
            e.handle(Input::Received { link: LinkKey(l), bytes: enc(&[Message::KeepAlive]) }, now)
        }
        now = now + Duration::from_secs(1);
        e.handle(Input::Tick, now);
    }
    panic!("the good peer was not asked in ten minutes: {:?}", e.stats())
}
/// A suspect's only sender was led to a more urgent piece, closed, and went on owning the first one for ever.
#[test]
fn a_piece_of_one_sender_alone_is_not_lost_when_playing_leads_its_sender_elsewhere() {
    const P: u32 = 6;
    let info = torrent(P, 49152);
    let mut e = Engine::new(Config::new("t"), info.clone(), PieceSet::none(P), PeerId([1; 20]), 7, Timestamp(0));
    join(&mut e, &info, 0, Message::HaveAll, true);
    let mut now = Timestamp(0);
    let (mut decs, mut jobs) = (Default::default(), Vec::new());
    let r = requests(&mut e, now, &mut decs, P, &mut jobs);
    e.handle(Input::Command(Command::SetPolicy(PiecePolicy::Sequential)), Timestamp(0));
    e.handle(Input::Command(Command::Play { piece: PieceIndex(0), bytes_per_second: 1 }), Timestamp(0));
    let b = r[1].1;
    e.handle(
        Input::Received {
            link: LinkKey(0),
            bytes: enc(&[Message::Piece { piece: b.piece, begin: b.begin, data: vec![0; 16384].into() }]),
        },
        now,
    );
    e.handle(Input::LinkClosed { link: LinkKey(0) }, now);
    join(&mut e, &info, 1, Message::HaveAll, true);
    while now < Timestamp(600_000_000) {
        loop {
            let r = requests(&mut e, now, &mut decs, P, &mut jobs);
            if r.is_empty() && jobs.is_empty() {
                break;
            }
            for (l, b) in r {
                e.handle(
                    Input::Received {
                        link: l,
                        bytes: enc(&[Message::Piece { piece: b.piece, begin: b.begin, data: vec![7u8; 16384].into() }]),
                    },
                    now,
                )
            }
            for job in std::mem::take(&mut jobs) {
                let input = match job {
                    Job::Hash { job, data, .. } => {
                        Input::Hashed { job, digest: Ok(Sha1::digest(data.concat()).into()) }
                    }
                    job => answer(job, &info),
                };
                e.handle(input, now);
            }
        }
        if e.is_complete() {
            return;
        }
        e.handle(Input::Received { link: LinkKey(1), bytes: enc(&[Message::KeepAlive]) }, now);
        now = now + Duration::from_secs(1);
        e.handle(Input::Tick, now);
    }
    panic!("not complete after ten minutes: {:?} {:?}", e.stats(), e.piece_states())
}
/// A flood of rejected requests used to be answered in one piece, however little room the link had.
#[test]
fn a_transmit_exceeds_its_budget_by_one_message_at_most() {
    const P: u32 = 1;
    let info = torrent(P, 16384);
    let mut e = Engine::new(Config::new("t"), info.clone(), PieceSet::none(P), PeerId([1; 20]), 7, Timestamp(0));
    join(&mut e, &info, 0, Message::HaveNone, true);
    let ask = vec![Message::Request(Block { piece: 0, begin: 0, len: 16384 }); 10_000];
    e.handle(Input::Received { link: LinkKey(0), bytes: enc(&ask) }, Timestamp(0));
    let mut out = vec![];
    let n = e.transmit(LinkKey(0), 1000, &mut out, Timestamp(0));
    assert!(n <= 1000 + 16384 + 13, "{n}");
}
