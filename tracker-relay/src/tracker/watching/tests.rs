//! One group, sessions without sockets, and time that passes when it is told to.

use std::time::Duration;

use wire_protocol::control::{Announce, Offers, Progress};
use wire_protocol::ids::{MemberKey, PeerId};

use super::{
    Arc, FileId, FollowedGroup, GroupId, Instant, Participant, SWARM_LIST_EVERY, SWARM_LOOK_EVERY,
    SWARM_PEERS_PER_MESSAGE, SwarmName, SwarmPeer, TrackerToMember, Watching,
};
use crate::tracker::outbox::Outbox;
use crate::tracker::session_id::SessionId;

const GROUP: GroupId = GroupId([1; 16]);
const FILE: FileId = FileId([2; 16]);
const SWARM: SwarmName = SwarmName { group: GROUP, file: FILE };
const SOON: Duration = SWARM_LOOK_EVERY;

/// A session that follows the group, and what it has been told.
struct Session {
    participant: Arc<Participant>,
    watching: Watching,
    now: Instant,
}

impl Session {
    fn new(group: &Arc<FollowedGroup>, number: u64) -> Self {
        let participant = Arc::new(Participant {
            session: SessionId(number),
            member: MemberKey([number as u8; 32]),
            client: String::new(),
            observed: [127, 0, 0, 1].into(),
            outbox: Outbox::default(),
        });
        group.follow(participant.clone(), None);
        let (mut watching, now) = (Watching::default(), Instant::now());
        watching.follow(group.clone(), true, &participant, now);
        Self { participant, watching, now }
    }

    fn watch(&mut self) {
        assert!(self.watching.watch(SWARM, &self.participant, self.now));
    }

    /// What comes without waiting.
    fn told(&mut self) -> Vec<TrackerToMember> {
        if self.participant.outbox.is_nudged() {
            self.watching.nudge(self.now);
        }
        std::iter::from_fn(|| self.watching.next(&self.participant, self.now)).collect()
    }

    /// What comes after waiting for it, and how long that took.
    fn told_later(&mut self) -> (Duration, Vec<TrackerToMember>) {
        let before = self.now;
        loop {
            let told = self.told();
            if !told.is_empty() {
                return (self.now - before, told);
            }
            self.now = self.watching.wakes_at().expect("something comes");
        }
    }
}

fn group() -> Arc<FollowedGroup> {
    let group = Arc::new(FollowedGroup::new(GROUP));
    assert_eq!(group.learn(1, [FILE]), None);
    group
}

fn announce(group: &FollowedGroup, number: u64, have: u32) {
    let progress = Progress::Pieces { have, total: 10 };
    let peer = PeerId([number as u8; 20]);
    let announce = Announce { swarm: SWARM, peer, progress, listen: None, offers: Offers::default() };
    group.announce(SessionId(number), &announce).unwrap();
}

/// All, who has how much, who left.
type List = (bool, Vec<(u8, u32)>, Vec<u8>);

fn lists(messages: &[TrackerToMember]) -> Vec<List> {
    let lists = messages.iter().filter_map(|message| match message {
        TrackerToMember::SwarmPeers(list) => Some(list),
        _ => None,
    });
    let peer = |peer: &SwarmPeer| match peer.progress {
        Progress::Pieces { have, .. } => (peer.name.peer.0[0], have),
        Progress::Preparing(_) => panic!("nobody prepares"),
    };
    lists
        .map(|list| {
            let left = list.left.iter().map(|name| name.peer.0[0]).collect();
            (list.all, list.peers.iter().map(peer).collect(), left)
        })
        .collect()
}

fn counts(messages: &[TrackerToMember]) -> Vec<(u32, u32)> {
    let counts = messages.iter().filter_map(|message| match message {
        TrackerToMember::SwarmCounts(counts) => counts.counts.first(),
        _ => None,
    });
    counts.map(|count| (count.seeders, count.leechers)).collect()
}

