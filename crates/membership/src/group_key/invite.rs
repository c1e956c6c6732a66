//! What an invite gives to whoever holds its secret: the group's key, or only the names of those who can give it.

use serde::{Deserialize, Serialize};
use wire_protocol::ids::{GroupId, MemberKey};
use zeroize::Zeroizing;

use super::GroupKey;
use super::cipher::{self, TAG_LEN};

/// Admins that an invite names.
pub const ADMINS_MAX: usize = 4;
/// What is sealed for an invite, bytes.
pub const INVITE_SEAL_LEN_MAX: usize = HEAD_LEN + CONTENTS_LEN_MAX + TAG_LEN;

const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"covey invite contents v1\0";
const SALT_LEN: usize = 16;
/// Version, epoch, salt.
const HEAD_LEN: usize = 1 + 4 + SALT_LEN;
/// `Some`, the key, how many admins, the admins.
const CONTENTS_LEN_MAX: usize = 1 + 32 + 1 + ADMINS_MAX * 32;

/// What stands in an invite's seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteContents {
    /// Of the group, when the invite was made or sealed anew.
    pub epoch: u32,
    /// `None`: an admin has to accept whoever comes, and seals the key for them then.
    pub key: Option<GroupKey>,
    /// Some of the group's admins, at least one: whose signature under a sealed key counts.
    pub admins: Vec<MemberKey>,
}

/// Why a seal does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteSealError {
    /// The server: this is not what any member made, or it is damaged.
    #[error("not the contents of an invite")]
    Malformed,
    /// Whoever made the invite has a newer program.
    #[error("contents of an invite in an unknown version")]
    UnknownVersion,
    /// The server or the person: the link's secret is another one, or the contents are another group's or epoch's.
    #[error("the invite's secret does not open its contents")]
    WrongSecret,
}

/// As it is sealed.
#[derive(Serialize, Deserialize)]
struct Contents {
    key: Option<[u8; 32]>,
    admins: Vec<MemberKey>,
}

/// Seals for one invite: `u8 version | u32 epoch, big endian | 16-byte salt | ciphertext | tag`. `seal_key` is the invite's
/// ([`wire_protocol::invite::seal_key`]); `salt` is random, and another one each time. No more than [`ADMINS_MAX`] admins
/// are named.
pub fn seal_for_invite(
    seal_key: &[u8; 32],
    group: GroupId,
    contents: &InviteContents,
    salt: [u8; SALT_LEN],
) -> Vec<u8> {
    let key = contents.key.as_ref().map(|key| **key.key());
    let admins = contents.admins.iter().take(ADMINS_MAX).copied().collect();
    let plain = postcard::to_stdvec(&Contents { key, admins }).expect("a plain struct, which postcard always writes");
    let epoch = contents.epoch.to_be_bytes();
    let sealed = cipher::seal(&key_of(seal_key, group, epoch, &salt), &Zeroizing::new(plain));
    [&[VERSION], &epoch[..], &salt, &sealed].concat()
}

/// Opens what [`seal_for_invite`] sealed. That `epoch` is the group's is for whoever knows the group to check.
///
/// # Errors
/// [`InviteSealError`].
pub fn open_for_invite(sealed: &[u8], seal_key: &[u8; 32], group: GroupId) -> Result<InviteContents, InviteSealError> {
    if sealed.len() > INVITE_SEAL_LEN_MAX || sealed.len() < HEAD_LEN + TAG_LEN {
        return Err(InviteSealError::Malformed);
    }
    let (head, sealed) = sealed.split_first_chunk::<HEAD_LEN>().ok_or(InviteSealError::Malformed)?;
    if head[0] != VERSION {
        return Err(InviteSealError::UnknownVersion);
    }
    let (epoch, salt) = head[1..].split_first_chunk::<4>().ok_or(InviteSealError::Malformed)?;
    let plain = cipher::open(&key_of(seal_key, group, *epoch, salt), sealed).ok_or(InviteSealError::WrongSecret)?;
    let epoch = u32::from_be_bytes(*epoch);
    match postcard::take_from_bytes::<Contents>(&plain) {
        Ok((Contents { key, admins }, [])) if (1..=ADMINS_MAX).contains(&admins.len()) => {
            Ok(InviteContents { epoch, key: key.map(|key| GroupKey::new(key, epoch)), admins })
        }
        _ => Err(InviteSealError::Malformed),
    }
}

fn key_of(seal_key: &[u8; 32], group: GroupId, epoch: [u8; 4], salt: &[u8]) -> Zeroizing<[u8; 32]> {
    cipher::derive(Some(salt), seal_key, &[DOMAIN, &group.0, &epoch])
}
