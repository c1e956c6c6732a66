//! Any inputs in any order: nothing panics, the books agree, the room holds.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use local_peer::{
    Candidate, Config, Identity, Input, LinkFailure, LocalPeer, Path, PeerId, Progress, Room, Source, Timestamp,
};
use peer_engine::{Command, JobId, LinkKey, PieceSet, StorageError, StorageErrorKind};
use proptest::prelude::*;

use crate::world::{PIECES, info};

const LIMIT: Room = Room { connecting: 3, links: 6 };

#[derive(Debug, Clone)]
enum Operation {
    Tell(Input),
    Accept(Candidate, Path),
    Begin,
    Pass(Duration),
}

fn candidate() -> impl Strategy<Value = Candidate> {
    let progress = prop_oneof![
        Just(Progress::Unknown),
        Just(Progress::Preparing(3)),
        (0..=PIECES, 0..=PIECES).prop_map(|(have, total)| Progress::Pieces { have, total }),
    ];
    let (peer, identity) = (prop::option::of(0u8..8), prop::option::of(0u8..4));
    (peer, identity, progress, 0usize..3, any::<bool>()).prop_map(|(peer, identity, progress, addresses, relay)| {
        Candidate {
            peer: peer.map(|number| PeerId([number; 20])),
            identity: identity.map(|number| Identity([number; 32])),
            progress,
            addresses: (0..addresses).map(crate::world::address).collect(),
            relay,
            ..Candidate::default()
        }
    })
}

fn input() -> impl Strategy<Value = Input> {
    let link = || (0u64..12).prop_map(LinkKey);
    let source = prop::sample::select(vec![Source::Group, Source::Tracker, Source::Dht, Source::Pex]);
    let failures = vec![LinkFailure::Unreachable, LinkFailure::Offline, LinkFailure::NotPaired, LinkFailure::Gone];
    let bytes = prop::collection::vec(any::<u8>(), 0..200).prop_map(Bytes::from);
    let error = || StorageError::new(StorageErrorKind::NoRoom, "broken");
    prop_oneof![
        4 => (source, prop::collection::vec(candidate(), 0..12))
            .prop_map(|(source, list)| Input::Listed { source, candidates: list.into() }),
        1 => any::<bool>().prop_map(Input::RelayAvailable),
        4 => link().prop_map(|link| Input::Connected { link }),
        4 => link().prop_map(|link| Input::Granted { link }),
        4 => link().prop_map(|link| Input::Paired { link }),
        6 => (link(), prop::option::of(candidate().prop_map(Box::new)))
            .prop_map(|(link, who)| Input::Secured { link, who }),
        3 => (link(), prop::sample::select(failures)).prop_map(|(link, why)| Input::Failed { link, why }),
        4 => (link(), bytes).prop_map(|(link, bytes)| Input::Received { link, bytes }),
        3 => link().prop_map(|link| Input::Closed { link }),
        1 => (0u64..4).prop_map(|job| Input::Hashed { job: JobId(job), digest: Ok([0; 20]) }),
        1 => (0u64..4).prop_map(move |job| Input::Stored { job: JobId(job), result: Err(error()) }),
        1 => (0u8..4).prop_map(|number| Input::Command(Command::Ban(Identity([number; 32])))),
        1 => link().prop_map(|link| Input::Command(Command::Close(link))),
        4 => Just(Input::Tick),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let path = prop::sample::select(vec![Path::Relay, Path::Direct]);
    prop_oneof![
        12 => input().prop_map(Operation::Tell),
        3 => (candidate(), path).prop_map(|(from, path)| Operation::Accept(from, path)),
        1 => Just(Operation::Begin),
        3 => (0u64..40_000).prop_map(|millis| Operation::Pass(Duration::from_millis(millis))),
        1 => Just(Operation::Tell(Input::Leave)),
    ]
}

proptest! {
    #[test]
    fn any_inputs_in_any_order_keep_the_books_and_the_room(
        operations in prop::collection::vec(operation(), 1..120),
        direct in any::<bool>(),
    ) {
        let mut now = Timestamp(0);
        let mut peer = LocalPeer::new(Config { limit: LIMIT, direct }, PeerId([4; 20]), 7, now);
        let info: Arc<metainfo::Info> = info();
        for operation in operations {
            match operation {
                Operation::Tell(input) => peer.handle(input, now),
                Operation::Accept(from, path) => {
                    let mut room = LIMIT.left([peer.occupies()]);
                    let _ = peer.accept(from, path, &mut room, now);
                }
                Operation::Begin => {
                    let config = peer_engine::Config::new("x");
                    peer.begin(config, info.clone(), PieceSet::none(PIECES), now);
                }
                Operation::Pass(time) => {
                    now = now + time;
                    peer.handle(Input::Tick, now);
                }
            }
            let mut room = LIMIT.left([peer.occupies()]);
            let mut outputs = 0;
            while let Some(_output) = peer.poll_output(&mut room, now) {
                outputs += 1;
                prop_assert!(outputs < 1_000, "it never ends");
            }
            peer.check();
            let used = peer.occupies();
            prop_assert!(used.connecting <= LIMIT.connecting && used.links <= LIMIT.links, "{used:?}");
            // Whatever waits for time has a time that is not over.
            if let Some(at) = peer.poll_timeout(now) {
                peer.handle(Input::Tick, now.max(at));
                now = now.max(at);
            }
            let _ = peer.snapshot(now);
        }
    }
}
