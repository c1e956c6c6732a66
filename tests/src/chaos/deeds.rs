//! What people do, and what they choose to do next.

use fastrand::Rng;
use membership::{
    Accept, AddFile, AskToJoin, CloseGroup, Conversation, Group, InviteTerms, Join, KeptInvite, LeaveGroup, NewGroup,
    NewLink, Question, RefuseRequest, Remove, RemoveFile, RevokeInvite, SetRole, WithdrawRequest,
};
use wire_protocol::control::{INVITE_LIFETIME_S_MIN, Role};
use wire_protocol::ids::{FileId, GroupId, InviteId, MemberKey, RequestId};
use wire_protocol::invite::{Invite, SECRET_LEN};

use super::board::{Board, Link};
use super::effect::What;

/// Groups that are open at once; then somebody has to close one first.
const GROUPS_MAX: usize = 10;
/// Invites of one group in all, far below what the server takes.
const INVITES_MAX: usize = 100;
const HOUR_S: u32 = 3600;

/// One thing that somebody asks the server for.
#[derive(Debug, Clone)]
pub enum Deed {
    Create { group: GroupId, terms: InviteTerms },
    Invite { group: GroupId, terms: InviteTerms },
    Revoke { group: GroupId, invite: InviteId },
    Join(Link),
    Ask { group: GroupId, slug: String },
    Withdraw { group: GroupId },
    Accept { group: GroupId, member: MemberKey },
    Refuse { group: GroupId, member: MemberKey },
    Rename(String),
    AddFile { group: GroupId, file: FileId },
    RemoveFile { group: GroupId, file: FileId },
    SetRole { group: GroupId, member: MemberKey, role: Role },
    Remove { group: GroupId, member: MemberKey, epoch: u32, open: Vec<KeptInvite> },
    Leave { group: GroupId },
    Close { group: GroupId },
}

impl Deed {
    /// All kinds there are.
    pub const KINDS: [&str; 15] = [
        "create",
        "invite",
        "revoke",
        "join",
        "ask",
        "withdraw",
        "accept",
        "refuse",
        "rename",
        "add file",
        "remove file",
        "set role",
        "remove",
        "leave",
        "close",
    ];

    /// Which of [`Deed::KINDS`].
    pub fn kind(&self) -> &'static str {
        let at = match self {
            Self::Create { .. } => 0,
            Self::Invite { .. } => 1,
            Self::Revoke { .. } => 2,
            Self::Join(_) => 3,
            Self::Ask { .. } => 4,
            Self::Withdraw { .. } => 5,
            Self::Accept { .. } => 6,
            Self::Refuse { .. } => 7,
            Self::Rename(_) => 8,
            Self::AddFile { .. } => 9,
            Self::RemoveFile { .. } => 10,
            Self::SetRole { .. } => 11,
            Self::Remove { .. } => 12,
            Self::Leave { .. } => 13,
            Self::Close { .. } => 14,
        };
        Self::KINDS[at]
    }

    /// Asks for it.
    pub fn pose(self, server: &str, conversation: &mut Conversation) -> anyhow::Result<RequestId> {
        Ok(match self {
            Self::Create { group, terms } => NewGroup { group, name: String::new(), terms }.pose(conversation),
            Self::Invite { group, terms } => NewLink { group, terms }.pose(conversation),
            Self::Revoke { group, invite } => RevokeInvite { group, invite }.pose(conversation),
            Self::Join(link) => {
                let invite = Invite::new(server, &link.slug, link.secret)?;
                Join { invite, message: String::new() }.pose(conversation)
            }
            Self::Ask { slug, .. } => AskToJoin { slug, message: String::new() }.pose(conversation),
            Self::Withdraw { group } => WithdrawRequest { group }.pose(conversation),
            Self::Accept { group, member } => Accept { group, member }.pose(conversation),
            Self::Refuse { group, member } => RefuseRequest { group, member }.pose(conversation),
            Self::Rename(name) => conversation.set_display_name(&name),
            Self::AddFile { group, file } => {
                AddFile { group, file, name: "movie.mp4".to_owned(), size: 1 }.pose(conversation)
            }
            Self::RemoveFile { group, file } => RemoveFile { group, file }.pose(conversation),
            Self::SetRole { group, member, role } => SetRole { group, member, role }.pose(conversation),
            Self::Remove { group, member, open, .. } => Remove { group, member, open }.pose(conversation),
            Self::Leave { group } => LeaveGroup { group }.pose(conversation),
            Self::Close { group } => CloseGroup { group }.pose(conversation),
        })
    }

    /// What it does to a group, if it is done. Whether joining did is for the reply to say.
    pub fn effect(&self) -> Option<(GroupId, What)> {
        Some(match *self {
            Self::Create { group, .. } => (group, What::Created),
            Self::Accept { group, member } => (group, What::Accepted(member)),
            Self::AddFile { group, file } => (group, What::FileAdded(file)),
            Self::RemoveFile { group, file } => (group, What::FileRemoved(file)),
            Self::Remove { group, member, epoch, .. } => (group, What::Removed(member, epoch)),
            Self::Leave { group } => (group, What::Left),
            Self::Close { group } => (group, What::Closed),
            _ => return None,
        })
    }

    /// The group whose door it knocks at. Two of these at once would not have one outcome.
    pub fn door(&self) -> Option<GroupId> {
        match self {
            Self::Join(Link { group, .. }) | Self::Ask { group, .. } | Self::Withdraw { group } => Some(*group),
            _ => None,
        }
    }
}

