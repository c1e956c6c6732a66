//! A swarm of a group: what its tracker tells, and what it is told.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use local_peer::{Candidate, CandidateList, Identity, Input, LinkFailure, Path, Progress, Source};
use membership::candidates::{announced, candidate, peer_name};
use peer_engine::LinkKey;
use secure_link::Proven;
use tokio::sync::watch;
use wire_protocol::control::{self, LinkGrant, PeerName, SwarmPeer};
use wire_protocol::ids::InfoHash;

use super::outside::announced_at;
use super::task::Task;
use super::trust::Trust;
use super::{InGroup, OrdinaryClients, Presence};
use crate::cli::Tuning;
use crate::links::{Access, Granted, Security};
use crate::session::{GroupState, Session, SessionOver, SwarmFeed, SwarmNews};

pub struct GroupSide {
    presence: Presence,
    session: Arc<Session>,
    feed: SwarmFeed,
    /// The list as it was handed in last.
    listed: CandidateList,
    /// Ordinary clients that announced themselves are served and fetched from.
    takes_announced: bool,
    /// Where those accept connections, as was told last.
    strangers: Vec<SocketAddr>,
    /// Where they may come from.
    announced: watch::Sender<Vec<IpAddr>>,
    trust: Trust,
    /// What the session was too busy to be told.
    unsaid: Option<Progress>,
    /// The session has ended: there will be no more news.
    is_over: bool,
}

impl GroupSide {
    pub async fn new(
        group: InGroup,
        info_hash: InfoHash,
        tuning: &Tuning,
        ordinary: OrdinaryClients,
    ) -> Result<Self, SessionOver> {
        let InGroup { session, presence } = group;
        let feed = session.watch_swarm(presence.swarm).await?;
        let trust = Trust::new(&presence, info_hash, tuning.encrypted);
        let listed = CandidateList::default();
        let takes_announced = ordinary != OrdinaryClients::Nobody;
        let announced = watch::Sender::default();
        Ok(Self {
            presence,
            session,
            feed,
            listed,
            takes_announced,
            strangers: Vec::new(),
            announced,
            trust,
            unsaid: None,
            is_over: false,
        })
    }

    /// For whoever accepts connections.
    pub fn access(&self) -> Access {
        Access { credentials: self.trust.credentials(), group: self.feed.group.clone() }
    }

    /// Waits for news; for ever if there is no group, or no more news of it.
    pub async fn next(group: &mut Option<Self>) -> Result<SwarmNews, SessionOver> {
        match group {
            Some(side) if !side.is_over => side.feed.next().await.inspect_err(|_| side.is_over = true),
            _ => std::future::pending().await,
        }
    }

    /// Asks the tracker for a link over the relay. `false`: not now.
    pub fn dial(&self, link: LinkKey, to: &Candidate) -> bool {
        peer_name(to).is_some_and(|to| self.session.dial(self.presence.swarm, to, link))
    }

    /// How a link that we dial is secured; `None`: we cannot prove ourselves yet.
    pub fn initiate(&self, to: &Candidate) -> Option<Security> {
        self.trust.security(to, Security::Initiate)
    }

    pub fn announce(&mut self, progress: Progress) {
        let is_said = announced(progress).is_none_or(|told| self.session.announce(self.presence.announce(told)));
        self.unsaid = (!is_said).then_some(progress);
    }

    pub fn say_again(&mut self) {
        if let Some(progress) = self.unsaid {
            self.announce(progress);
        }
    }

    /// Who proved to be there, with what the tracker says of them, if it has said so yet.
    pub fn proven(&self, who: &Proven) -> Candidate {
        let name = self.feed.group.borrow().name_of(who.member);
        let is_it = |listed: &&SwarmPeer| listed.name == PeerName { member: who.member, peer: who.peer };
        let unlisted = || Candidate {
            peer: Some(who.peer),
            identity: Some(Identity(who.member.0)),
            name: name.clone(),
            ..Candidate::default()
        };
        let peers = self.feed.peers.borrow();
        peers.iter().find(is_it).map_or_else(unlisted, |listed| candidate(listed, &name))
    }

