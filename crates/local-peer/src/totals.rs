//! Who gave what and got what over all links, who is gone, whom we served.

use std::collections::BTreeMap;

use peer_engine::LinkKey;

use crate::candidate::Candidate;
use crate::links::Path;
use crate::{Identity, PeerId};

/// People whose figures are kept; the figures of more go into one sum.
const PEOPLE_MAX: usize = 1024;
/// Seeders that are remembered after they left, to name those who had the file.
const SEEDERS_MAX: usize = 256;

/// Whom bytes are counted for: a person over all their peers, or a peer that nobody vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// A member.
    Identity(Identity),
    /// An ordinary BitTorrent client.
    Peer(PeerId),
}

/// Bytes of blocks, without the protocol around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Given {
    /// From them to us.
    pub downloaded: u64,
    /// From us to them.
    pub uploaded: u64,
}

impl Given {
    fn add(&mut self, other: Given) {
        self.downloaded += other.downloaded;
        self.uploaded += other.uploaded;
    }
}

impl std::ops::Add for Given {
    type Output = Given;

    fn add(mut self, other: Given) -> Given {
        Given::add(&mut self, other);
        self
    }
}

/// A peer that exchanged handshakes with us, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Its id on the peer wire.
    pub peer: PeerId,
    /// Whose it is.
    pub identity: Option<Identity>,
    /// The person's name; empty: an ordinary client.
    pub name: String,
    /// Program and version; empty: not known.
    pub client: String,
    /// What its link goes over.
    pub path: Path,
}

impl Who {
    pub(crate) fn new(peer: PeerId, candidate: &Candidate, path: Path) -> Self {
        let (name, client) = (candidate.name.clone(), candidate.client.clone());
        Self { peer, identity: candidate.identity, name, client, path }
    }

    /// Whom its bytes are counted for.
    pub fn person(&self) -> Person {
        self.identity.map_or(Person::Peer(self.peer), Person::Identity)
    }
}

/// A person whose links are all gone.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// Its last peer.
    pub who: Who,
    pub given: Given,
}

/// Who gave and got what in this run.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    /// Who is at the other ends, from the handshakes until the engine says that they are gone.
    present: BTreeMap<LinkKey, Who>,
    /// What went over links that are gone.
    past: BTreeMap<Person, Account>,
    /// The same of people beyond [`PEOPLE_MAX`], and how many links of them we served.
    rest: Given,
    rest_served: usize,
    /// People who had everything, by name.
    seeders: BTreeMap<Person, String>,
    /// Names of people who sent bad data.
    sent_bad: BTreeMap<Person, String>,
    sent_direct: u64,
    sent_relay: u64,
}

impl Totals {
    /// The handshakes are exchanged.
    pub fn on_ready(&mut self, link: LinkKey, who: Who) {
        self.present.insert(link, who);
    }

    /// It is gone, and so much went over its link. A liar (`is_banned`) is not among those who gave anything.
    /// Returns who it was, and all that went to and from that person.
    pub fn on_gone(&mut self, link: LinkKey, given: Given, is_banned: bool) -> Option<(Who, Given)> {
        let who = self.present.remove(&link)?;
        let person = who.person();
        if is_banned {
            self.past.remove(&person);
            return Some((who, Given::default()));
        }
        if self.past.len() >= PEOPLE_MAX && !self.past.contains_key(&person) {
            self.rest.add(given);
            self.rest_served += usize::from(given.uploaded > 0);
            return Some((who, given));
        }
        let account = self.past.entry(person).or_insert_with(|| Account { who: who.clone(), given: Given::default() });
        account.who = who.clone();
        account.given.add(given);
        Some((who, account.given))
    }

    /// Bytes went out on a link, the protocol included.
    pub fn on_sent(&mut self, path: Path, bytes: usize) {
        match path {
            Path::Direct => self.sent_direct += bytes as u64,
            Path::Relay => self.sent_relay += bytes as u64,
        }
    }

    /// Bytes sent over each path, the protocol included: direct, relay.
    pub fn sent(&self) -> (u64, u64) {
        (self.sent_direct, self.sent_relay)
    }

    pub fn who(&self, link: LinkKey) -> Option<&Who> {
        self.present.get(&link)
    }

    /// Who has, or had, this peer id.
    pub fn find(&self, peer: PeerId) -> Option<&Who> {
        let past = self.past.values().map(|account| &account.who);
        self.present.values().chain(past).find(|who| who.peer == peer)
    }

    /// What went over links of this person that are gone.
    pub fn past(&self, person: Person) -> Given {
        self.past.get(&person).map(|account| account.given).unwrap_or_default()
    }

    /// People who gave or got something and have no link any more.
    pub fn gone(&self) -> impl Iterator<Item = &Account> {
        let is_here = |person: Person| self.present.values().any(|who| who.person() == person);
        let something = |given: Given| given.downloaded + given.uploaded > 0;
        self.past
            .iter()
            .filter(move |(person, account)| something(account.given) && !is_here(**person))
            .map(|(_, account)| account)
    }

