//! Invites of this person's: made, kept in the data folder, used again, shown.
//!
//! A link's secret never reaches the server, so only who made it can show it again, or give it the group's new key when
//! somebody is removed. One file for each, so that programs that run side by side do not undo each other's.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use membership::{InviteTerms, ListInvites, NewLink};
use serde_json::{Value, json};
use wire_protocol::control::InviteCard;
use wire_protocol::ids::{GroupId, InviteId};
use wire_protocol::invite::{Invite, SECRET_LEN};

use crate::cli::InviteWish;
use crate::failure::{Failure, Outcome};
use crate::identity::{DataDir, write_atomically};
use crate::random;
use crate::reach::{Reach, reach};
use crate::report::MadeInvite;
use crate::server::Server;

const FOLDER: &str = "invites";
/// Files that are looked at.
const FILES_MAX: usize = 4096;
/// A link that ends sooner is not handed out again.
const LEFT_MIN: Duration = Duration::from_secs(24 * 3600);

/// A kept one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptInvite {
    /// The server's origin.
    pub origin: String,
    pub group: GroupId,
    pub invite: InviteId,
    pub secret: [u8; SECRET_LEN],
    /// Unix milliseconds.
    pub expires_at_ms: u64,
}

/// The folder of kept invites. Every failure means "not kept".
#[derive(Debug, Clone)]
pub struct InviteStore {
    folder: PathBuf,
}

impl InviteStore {
    /// In the data folder.
    pub fn open(data: &DataDir) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    /// Keeps one, readable for this person only.
    pub fn keep(&self, kept: &KeptInvite) {
        let entry = json!({
            "server": kept.origin, "group": kept.group.to_string(), "invite": kept.invite.to_string(),
            "secret": HEXLOWER.encode(&kept.secret), "expires_at_ms": kept.expires_at_ms,
        });
        let path = self.path(kept.invite);
        let written =
            fs::create_dir_all(&self.folder).and_then(|()| write_atomically(&path, entry.to_string().as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, "cannot keep the invite");
        }
    }

    /// Those of one group. What has expired by `now_ms` is forgotten, whatever group it is of.
    pub fn of_group(&self, origin: &str, group: GroupId, now_ms: u64) -> Vec<KeptInvite> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten().take(FILES_MAX);
        let mut kept: Vec<KeptInvite> = files.filter_map(|file| read(&file.path())).collect();
        kept.retain(|kept| {
            let is_open = kept.expires_at_ms > now_ms;
            if !is_open {
                self.forget(kept.invite);
            }
            is_open && kept.group == group && kept.origin == origin
        });
        kept
    }

    /// It opens nothing any more.
    pub fn forget(&self, invite: InviteId) {
        let _ = fs::remove_file(self.path(invite));
    }

    fn path(&self, invite: InviteId) -> PathBuf {
        self.folder.join(format!("{invite}.json"))
    }
}

fn read(path: &Path) -> Option<KeptInvite> {
    let entry: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let text = |name: &str| entry[name].as_str();
    Some(KeptInvite {
        origin: text("server")?.to_owned(),
        group: text("group")?.parse().ok()?,
        invite: text("invite")?.parse().ok()?,
        secret: HEXLOWER.decode(text("secret")?.as_bytes()).ok()?.try_into().ok()?,
        expires_at_ms: entry["expires_at_ms"].as_u64()?,
    })
}

/// What this computer's clock says, Unix milliseconds.
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

/// Terms of a new one.
pub fn terms(wish: &InviteWish) -> InviteTerms {
    InviteTerms {
        invite: InviteId(random::bytes()),
        secret: random::bytes(),
        lifetime_s: wish.lifetime_s(),
        uses: wish.uses,
        needs_accept: wish.ask,
    }
}

/// Makes one for a group of this slug, and keeps it.
///
/// # Errors
/// The tracker refuses.
pub async fn make(server: &Server, group: GroupId, slug: &str, wish: &InviteWish) -> Outcome<MadeInvite> {
    let terms = terms(wish);
    let expires_at_ms = server.ask_now("the invite", group, || NewLink { group, terms }).await?;
    kept(server, group, slug, &terms, expires_at_ms).await
}

/// Keeps a new one, which the server has taken.
///
/// # Errors
/// The server gave a slug that makes no link.
pub async fn kept(
    server: &Server,
    group: GroupId,
    slug: &str,
    terms: &InviteTerms,
    expires_at_ms: u64,
) -> Outcome<MadeInvite> {
    let (link, reach) = link(server, slug, terms.secret).await?;
    let origin = server.session.server().origin().to_string();
    let InviteTerms { invite, secret, uses, needs_accept, .. } = *terms;
    InviteStore::open(&server.data).keep(&KeptInvite { origin, group, invite, secret, expires_at_ms });
    Ok(MadeInvite { link, reach, invite, expires_at_ms, lasts: lasts(expires_at_ms), uses, ask: needs_accept })
}

/// The invite that was made before and is open still, or a new one where the person wants a special one.
///
/// # Errors
/// The tracker refuses.
pub async fn find_or_make(server: &Server, group: GroupId, slug: &str, wish: &InviteWish) -> Outcome<MadeInvite> {
    if wish.expires.is_none() && wish.uses.is_none() {
        let (open, kept) = open_and_kept(server, group).await?;
        if let Some((card, kept)) = usable(&open, &kept, wish.ask, now_ms()) {
            let (link, reach) = link(server, slug, kept.secret).await?;
            return Ok(MadeInvite {
                link,
                reach,
                invite: card.invite,
                expires_at_ms: card.expires_at_ms,
                lasts: lasts(card.expires_at_ms),
                uses: card.uses_left,
                ask: card.needs_accept,
            });
        }
    }
    make(server, group, slug, wish).await
}

