//! Who may make groups here, and thereby use the server's relay. An invite lets anybody in all the same.

use std::fmt;

use clap::ValueEnum;
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use wire_protocol::control::{Password, Reply};

use super::change::{Denied, Draft};
use super::refusals;
use crate::store::{group_makers, groups};

/// Separates what is hashed here from every other use of the server's key.
const DOMAIN: &[u8] = b"covey groups password v1\0";

/// Who may make groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum GroupMakers {
    /// Whoever finds the server
    #[default]
    Anyone,
    /// Who knows the password of --groups-password-file
    Password,
    /// Who is in a group here already; with --groups-password-file also who knows the password
    MembersOnly,
}

/// Who may make groups here.
#[derive(Default)]
pub struct Admission {
    makers: GroupMakers,
    /// Whoever reads the database cannot try passwords against it without the server's key, which this is made of.
    salt: [u8; 32],
    /// What the database keeps for whoever knows the password, if there is one.
    proof: Option<[u8; 32]>,
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").field("makers", &self.makers).finish_non_exhaustive()
    }
}

impl Admission {
    /// `makers` may make groups, with `password` where that lets somebody in. `key`: the server's.
    pub fn new(makers: GroupMakers, password: Option<&Password>, key: &SigningKey) -> Self {
        let salt = Sha256::new().chain_update(DOMAIN).chain_update(key.as_bytes()).finalize().into();
        Self { makers, salt, proof: password.map(|password| proof(&salt, password)) }
    }

    /// Whether the actor may make a group.
    ///
    /// # Errors
    /// Refuses whoever may not, and says what to do.
    pub async fn check(&self, draft: &mut Draft<'_>) -> Result<(), Denied> {
        let is_let_in = match self.makers {
            GroupMakers::Anyone => true,
            GroupMakers::Password => self.knows_password(draft).await?,
            GroupMakers::MembersOnly => {
                groups::count_of_member(draft.db, draft.actor).await? > 0 || self.knows_password(draft).await?
            }
        };
        match self.proof {
            _ if is_let_in => Ok(()),
            Some(_) => Err(refusals::password_needed().into()),
            None => Err(refusals::invited_only().into()),
        }
    }

    async fn knows_password(&self, draft: &mut Draft<'_>) -> sqlx::Result<bool> {
        match &self.proof {
            Some(proof) => group_makers::has_shown(draft.db, draft.actor, proof).await,
            None => Ok(false),
        }
    }

    /// The actor shows a password. Where none is asked for, any will do.
    ///
    /// # Errors
    /// It is another one.
    pub async fn unlock(&self, draft: &mut Draft<'_>, shown: &Password) -> Result<Reply, Denied> {
        if let Some(right) = &self.proof {
            if proof(&self.salt, shown) != *right {
                return Err(refusals::wrong_password().into());
            }
            group_makers::put(draft.db, draft.actor, right).await?;
        }
        Ok(Reply::Done)
    }
}

fn proof(salt: &[u8; 32], password: &Password) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(password.0.as_bytes()).finalize().into()
}
