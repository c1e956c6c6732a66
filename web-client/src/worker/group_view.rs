//! A group as the page shows it.

use membership::Group;
use wire_protocol::control::{FileCard, InviteCard, JoinRequest, Member, Progress, Role, SwarmPeer};
use wire_protocol::ids::GroupId;
use wire_protocol::invite::Invite;

use super::driver::Driver;
use crate::messages::{FileView, GroupView, InviteView, MemberView, RequestView};
use crate::screen::activity::activity;
use crate::screen::people::name_of;

impl Driver {
    pub(super) fn group_view(&self, id: GroupId, group: &Group) -> GroupView {
        let me = self.conversation.member();
        let is_open = self.open_group == Some(id);
        let requests = self.boards.requests.get(&id).map_or(&[][..], Vec::as_slice);
        let invites = self.boards.invites.get(&id).filter(|_| is_open);
        GroupView {
            group: id,
            slug: group.slug.clone(),
            name: group.name.clone(),
            is_admin: group.role(me) == Some(Role::Admin),
            invite: self.kept.invites.get(&group.slug).cloned(),
            members: group.members.iter().map(|member| self.member_view(group, member)).collect(),
            files: group.files.iter().map(|card| self.file_view(group, card)).collect(),
            requests: requests.iter().map(|request| self.request_view(id, group, request)).collect(),
            invites: invites.map(|cards| cards.iter().map(|card| self.invite_view(group, card)).collect()),
            activity: if is_open { activity(group, me) } else { Vec::new() },
        }
    }

    fn member_view(&self, group: &Group, member: &Member) -> MemberView {
        let is_me = member.key == self.conversation.member();
        let is_sharing = group.swarms.values().flatten().any(|peer| peer.name.member == member.key);
        MemberView {
            member: member.key,
            mark: member.key.mark(),
            name: member.display_name.clone(),
            is_me,
            is_admin: member.role == Role::Admin,
            is_sharing: is_sharing || (is_me && self.swarms.transfers().next().is_some()),
        }
    }

    fn file_view(&self, group: &Group, card: &FileCard) -> FileView {
        let me = self.conversation.member();
        let peers = group.swarm(card.file);
        // The counts of a swarm that this tab is in count this tab.
        let (seeders, leechers) = match self.swarms.key_of_file(card.file).is_some() {
            true => (count(peers, Progress::is_complete), count(peers, has_a_part)),
            false => (group.count(card.file).seeders, group.count(card.file).leechers),
        };
        FileView {
            file: card.file,
            name: card.name.clone(),
            size: card.size,
            info_hash: card.torrent.map(|torrent| torrent.info_hash.to_string()),
            added_by: name_of(group, card.added_by),
            is_mine: card.added_by == me,
            is_removable: card.added_by == me || group.role(me) == Some(Role::Admin),
            seeders,
            leechers,
        }
    }

    fn request_view(&self, id: GroupId, group: &Group, request: &JoinRequest) -> RequestView {
        RequestView {
            member: request.member,
            name: request.display_name.clone(),
            mark: request.member.mark(),
            message: request.message.clone(),
            invited_by: request.invited_by.map(|member| name_of(group, member)),
            was_removed: request.was_removed,
            is_being_answered: self.pending.answers(id, request.member),
        }
    }

    fn invite_view(&self, group: &Group, card: &InviteCard) -> InviteView {
        let link = self.kept.links.get(&card.invite);
        let link = link.and_then(|link| Invite::new(&self.server.origin, &link.slug, link.secret).ok());
        InviteView {
            invite: card.invite,
            link: link.map(|link| link.to_string()),
            created_by: name_of(group, card.created_by),
            is_mine: card.created_by == self.conversation.member(),
            expires_at_ms: card.expires_at_ms,
            uses_left: card.uses_left,
            needs_accept: card.needs_accept,
        }
    }
}

fn count(peers: &[SwarmPeer], is: impl Fn(&Progress) -> bool) -> u32 {
    peers.iter().filter(|peer| is(&peer.progress)).count() as u32
}

fn has_a_part(progress: &Progress) -> bool {
    matches!(progress, Progress::Pieces { have, total } if 0 < *have && have < total)
}
