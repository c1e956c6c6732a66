//! What the tracker tells of peers and links, in the words of a local peer, and back: the same in every driver.

use local_peer::{Candidate, Identity, LinkFailure, Progress};
use secure_link::LinkError;
use wire_protocol::control::{self, DialRefusal, PeerName, Source, SwarmPeer};
use wire_protocol::ids::MemberKey;

use crate::event::DialFailure;

/// A listed peer as one that could be linked with. `name`: what its member is called ([`crate::Group::name_of`]).
pub fn candidate(listed: &SwarmPeer, name: &str) -> Candidate {
    let PeerName { member, peer } = listed.name;
    // Of an ordinary client that announced itself the tracker knows no peer id, and it comes to no relay.
    let is_covey = listed.source == Source::Session;
    Candidate {
        peer: is_covey.then_some(peer),
        identity: Some(Identity(member.0)),
        name: name.to_owned(),
        client: listed.client.clone(),
        progress: match listed.progress {
            control::Progress::Preparing(per_mille) => Progress::Preparing(per_mille),
            control::Progress::Pieces { have, total } => Progress::Pieces { have, total },
        },
        addresses: listed.tcp.clone(),
        caller: None,
        relay: is_covey,
    }
}

/// What the tracker calls it; `None`: the tracker does not know it.
pub fn peer_name(candidate: &Candidate) -> Option<PeerName> {
    Some(PeerName { member: MemberKey(candidate.identity?.0), peer: candidate.peer? })
}

/// As the tracker is told; `None`: there is nothing to tell.
pub fn announced(progress: Progress) -> Option<control::Progress> {
    match progress {
        Progress::Unknown => None,
        Progress::Preparing(per_mille) => Some(control::Progress::Preparing(per_mille)),
        Progress::Pieces { have, total } => Some(control::Progress::Pieces { have, total }),
    }
}

/// Why a link is not secured.
pub fn unsecured(error: &LinkError) -> LinkFailure {
    if error.is_impostor() {
        LinkFailure::Impostor
    } else if error.is_out_of_date() {
        LinkFailure::OutOfDate
    } else {
        LinkFailure::NotSecured
    }
}

/// Why a link was not granted.
impl From<DialFailure> for LinkFailure {
    fn from(why: DialFailure) -> Self {
        match why {
            DialFailure::Refused(DialRefusal::NoSuchPeer) => LinkFailure::Gone,
            // The other side dials: as good as linked.
            DialFailure::Refused(DialRefusal::AlreadyLinked | DialRefusal::NotYours) => LinkFailure::AlreadyLinked,
            DialFailure::Refused(DialRefusal::TooMany) => LinkFailure::TooMany,
            DialFailure::Refused(DialRefusal::NotAnnounced) => LinkFailure::NotAnnounced,
            DialFailure::Offline => LinkFailure::Offline,
            DialFailure::NoAnswer => LinkFailure::TimedOut,
            // Nobody could meet there.
            DialFailure::BadGrant => LinkFailure::NotPaired,
        }
    }
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::Offers;
    use wire_protocol::ids::PeerId;

    use super::*;

    const ANA: PeerName = PeerName { member: MemberKey([2; 32]), peer: PeerId([3; 20]) };

    fn listed(source: Source) -> SwarmPeer {
        SwarmPeer {
            name: ANA,
            client: "native-peer 0.1.0".to_owned(),
            progress: control::Progress::Pieces { have: 4, total: 4 },
            tcp: vec!["192.0.2.1:7000".parse().unwrap()],
            offers: Offers::default(),
            source,
        }
    }

    #[test]
    fn a_members_peer_keeps_its_name_its_person_and_its_ways() {
        let candidate = candidate(&listed(Source::Session), "Ana");
        assert_eq!(peer_name(&candidate), Some(ANA));
        assert_eq!((&candidate.name[..], candidate.relay, candidate.addresses.len()), ("Ana", true, 1));
        assert!(candidate.progress.is_complete());
        assert_eq!(announced(candidate.progress), Some(listed(Source::Session).progress));
    }

    #[test]
    fn an_ordinary_client_that_announced_itself_is_an_address_of_its_member() {
        let candidate = candidate(&listed(Source::Announced), "Ana");
        assert_eq!((candidate.peer, candidate.relay), (None, false), "its peer id is made up");
        assert_eq!(candidate.identity, Some(Identity(ANA.member.0)), "bans hang on it");
        assert_eq!(peer_name(&candidate), None, "the relay is not asked for it");
    }
}
