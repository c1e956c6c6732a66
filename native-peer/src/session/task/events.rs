//! What the conversation says.

use std::sync::Arc;

use membership::{ConversationEvent, DialFailure};
use wire_protocol::control::{GoneReason, LinkGrant, Refusal, RefusalCode, Reply, SwarmName};
use wire_protocol::ids::{GroupId, RequestId};

use super::super::published::Torrent;
use super::super::{GroupState, ServerClock, Status, SwarmNews};
use super::{Task, answer};

impl Task {
    pub(super) fn handle_event(&mut self, event: ConversationEvent) {
        match event {
            ConversationEvent::Online => self.online(),
            ConversationEvent::Synced => {
                let groups: Vec<GroupId> = self.conversation.groups().keys().copied().collect();
                groups.into_iter().for_each(|group| self.give_lost_again(group));
                self.tell_groups();
            }
            ConversationEvent::Offline { reason, .. } => self.status.send_modify(|status| {
                tracing::info!(%reason, "offline");
                status.is_online = false;
                status.failures += 1;
                status.reason.get_or_insert_with(|| reason.to_string());
            }),
            ConversationEvent::Refused(refusal) => self.end(refusal),
            ConversationEvent::Reply { id, outcome } => {
                self.renamed(id, &outcome);
                answer(self.replies.remove(&id), outcome);
            }
            ConversationEvent::Published { swarm, outcome } => {
                self.published.answered(swarm, outcome.is_ok());
                answer(self.publications.remove(&swarm), outcome);
            }
            ConversationEvent::Info { swarm, info } => {
                for waiting in self.infos.remove(&swarm).unwrap_or_default() {
                    answer(Some(waiting), info.clone());
                }
            }
            ConversationEvent::GroupChanged(group) | ConversationEvent::CredentialsChanged(group) => {
                self.group_changed(group);
            }
            ConversationEvent::GroupGone { group, why } => self.group_gone(group, why),
            ConversationEvent::JoinRefused { group, .. } => {
                if let Some(sender) = self.groups.get(&group) {
                    sender.send_modify(|known| known.is_refused = true);
                }
            }
            ConversationEvent::AdminsNamed { group, admins } => self.kept.named_admins.keep(group, &admins),
            ConversationEvent::SwarmChanged(swarm) => self.swarm_changed(swarm),
            ConversationEvent::AnnounceRefused { swarm, reason } => {
                tracing::warn!(file = %swarm.file, ?reason, "others do not see this peer");
                self.status.send_modify(|status| status.unseen = Some(reason));
            }
            ConversationEvent::LinkGranted(grant) => self.grant(grant),
            ConversationEvent::DialFailed { dial, why } => self.dialed(dial, Err(why)),
            ConversationEvent::DisplayNameChanged
            | ConversationEvent::CountsChanged(_)
            | ConversationEvent::InvitesChanged(_)
            | ConversationEvent::RequestsChanged(_)
            // The group itself is told as well.
            | ConversationEvent::JoinAccepted(_) => {}
        }
    }

    fn online(&mut self) {
        self.status.send_modify(|status| {
            *status = Status { is_online: true, was_online: true, ..Status::default() };
        });
        // What is asked already is asked again by itself.
        if let Some(name) = self.kept.wished_name.get().filter(|_| self.renaming.is_none()) {
            if name == self.conversation.display_name() {
                self.kept.wished_name.forget(&name);
            } else {
                self.renaming = Some((self.conversation.set_display_name(&name), name));
            }
        }
    }

    /// A name that the server will not have now is wished again at the next start.
    fn renamed(&mut self, id: RequestId, outcome: &Result<Reply, Refusal>) {
        if let Some((_, name)) = self.renaming.take_if(|(asked, _)| *asked == id)
            && outcome.as_ref().err().is_none_or(|refusal| refusal.code == RefusalCode::BadRequest)
        {
            self.kept.wished_name.forget(&name);
        }
    }

    /// No further attempts: whoever waits is told why.
    fn end(&mut self, refusal: Refusal) {
        for waiting in std::mem::take(&mut self.replies).into_values() {
            answer(Some(waiting), Err(refusal.clone()));
        }
        for waiting in std::mem::take(&mut self.publications).into_values() {
            answer(Some(waiting), Err(refusal.clone()));
        }
        for waiting in std::mem::take(&mut self.infos).into_values().flatten() {
            answer(Some(waiting), Err(refusal.clone()));
        }
        for waiting in std::mem::take(&mut self.unsynced) {
            answer(Some(waiting), Err(refusal.clone()));
        }
        self.status.send_modify(|status| {
            status.is_online = false;
            status.refused = Some(refusal);
        });
    }

    pub(super) fn group_state(&self, id: GroupId) -> GroupState {
        let clock = self.conversation.tracker_time_ms(self.now_ms()).map(ServerClock::new);
        GroupState {
            group: self.conversation.groups().get(&id).cloned(),
            gone: None,
            is_refused: false,
            credentials: self.conversation.credentials(id).map(Arc::new),
            clock,
        }
    }

    /// Publishes again what the server has forgotten of a group's files.
    fn give_lost_again(&mut self, id: GroupId) {
        if let Some(group) = self.conversation.groups().get(&id).cloned() {
            for (swarm, Torrent { info_hash, info, pieces }) in self.published.take_lost(id, &group.files) {
                tracing::info!(file = %swarm.file, "the server has lost a torrent; it is given again");
                self.conversation.publish_torrent(swarm, info_hash, info, pieces);
            }
        }
    }

    fn group_changed(&mut self, id: GroupId) {
        self.give_lost_again(id);
        if let Some(sender) = self.groups.get(&id)
            && self.conversation.groups().contains_key(&id)
        {
            sender.send_replace(self.group_state(id));
        }
    }

    /// Unless we are in it again by now.
    fn group_gone(&self, id: GroupId, why: GoneReason) {
        if let Some(sender) = self.groups.get(&id)
            && !self.conversation.groups().contains_key(&id)
        {
            sender.send_modify(|known| known.gone = Some(why));
        }
    }

    fn swarm_changed(&self, key: SwarmName) {
        if let Some(watch) = self.swarms.get(&key) {
            watch.peers.send_replace(self.swarm(key));
        }
    }

    fn grant(&mut self, grant: LinkGrant) {
        match grant.dial {
            Some(dial) => self.dialed(dial, Ok(grant)),
            None => self.tell_of_link(grant.swarm, SwarmNews::Asked(grant)),
        }
    }

    fn dialed(&mut self, dial: u32, outcome: Result<LinkGrant, DialFailure>) {
        if let Some((swarm, link)) = self.dials.remove(&dial) {
            self.tell_of_link(swarm, SwarmNews::Dialed { link, outcome });
        }
    }

    fn tell_of_link(&self, swarm: SwarmName, news: SwarmNews) {
        let Some(watch) = self.swarms.get(&swarm) else {
            return;
        };
        // Full: more peers dial at once than the swarm's task takes. They try again, and so does it.
        if watch.news.try_send(news).is_err() {
            tracing::debug!("news of a link is dropped");
        }
    }
}