/// Chooses for one person, from what they see and what friends have told them. `None`: nothing comes to mind.
pub fn choose(rng: &mut Rng, me: &Conversation, board: &Board) -> Option<Deed> {
    let groups: Vec<_> = me.groups().iter().collect();
    let own = rng.choice(&groups).map(|(id, group)| (**id, &***group));
    let (group, state) = match own {
        Some(own) if rng.u8(..100) < 72 => own,
        _ => return choose_outside(rng, me, board),
    };
    choose_inside(rng, me.member(), (group, state), board)
}

fn choose_outside(rng: &mut Rng, me: &Conversation, board: &Board) -> Option<Deed> {
    match rng.u8(..100) {
        0..20 if board.groups.len() < GROUPS_MAX => {
            Some(Deed::Create { group: GroupId(bytes(rng)), terms: terms(rng) })
        }
        0..35 => Some(Deed::Rename(format!("Somebody {}", rng.u32(..)))),
        35..70 => {
            let strange = board.links.iter().filter(|link| !me.groups().contains_key(&link.group));
            rng.choice(&strange.collect::<Vec<_>>()).map(|link| Deed::Join((*link).clone()))
        }
        70..92 => {
            let is_strange =
                |group: &GroupId| !me.groups().contains_key(group) && !board.asking.contains(&(*group, me.member()));
            let strange: Vec<_> = board.groups.iter().filter(|(group, _)| is_strange(group)).collect();
            rng.choice(&strange).map(|(group, slug)| Deed::Ask { group: **group, slug: (*slug).clone() })
        }
        _ => {
            let asked = board.asking.iter().filter(|(_, who)| *who == me.member());
            rng.choice(&asked.collect::<Vec<_>>()).map(|(group, _)| Deed::Withdraw { group: *group })
        }
    }
}

/// Also what the person may not do: that is refused, and must change nothing.
fn choose_inside(rng: &mut Rng, me: MemberKey, (group, state): (GroupId, &Group), board: &Board) -> Option<Deed> {
    let links: Vec<_> = board.links.iter().filter(|link| link.group == group).collect();
    let member = rng.choice(&state.members).map(|member| member.key)?;
    match rng.u8(..100) {
        0..33 => Some(Deed::AddFile { group, file: FileId(bytes(rng)) }),
        33..48 => rng.choice(&state.files).map(|card| Deed::RemoveFile { group, file: card.file }),
        48..56 if board.invites_of(group) < INVITES_MAX => Some(Deed::Invite { group, terms: terms(rng) }),
        48..60 => rng.choice(&links).map(|link| Deed::Revoke { group, invite: link.invite }),
        60..70 => {
            let role = if rng.u8(..3) == 0 { Role::Member } else { Role::Admin };
            Some(Deed::SetRole { group, member, role })
        }
        70..85 => {
            let asking: Vec<_> = board.asking.iter().filter(|(of, _)| *of == group).collect();
            let (_, member) = **rng.choice(&asking)?;
            let accepts = rng.u8(..3) > 0;
            Some(if accepts { Deed::Accept { group, member } } else { Deed::Refuse { group, member } })
        }
        85..92 if member != me => {
            let open = links.iter().filter(|_| rng.bool()).map(|link| link.kept()).take(8).collect();
            Some(Deed::Remove { group, member, epoch: state.epoch + 1, open })
        }
        92..97 => Some(Deed::Leave { group }),
        97..99 => Some(Deed::Close { group }),
        _ => None,
    }
}

fn terms(rng: &mut Rng) -> InviteTerms {
    InviteTerms {
        invite: InviteId(bytes(rng)),
        secret: bytes::<SECRET_LEN>(rng),
        lifetime_s: rng.choice([INVITE_LIFETIME_S_MIN, HOUR_S, 6 * HOUR_S, 24 * HOUR_S]).unwrap_or(HOUR_S),
        uses: (rng.u8(..3) == 0).then(|| rng.u32(1..4)),
        needs_accept: rng.u8(..3) == 0,
    }
}

fn bytes<const N: usize>(rng: &mut Rng) -> [u8; N] {
    std::array::from_fn(|_| rng.u8(..))
}