    /// People who got something from us; `now`: links with what was sent over each so far.
    pub fn served(&self, now: impl Iterator<Item = (LinkKey, u64)>) -> usize {
        let past = self.past.iter().filter(|(_, account)| account.given.uploaded > 0).map(|(person, _)| *person);
        let here = now.filter(|(_, uploaded)| *uploaded > 0).filter_map(|(link, _)| Some(self.who(link)?.person()));
        let people: std::collections::BTreeSet<Person> = past.chain(here).collect();
        people.len() + self.rest_served
    }

    /// Remembers who has everything.
    pub fn see<'a>(&mut self, listed: impl Iterator<Item = &'a Candidate>) {
        for candidate in listed.filter(|candidate| candidate.progress.is_complete() && !candidate.name.is_empty()) {
            let person = candidate.identity.map(Person::Identity).or(candidate.peer.map(Person::Peer));
            if let Some(person) = person
                && (self.seeders.len() < SEEDERS_MAX || self.seeders.contains_key(&person))
            {
                self.seeders.insert(person, candidate.name.clone());
            }
        }
    }

    /// Somebody is proved to have sent bad data.
    pub fn on_bad(&mut self, who: &Who) {
        if self.sent_bad.len() < SEEDERS_MAX && !who.name.is_empty() {
            self.sent_bad.insert(who.person(), who.name.clone());
        }
    }

    /// Names of those who sent bad data, each once.
    pub fn sent_bad(&self) -> Vec<String> {
        let names: std::collections::BTreeSet<&String> = self.sent_bad.values().collect();
        names.into_iter().cloned().collect()
    }

    /// Names of those who had everything and are not listed any more.
    pub fn gone_seeders<'a>(&self, listed: impl Iterator<Item = &'a Candidate>) -> Vec<String> {
        let here: std::collections::BTreeSet<&str> = listed.map(|candidate| &candidate.name[..]).collect();
        let gone = self.seeders.values().filter(|name| !here.contains(&name[..]));
        let names: std::collections::BTreeSet<&String> = gone.collect();
        names.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Progress;

    fn who(identity: u8, peer: u8) -> Who {
        Who {
            peer: PeerId([peer; 20]),
            identity: Some(Identity([identity; 32])),
            name: format!("member {identity}"),
            client: String::new(),
            path: Path::Relay,
        }
    }

    fn given(downloaded: u64, uploaded: u64) -> Given {
        Given { downloaded, uploaded }
    }

    #[test]
    fn a_person_is_one_over_all_links_and_peer_ids() {
        let mut totals = Totals::default();
        totals.on_ready(LinkKey(1), who(1, 1));
        totals.on_ready(LinkKey(2), who(1, 2));
        assert_eq!(totals.on_gone(LinkKey(1), given(10, 1), false).unwrap().1, given(10, 1));
        assert_eq!(totals.gone().count(), 0, "another link of the same person is there");
        assert_eq!(totals.on_gone(LinkKey(2), given(5, 2), false).unwrap().1, given(15, 3));
        let gone: Vec<_> = totals.gone().map(|account| (account.who.peer, account.given)).collect();
        assert_eq!(gone, [(PeerId([2; 20]), given(15, 3))]);
    }

    #[test]
    fn who_lied_is_not_among_those_who_gave() {
        let mut totals = Totals::default();
        for link in [1, 2] {
            totals.on_ready(LinkKey(link), who(1, 1));
            totals.on_gone(LinkKey(link), given(10, 0), link == 2);
        }
        assert_eq!(totals.gone().count(), 0);
    }

    #[test]
    fn served_are_people_not_links() {
        let mut totals = Totals::default();
        for (link, identity) in [(1, 1), (2, 1), (3, 2), (4, 3)] {
            totals.on_ready(LinkKey(link), who(identity, identity));
        }
        totals.on_gone(LinkKey(1), given(0, 1), false);
        let now = [(LinkKey(2), 7), (LinkKey(3), 7), (LinkKey(4), 0)];
        assert_eq!(totals.served(now.into_iter()), 2);
    }

    #[test]
    fn strangers_without_end_are_counted_and_not_remembered() {
        let mut totals = Totals::default();
        let strangers = PEOPLE_MAX + 100;
        for nth in 0..strangers {
            let mut stranger = Who { identity: None, ..who(0, 0) };
            stranger.peer.0[..8].copy_from_slice(&(nth as u64).to_be_bytes());
            totals.on_ready(LinkKey(nth as u64), stranger);
            totals.on_gone(LinkKey(nth as u64), given(0, 1), false);
        }
        assert_eq!(totals.past.len(), PEOPLE_MAX);
        assert_eq!(totals.served(std::iter::empty()), strangers);
        assert_eq!(totals.rest, given(0, 100));
    }

    #[test]
    fn seeders_that_left_are_named_once_and_those_who_are_here_are_not() {
        let seeder = |identity: u8, name: &str| Candidate {
            peer: Some(PeerId([identity; 20])),
            identity: Some(Identity([identity; 32])),
            name: name.to_owned(),
            progress: Progress::Pieces { have: 4, total: 4 },
            ..Candidate::default()
        };
        let leecher = Candidate { progress: Progress::Pieces { have: 1, total: 4 }, ..seeder(9, "Lee") };
        let mut totals = Totals::default();
        totals.see([seeder(1, "Ana"), seeder(2, "Ben"), seeder(3, "Ben"), leecher].iter());
        assert_eq!(totals.gone_seeders([seeder(1, "Ana")].iter()), ["Ben"]);
    }
}