/// The group's open invites as far as this person may see them, and those of them whose secret is kept here. What is
/// kept and not open any more is forgotten.
///
/// # Errors
/// The tracker refuses.
pub async fn open_and_kept(server: &Server, group: GroupId) -> Outcome<(Vec<InviteCard>, Vec<KeptInvite>)> {
    let open = server.ask("the invites", ListInvites { group }).await?;
    let store = InviteStore::open(&server.data);
    let origin = server.session.server().origin().to_string();
    let mut kept = store.of_group(&origin, group, now_ms());
    kept.retain(|kept| {
        let is_open = open.iter().any(|card| card.invite == kept.invite);
        if !is_open {
            store.forget(kept.invite);
        }
        is_open
    });
    Ok((open, kept))
}

/// One for anybody, with the group's key in it, that is good for a while; the one that lasts longest.
fn usable<'a>(
    open: &'a [InviteCard],
    kept: &'a [KeptInvite],
    ask: bool,
    now_ms: u64,
) -> Option<(&'a InviteCard, &'a KeptInvite)> {
    let good_until = now_ms + LEFT_MIN.as_millis() as u64;
    let is_usable = |card: &&InviteCard| {
        card.needs_accept == ask && card.uses_left.is_none() && card.epoch.is_some() && card.expires_at_ms >= good_until
    };
    let pairs = open.iter().filter(is_usable).filter_map(|card| {
        let kept = kept.iter().find(|kept| kept.invite == card.invite)?;
        Some((card, kept))
    });
    pairs.max_by_key(|(card, _)| card.expires_at_ms)
}

fn lasts(expires_at_ms: u64) -> Duration {
    Duration::from_millis(expires_at_ms.saturating_sub(now_ms()))
}

/// At the address by which others reach the server.
async fn link(server: &Server, slug: &str, secret: [u8; SECRET_LEN]) -> Outcome<(Invite, Reach)> {
    let reach = reach(server.session.server()).await;
    match Invite::new(&reach.url, slug, secret) {
        Ok(link) => Ok((link, reach)),
        Err(error) => {
            Err(Failure::unexpected(format!("the server gave the group a name that makes no invite: {error}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::MemberKey;

    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    fn kept(invite: u8, group: u8, expires_at_ms: u64) -> KeptInvite {
        KeptInvite {
            origin: "https://share.example".to_owned(),
            group: GroupId([group; 16]),
            invite: InviteId([invite; 16]),
            secret: [invite; SECRET_LEN],
            expires_at_ms,
        }
    }

    fn card(invite: u8, expires_at_ms: u64) -> InviteCard {
        InviteCard {
            invite: InviteId([invite; 16]),
            created_by: MemberKey([1; 32]),
            created_at_ms: 0,
            expires_at_ms,
            uses_left: None,
            needs_accept: false,
            epoch: Some(0),
        }
    }

    fn store() -> (tempfile::TempDir, InviteStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = InviteStore::open(&DataDir::open(Some(folder.path())).unwrap());
        (folder, store)
    }

    #[test]
    fn an_invite_is_kept_per_server_and_group_until_it_ends() {
        let (_folder, store) = store();
        for kept in [kept(1, 1, 500), kept(2, 1, 900), kept(3, 2, 900)] {
            store.keep(&kept);
        }
        let group = GroupId([1; 16]);
        assert_eq!(store.of_group("https://other.example", group, 0), []);
        assert_eq!(store.of_group("https://share.example", group, 600), [kept(2, 1, 900)]);
        assert_eq!(store.of_group("https://share.example", group, 0), [kept(2, 1, 900)], "the other was forgotten");
        store.forget(InviteId([2; 16]));
        assert_eq!(store.of_group("https://share.example", group, 0), []);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_a_kept_secret() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, store) = store();
        store.keep(&kept(1, 1, 500));
        let mode = fs::metadata(store.path(InviteId([1; 16]))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_no_invite() {
        let (_folder, store) = store();
        store.keep(&kept(1, 1, 500));
        fs::write(store.path(InviteId([1; 16])), "{\"secret\": 7").unwrap();
        assert_eq!(store.of_group("https://share.example", GroupId([1; 16]), 0), []);
    }

    #[test]
    fn only_an_open_invite_for_anybody_that_lasts_is_used_again() {
        let kept = [kept(1, 1, 0), kept(2, 1, 0)];
        let find = |open: &[InviteCard], ask| usable(open, &kept, ask, 0).map(|(card, _)| card.invite.0[0]);
        let (short, long) = (card(1, 48 * HOUR_MS), card(2, 72 * HOUR_MS));
        assert_eq!(find(&[short.clone(), long.clone()], false), Some(2), "the one that lasts longest");
        assert_eq!(find(&[short.clone(), card(3, 99 * HOUR_MS)], false), Some(1), "its secret is here");
        assert_eq!(find(std::slice::from_ref(&short), true), None, "it lets anybody in");
        assert_eq!(find(&[InviteCard { uses_left: Some(1), ..short.clone() }], false), None);
        assert_eq!(find(&[InviteCard { epoch: None, ..short }], false), None);
        assert_eq!(find(&[card(1, 23 * HOUR_MS)], false), None, "it ends today");
        assert_eq!(find(&[], false), None);
    }
}
