//! What `group` and `identity` mean.

use std::path::PathBuf;
use std::time::Duration;

use wire_protocol::control::INVITE_LIFETIME_S;
use wire_protocol::invite::{Invite, InviteError, is_slug};
use wire_protocol::pasted::find_invite;

use super::group_args::{GroupCommand, IdentityCommand, InviteArgs, PersonArgs, TorrentFileArgs};
use super::target::{find_target, parse_invite};
use crate::failure::{Failure, Outcome};
use crate::session::ServerUrl;

/// What is to be done with groups, and at which server.
#[derive(Debug)]
pub struct GroupPlan {
    pub server: ServerUrl,
    pub task: GroupTask,
}

/// What is to be done with groups. `group` is a group as typed, `who` a person as typed.
#[derive(Debug)]
pub enum GroupTask {
    /// Make one.
    Create { name: String, invite: InviteWish },
    /// Show all.
    List,
    /// Come in, or ask to.
    Join { target: JoinTarget, message: String },
    /// Something with one group.
    In { group: String, task: InGroup },
}

/// A group to share in.
#[derive(Debug)]
pub enum GroupWish {
    /// A group's name or slug; it is made if there is none.
    Named(String),
    /// The one that an invite opens.
    By(Invite),
}

/// By what somebody comes in.
#[derive(Debug)]
pub enum JoinTarget {
    Invite(Invite),
    Slug(String),
}

/// What is to be done with one group.
#[derive(Debug)]
pub enum InGroup {
    /// Leave it.
    Leave,
    /// Show who is in it.
    Members,
    /// Show who asks to join.
    Requests,
    /// Let somebody in.
    Accept(String),
    /// Say no to somebody.
    Refuse(String),
    /// Remove somebody.
    Remove { who: String, keep_invites: bool },
    /// Make somebody an admin.
    Promote(String),
    /// Make an admin an ordinary member.
    Demote(String),
    /// Close it for everybody.
    Close,
    /// Make an invite.
    Invite(InviteWish),
    /// Show the open invites.
    Invites,
    /// End an invite; the first characters of its id.
    Revoke(String),
    /// Show the files.
    Files,
    /// Write a .torrent file for ordinary clients. `file`: its name, or the first characters of its id.
    Torrent { file: String, output: Option<PathBuf> },
    /// End all .torrent files that were written.
    RevokeTorrents,
    /// Take a file out; its name, or the first characters of its id.
    RemoveFile(String),
}

/// What an invite is to be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteWish {
    /// An admin has to let in whoever opens it.
    pub ask: bool,
    /// `None`: as long as usual.
    pub expires: Option<Duration>,
    /// How many may use it; `None`: any number.
    pub uses: Option<u32>,
    /// Show it as a QR code, too.
    pub qr: bool,
}

impl InviteWish {
    /// Seconds.
    pub fn lifetime_s(&self) -> u32 {
        self.expires.map_or(INVITE_LIFETIME_S, |expires| expires.as_secs().try_into().unwrap_or(u32::MAX))
    }
}

/// What is to be done with the identity.
#[derive(Debug)]
pub enum IdentityTask {
    /// Say who the person is at a server.
    Show(ServerUrl),
    /// Print the secret, as a link that this server's page takes.
    Export(ServerUrl),
    /// Take another one from stdin.
    Import { replace: bool },
}

impl InviteArgs {
    pub fn wish(&self) -> InviteWish {
        InviteWish { ask: self.ask, expires: self.expires, uses: self.uses, qr: self.qr }
    }
}

