//! Groups, files and swarms to play in: all that rows ask of the tracker for them, in one place.

use anyhow::{Result, bail};
use sha1::{Digest, Sha1};
use wire_protocol::control::{
    Announce, InfoPart, Listen, MemberToTracker, NewInvite, Offers, Progress, Reply, Request, SwarmName,
};
use wire_protocol::ids::{FileId, GroupId, InfoHash, InviteId, PeerId};
use wire_protocol::invite::auth_key;

use super::member::Member;

const FILE_LEN: u64 = 16 * 1024;

/// A group, and how to get into it.
#[derive(Debug, Clone)]
pub struct Group {
    pub id: GroupId,
    slug: String,
    auth: [u8; 32],
}

impl Group {
    /// Creates the group with this number.
    pub async fn create(admin: &mut Member, number: usize) -> Result<Self> {
        let id = GroupId(numbered(number));
        let auth = auth_key(&numbered(number));
        match admin.ask(create(id, auth, format!("Group {number}"))).await? {
            Reply::GroupCreated { slug } => Ok(Self { id, slug, auth }),
            other => bail!("no group was created: {other:?}"),
        }
    }

    /// Lets somebody in.
    pub async fn join(&self, member: &mut Member) -> Result<()> {
        member.ask(self.join_request()).await.map(|_| ())
    }

    /// What lets somebody in.
    pub fn join_request(&self) -> Request {
        Request::JoinGroup { slug: self.slug.clone(), auth: self.auth, message: String::new() }
    }

    /// What shows the group to somebody with an invite.
    pub fn preview_request(&self) -> Request {
        Request::PreviewInvite { slug: self.slug.clone(), auth: self.auth }
    }

    /// A file with its torrent, of one piece. Three messages: the server allows a burst of 200.
    pub async fn add_file(&self, member: &mut Member, number: usize) -> Result<FileId> {
        let file = FileId(numbered(number));
        let name = format!("holiday-{number:04}.mp4");
        let info = info_dictionary(&name, number);
        let info_hash = InfoHash(Sha1::digest(&info).into());
        let info_len = info.len() as u32;
        member.ask(Request::AddFile { group: self.id, file, name, size: FILE_LEN }).await?;
        member.send(&MemberToTracker::InfoPart(InfoPart { file, offset: 0, bytes: info })).await?;
        member.ask(Request::PublishTorrent { group: self.id, file, info_hash, info_len, pieces: 1 }).await?;
        Ok(file)
    }

    /// The swarm of a file.
    pub fn swarm(&self, file: FileId) -> SwarmName {
        SwarmName { group: self.id, file }
    }
}

/// A group of somebody's own, for whoever makes many.
pub fn create_request() -> Request {
    let id = GroupId(fastrand::u128(..).to_be_bytes());
    create(id, auth_key(&fastrand::u128(..).to_be_bytes()), "One more".to_owned())
}

fn create(group: GroupId, invite_auth: [u8; 32], name: String) -> Request {
    let invite = NewInvite::for_anybody(InviteId(group.0), invite_auth);
    Request::CreateGroup { group, name, key: None, invite }
}

/// An announce of a seeder.
pub fn announce(member: &Member, swarm: SwarmName) -> Announce {
    announce_as(member.peer, swarm)
}

/// The same, of a peer.
pub fn announce_as(peer: PeerId, swarm: SwarmName) -> Announce {
    let listen = Some(Listen { port: 6881, local: Vec::new() });
    let progress = Progress::Pieces { have: 1, total: 1 };
    Announce { swarm, peer, progress, listen, offers: Offers::default() }
}

/// Returns when everything that a member sent has had its effect.
pub async fn settle(member: &mut Member) -> Result<()> {
    let nowhere = Request::ReadInfo { group: GroupId([0; 16]), file: FileId([0; 16]), offset: 0 };
    // Refused, as it must be.
    member.ask_for(nowhere).await.map(|_| ())
}

fn info_dictionary(name: &str, number: usize) -> Vec<u8> {
    let head = format!("d6:lengthi{FILE_LEN}e4:name{}:{name}12:piece lengthi{FILE_LEN}e6:pieces20:", name.len());
    let hash = [&[0; 4][..], &numbered(number)].concat();
    [head.as_bytes(), &hash, b"7:privatei1ee"].concat()
}

fn numbered(number: usize) -> [u8; 16] {
    (number as u128 + 1).to_be_bytes()
}