#[test]
fn a_first_change_is_told_at_once_and_more_once_a_second_however_many_there_are() {
    let group = group();
    let mut watcher = Session::new(&group, 1);
    let mut peer = Session::new(&group, 2);
    watcher.watch();
    assert_eq!(lists(&watcher.told()), [(true, vec![], vec![])]);
    watcher.now += Duration::from_secs(5);
    announce(&group, 2, 0);
    let told = watcher.told();
    assert_eq!((lists(&told), counts(&told)), (vec![(false, vec![(2, 0)], vec![])], vec![(0, 1)]));
    for have in 1..=10 {
        announce(&group, 2, have);
    }
    let (waited, told) = watcher.told_later();
    assert_eq!(waited, SWARM_LIST_EVERY);
    assert_eq!((lists(&told), counts(&told)), (vec![(false, vec![(2, 10)], vec![])], vec![(1, 0)]));
    group.leave(peer.participant.session);
    let (waited, told) = watcher.told_later();
    assert_eq!(waited, SWARM_LIST_EVERY);
    assert_eq!((lists(&told), counts(&told)), (vec![(false, vec![], vec![2])], vec![(0, 0)]));
    assert_eq!(watcher.watching.wakes_at(), None, "nothing is left to tell");
    assert!(peer.told().is_empty(), "whoever is out hears nothing");
}

#[test]
fn a_long_list_comes_in_parts_and_misses_nobody_who_comes_meanwhile() {
    const PEERS: u64 = 3 * SWARM_PEERS_PER_MESSAGE as u64 / 2;
    let group = group();
    let _others: Vec<_> = (10..10 + PEERS).map(|number| Session::new(&group, number)).collect();
    (10..10 + PEERS).for_each(|number| announce(&group, number, 1));
    let mut watcher = Session::new(&group, 5);
    announce(&group, 5, 3);
    watcher.watch();
    let first = watcher.watching.next(&watcher.participant, watcher.now).unwrap();
    // One in the part that was told, one who comes.
    announce(&group, 10, 2);
    let _newcomer = Session::new(&group, 200);
    announce(&group, 200, 2);
    let mut seen = lists(&[first]);
    seen.extend(lists(&watcher.told()));
    let lens: Vec<_> = seen.iter().map(|(all, peers, _)| (*all, peers.len())).collect();
    assert_eq!(lens, [(true, SWARM_PEERS_PER_MESSAGE), (false, PEERS as usize / 3 + 1)]);
    let (_, told) = watcher.told_later();
    let told = lists(&told);
    assert!(told[0].1.contains(&(10, 2)) && told.len() == 1, "{told:?}");
    assert!(seen.iter().chain(&told).all(|(_, peers, _)| peers.iter().all(|(peer, _)| *peer != 5)), "one's own");
}

#[test]
fn whoever_may_have_forgotten_is_told_all_again() {
    let group = group();
    let _peer = Session::new(&group, 2);
    announce(&group, 2, 0);
    let mut watcher = Session::new(&group, 1);
    watcher.watch();
    assert_eq!(lists(&watcher.told()).len(), 1);
    let now = watcher.now;
    assert_eq!(watcher.watching.follow(group.clone(), false, &watcher.participant, now), None);
    assert!(watcher.told().is_empty(), "read again, but nothing was forgotten");
    let counts = watcher.watching.follow(group.clone(), true, &watcher.participant, now).unwrap();
    assert!(counts.all && counts.counts.len() == 1);
    watcher.now += SOON;
    assert_eq!(lists(&watcher.told()), [(true, vec![(2, 0)], vec![])]);
}

#[test]
fn only_what_is_there_can_be_watched_and_only_so_much() {
    let group = group();
    let mut watcher = Session::new(&group, 1);
    let elsewhere = SwarmName { group: GroupId([9; 16]), ..SWARM };
    let nothing = SwarmName { file: FileId([9; 16]), ..SWARM };
    for swarm in [elsewhere, nothing] {
        assert!(!watcher.watching.watch(swarm, &watcher.participant, watcher.now));
    }
    watcher.watch();
    watcher.watch();
    assert_eq!(lists(&watcher.told()).len(), 1);
    watcher.watching.unwatch(SWARM);
    let _peer = Session::new(&group, 2);
    announce(&group, 2, 0);
    watcher.now += SOON;
    let told = watcher.told();
    assert_eq!((lists(&told), counts(&told)), (vec![], vec![(0, 1)]));
}