/// What a `group` command means.
///
/// # Errors
/// Usage failures.
pub fn plan_group(command: GroupCommand, server: &str) -> Outcome<GroupPlan> {
    let task = match command {
        GroupCommand::Create { called, invite } => {
            GroupTask::Create { name: clean_name(&called)?, invite: invite.wish() }
        }
        GroupCommand::List => GroupTask::List,
        GroupCommand::Join { target, message } => return plan_join(target, message.unwrap_or_default(), server),
        GroupCommand::Leave { group } => within(group, InGroup::Leave),
        GroupCommand::Members { group } => within(group, InGroup::Members),
        GroupCommand::Requests { group } => within(group, InGroup::Requests),
        GroupCommand::Accept(PersonArgs { group, who }) => within(group, InGroup::Accept(who)),
        GroupCommand::Refuse(PersonArgs { group, who }) => within(group, InGroup::Refuse(who)),
        GroupCommand::Remove { person: PersonArgs { group, who }, keep_invites } => {
            within(group, InGroup::Remove { who, keep_invites })
        }
        GroupCommand::Promote(PersonArgs { group, who }) => within(group, InGroup::Promote(who)),
        GroupCommand::Demote(PersonArgs { group, who }) => within(group, InGroup::Demote(who)),
        GroupCommand::Close { group } => within(group, InGroup::Close),
        GroupCommand::Invite { group, invite } => within(group, InGroup::Invite(invite.wish())),
        GroupCommand::Invites { group } => within(group, InGroup::Invites),
        GroupCommand::Revoke { group, invite } => within(group, InGroup::Revoke(invite)),
        GroupCommand::Files { group } => within(group, InGroup::Files),
        GroupCommand::Torrent(TorrentFileArgs { group, file, output, .. }) => {
            let task = match file {
                Some(file) => InGroup::Torrent { file, output },
                None => InGroup::RevokeTorrents,
            };
            within(group, task)
        }
        GroupCommand::RemoveFile { group, file } => within(group, InGroup::RemoveFile(file)),
    };
    let (task, server) = match task {
        GroupTask::In { group, task } => {
            let (group, server) = known_group(&group, server)?;
            (GroupTask::In { group, task }, server)
        }
        task => (task, ServerUrl::parse(server)?),
    };
    Ok(GroupPlan { server, task })
}

fn within(group: String, task: InGroup) -> GroupTask {
    GroupTask::In { group, task }
}

fn clean_name(name: &str) -> Outcome<String> {
    match name.trim() {
        "" => Err(Failure::usage("the group has no name", "Give a name that its members know it by.")),
        name => Ok(name.to_owned()),
    }
}

fn plan_join(target: Option<String>, message: String, server: &str) -> Outcome<GroupPlan> {
    let (target, server) = join_target(find_target(target)?.trim(), server)?;
    Ok(GroupPlan { server, task: GroupTask::Join { target, message } })
}

/// A group that this person is in, as typed: its two words or its name, at `server`; or a link to it, which names its
/// server.
///
/// # Errors
/// A link that is not whole.
pub fn known_group(typed: &str, server: &str) -> Outcome<(String, ServerUrl)> {
    match find_invite(typed) {
        Ok(invite) => Ok((invite.slug().to_owned(), ServerUrl::parse(invite.server())?)),
        Err(InviteError::NoSecret { server, slug }) => Ok((slug, ServerUrl::parse(&server)?)),
        Err(InviteError::NotFound | InviteError::NoSlug { .. }) => {
            Ok((typed.trim().to_owned(), ServerUrl::parse(server)?))
        }
        Err(_) => Err(refuse_link(typed)),
    }
}

/// The group in which something is shared, as typed; none if nothing was. No group is called by a link: that would tell
/// the server its secret.
///
/// # Errors
/// A link that is no invite.
pub fn group_wish(typed: Option<&str>, server: &str) -> Outcome<(Option<GroupWish>, ServerUrl)> {
    let typed = typed.map(str::trim).unwrap_or_default();
    match find_invite(typed) {
        Ok(invite) => {
            let server = ServerUrl::parse(invite.server())?;
            Ok((Some(GroupWish::By(invite)), server))
        }
        Err(InviteError::NotFound | InviteError::NoSlug { .. }) => {
            let named = (!typed.is_empty()).then(|| GroupWish::Named(typed.to_owned()));
            Ok((named, ServerUrl::parse(server)?))
        }
        Err(_) => Err(refuse_link(typed)),
    }
}

fn refuse_link(typed: &str) -> Failure {
    parse_invite(typed).err().unwrap_or_else(|| Failure::unexpected("a link was read in two ways"))
}

/// An invite names its server; two words are a group's at `server`.
///
/// # Errors
/// It is neither.
pub fn join_target(typed: &str, server: &str) -> Outcome<(JoinTarget, ServerUrl)> {
    if is_slug(typed) {
        return Ok((JoinTarget::Slug(typed.to_owned()), ServerUrl::parse(server)?));
    }
    by_invite(parse_invite(typed)?)
}

/// The server is the one that the invite names.
///
/// # Errors
/// It names none.
pub fn by_invite(invite: Invite) -> Outcome<(JoinTarget, ServerUrl)> {
    let server = ServerUrl::parse(invite.server())?;
    Ok((JoinTarget::Invite(invite), server))
}

/// What an `identity` command means.
///
/// # Errors
/// Usage failures.
pub fn plan_identity(command: &IdentityCommand, server: &str) -> Outcome<IdentityTask> {
    Ok(match command {
        IdentityCommand::Show => IdentityTask::Show(ServerUrl::parse(server)?),
        IdentityCommand::Export => IdentityTask::Export(ServerUrl::parse(server)?),
        IdentityCommand::Import { replace } => IdentityTask::Import { replace: *replace },
    })
}