    /// Who else is in the swarm.
    pub fn peers(&self) -> Arc<[SwarmPeer]> {
        self.feed.peers.borrow().clone()
    }

    pub async fn withdraw(self) {
        self.session.withdraw(self.presence.swarm).await;
    }

    /// What the list, a name in it or the connection to the server have become.
    fn changes(&mut self) -> Vec<Input> {
        let is_online = self.feed.status.borrow_and_update().is_online;
        let peers = self.feed.peers.borrow_and_update().clone();
        let group = self.feed.group.borrow_and_update().clone();
        self.trust.renew(&group);
        let people = group.group.iter().flat_map(|group| &group.members).map(|member| Identity(member.key.0)).collect();
        let mut changes = vec![Input::RelayAvailable(is_online), Input::People(people)];
        changes.extend(self.meet(&group, &peers));
        let of_group = peers.iter().filter(|peer| peer.source == control::Source::Session);
        let candidates = of_group.map(|listed| candidate(listed, &group.name_of(listed.name.member)));
        if let Some(candidates) = self.listed.next(candidates) {
            self.listed = candidates.clone();
            changes.push(Input::Listed { source: Source::Group, candidates });
        }
        changes
    }
}

impl GroupSide {
    /// Addresses from which announced clients come.
    pub fn announced_from(&self) -> watch::Receiver<Vec<IpAddr>> {
        self.announced.subscribe()
    }

    /// Clients that announced themselves. To us they are strangers at their addresses: who lies is not their member.
    fn meet(&mut self, group: &GroupState, peers: &[SwarmPeer]) -> Option<Input> {
        let from = group.group.as_ref().map(|group| group.announced_from(self.presence.swarm.file).to_vec());
        let from = from.unwrap_or_default();
        self.announced.send_if_modified(|before| std::mem::replace(before, from.clone()) != from);
        let addresses = announced_at(peers);
        let is_new = std::mem::replace(&mut self.strangers, addresses.clone()) != addresses;
        let is_met = self.takes_announced && is_new && !addresses.is_empty();
        is_met.then_some(Input::Found { source: Source::Tracker, addresses })
    }
}

impl Task {
    pub(super) fn on_news(&mut self, news: SwarmNews) {
        match news {
            SwarmNews::Changed => {
                let changes = self.group.as_mut().map(GroupSide::changes);
                changes.into_iter().flatten().for_each(|change| self.handle(change));
            }
            SwarmNews::Asked(grant) => self.on_asked(grant),
            SwarmNews::Dialed { link, outcome: Ok(grant) } => self.on_granted(link, grant),
            SwarmNews::Dialed { link, outcome: Err(why) } => {
                self.links.forget(link);
                self.handle(Input::Failed { link, why: why.into() });
            }
        }
    }

    /// Another peer asked for a link over the relay.
    fn on_asked(&mut self, grant: LinkGrant) {
        let Some(group) = &self.group else { return };
        let name = group.feed.group.borrow().name_of(grant.peer.name.member);
        let from = candidate(&grant.peer, &name);
        if let Some(security) = group.trust.security(&from, Security::Respond)
            && let Some(link) = self.accept(from, Path::Relay)
        {
            self.links.ask(link);
            self.grant(link, grant, security);
        }
    }

    fn on_granted(&mut self, link: LinkKey, grant: LinkGrant) {
        let security = self.group.as_ref().and_then(|group| group.initiate(&candidate(&grant.peer, "")));
        let Some(security) = security else {
            self.links.forget(link);
            return self.handle(Input::Failed { link, why: LinkFailure::OutOfDate });
        };
        self.grant(link, grant, security);
        self.handle(Input::Granted { link });
    }

    fn grant(&mut self, link: LinkKey, grant: LinkGrant, security: Security) {
        let Some(group) = &self.group else { return };
        let url = group.session.server().link(grant.relay.as_deref());
        self.links.grant(link, Granted { url, token: grant.token, link: grant.link }, security);
    }
}
