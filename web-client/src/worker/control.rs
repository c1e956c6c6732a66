//! What the conversation's events mean for groups, swarms and links.

use local_peer::Input;
use membership::ConversationEvent;
use membership::candidates::candidate;
use wire_protocol::control::{LinkGrant, SwarmName};
use wire_protocol::ids::GroupId;

use super::boards::Look;
use super::clock::Now;
use super::driver::Driver;
use super::scope::log;
use super::swarm::Phase;
use crate::screen::contact::{offline_reason, unseen_line};
use crate::screen::downloads::removed_line;
use crate::screen::people::name_of;
use crate::screen::refusals::refusal_line;

impl Driver {
    pub(super) fn on_conversation_event(&mut self, event: ConversationEvent, now: Now) {
        match event {
            ConversationEvent::Online => {
                self.contact.on_online();
                self.set_relay(true, now);
            }
            ConversationEvent::Offline { reason, retry_at_ms } => {
                self.contact.on_offline(offline_reason(&reason), retry_at_ms, now.ms());
                self.set_relay(false, now);
            }
            ConversationEvent::Refused(refusal) => {
                self.contact.refused = Some(refusal_line(&refusal));
                self.urgent = true;
            }
            ConversationEvent::Reply { id, outcome } => self.on_reply(id, outcome),
            ConversationEvent::GroupChanged(group) => self.on_group_changed(group, now),
            ConversationEvent::SwarmChanged(swarm) => self.on_swarm_changed(swarm, now),
            ConversationEvent::CredentialsChanged(group) => {
                for key in self.swarms.keys_of(group) {
                    self.identify(key, now);
                }
            }
            ConversationEvent::CountsChanged(_) => self.urgent = true,
            ConversationEvent::Synced => {
                self.look_at_all();
                self.settle_wanted_group();
            }
            ConversationEvent::DisplayNameChanged => {
                self.kept.set_display_name(self.conversation.display_name());
                self.urgent = true;
            }
            ConversationEvent::AnnounceRefused { swarm, reason } => {
                if let Some(swarm) = self.swarms.key_of(swarm).and_then(|key| self.swarms.get(key)) {
                    self.notice(unseen_line(&swarm.name, reason));
                }
            }
            ConversationEvent::Info { swarm, info } => {
                self.on_info_of_own(swarm, &info);
                self.on_info(swarm, info);
            }
            ConversationEvent::LinkGranted(grant) => self.on_link_granted(grant, now),
            ConversationEvent::DialFailed { dial, why } => {
                if let Some((transfer, link)) = self.swarms.take_dial(dial) {
                    transfer.on_failed(link, why.into(), now);
                }
            }
            ConversationEvent::GroupGone { group, why } => self.on_group_gone(group, why),
            ConversationEvent::InvitesChanged(group) => {
                if self.open_group == Some(group) {
                    self.look(Look::Invites(group));
                }
            }
            ConversationEvent::RequestsChanged(group) => {
                if self.is_admin(group) {
                    self.look(Look::Requests(group));
                }
            }
            ConversationEvent::JoinAccepted(group) => self.on_join_accepted(group),
            ConversationEvent::JoinRefused { group, slug } => self.on_join_refused(group, &slug),
            ConversationEvent::AdminsNamed { group, admins } => self.kept.name_admins(group, &admins),
            ConversationEvent::Published { swarm, outcome } => self.on_published(swarm, outcome, now),
        }
    }

    fn set_relay(&mut self, is_up: bool, now: Now) {
        for transfer in self.swarms.transfers_mut() {
            transfer.handle(Input::RelayAvailable(is_up), now);
        }
        self.urgent = true;
    }

    fn on_swarm_changed(&mut self, swarm: SwarmName, now: Now) {
        self.urgent |= self.watched.contains(&swarm);
        let group = self.conversation.groups().get(&swarm.group);
        let key = self.swarms.key_of(swarm);
        if let Some((group, swarm)) = group.zip(key.and_then(|key| self.swarms.get_mut(key))) {
            swarm.see(group, now);
        }
    }

    fn on_group_changed(&mut self, group: GroupId, now: Now) {
        self.urgent = true;
        let Some(known) = self.conversation.groups().get(&group) else {
            return self.end_group(group);
        };
        self.group_names.insert(group, (known.slug.clone(), known.name.clone()));
        for key in self.swarms.keys_of(group) {
            match self.swarms.get(key).is_some_and(|swarm| swarm.share.is_some()) {
                true => self.settle_share(key, now),
                false => self.leave_if_removed(key),
            }
            self.advance(key, now);
        }
        self.act_again();
        self.settle_board(group);
        self.settle_watches();
        self.settle_wanted_group();
        self.enter_own_group();
    }

    fn leave_if_removed(&mut self, key: u64) {
        let Some(SwarmName { group, file }) = self.swarms.get(key).map(|swarm| swarm.id) else {
            return;
        };
        let known = self.conversation.groups().get(&group);
        if known.is_some_and(|known| known.file(file).is_some()) {
            return;
        }
        let Some(swarm) = self.swarms.remove(key) else {
            return;
        };
        self.leave(swarm.id);
        // What came of it stays on disk, until the person removes it.
        // What was waited for may be there already, as another card.
        let is_waited_for = matches!(swarm.phase, Phase::AwaitingTorrent);
        let groups = self.conversation.groups();
        let same = groups.get(&group).and_then(|known| known.published(&swarm.name, swarm.size));
        match same.filter(|_| is_waited_for).map(|card| card.file) {
            Some(file) => self.download(group, file, swarm.tuning, false),
            None => self.notice(removed_line(&swarm.name)),
        }
    }

    /// A link that this tab asked for, or that another peer asked for.
    fn on_link_granted(&mut self, grant: LinkGrant, now: Now) {
        if let Some(dial) = grant.dial {
            if let Some((transfer, link)) = self.swarms.take_dial(dial) {
                transfer.on_granted(link, grant, now);
            }
            return;
        }
        let Some(group) = self.conversation.groups().get(&grant.swarm.group) else {
            return;
        };
        let from = candidate(&grant.peer, &name_of(group, grant.peer.name.member));
        let mut room = self.swarms.room();
        let transfer = self.swarms.key_of(grant.swarm).and_then(|key| self.swarms.transfer(key));
        if let Some(Err(why)) = transfer.map(|transfer| transfer.accept(from, grant, &mut room, now)) {
            log(&format!("a link is not accepted: {why}"));
        }
    }
}
