//! What this browser keeps from visit to visit, in IndexedDB: who the person is, and their invites.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use membership::friendly_name;
use wire_protocol::ids::{GroupId, InviteId, MemberKey};
use wire_protocol::invite::SECRET_LEN;

use super::crypto::{random, random_u64};
use super::database::{Database, Entries};
use super::scope::log;
use super::sharing::KeptShares;
use super::shelf::Shelf;
use crate::messages::Keeping;
use crate::screen::identity::not_kept;

const IDENTITY: &str = "identity";
const DISPLAY_NAME: &str = "display-name";
/// By slug: the whole link by which this browser came.
const INVITE: &str = "invite:";
/// By the invite's id: secret and slug of a link that was made here.
const LINK: &str = "link:";
/// By the group's id: keys of the admins whom an invite that asks first has named.
const ADMINS: &str = "admins:";

/// A link that was made here.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) slug: String,
    pub(super) secret: [u8; SECRET_LEN],
}

impl Link {
    fn to_bytes(&self) -> Vec<u8> {
        [&self.secret[..], self.slug.as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (secret, slug) = bytes.split_first_chunk()?;
        Some(Self { slug: String::from_utf8(slug.to_vec()).ok()?, secret: *secret })
    }
}

/// What was kept; made afresh for a new person.
pub(super) struct Kept {
    /// The identity's secret.
    pub(super) seed: [u8; 32],
    /// What others call this person.
    pub(super) display_name: String,
    /// Whole links by slug.
    pub(super) invites: BTreeMap<String, String>,
    /// Links that were made here.
    pub(super) links: BTreeMap<InviteId, Link>,
    /// Whom invites have named, until this person has the group's key.
    pub(super) admins: BTreeMap<GroupId, Vec<MemberKey>>,
    /// Files that earlier visits began.
    pub(super) shelf: Shelf,
    /// What earlier visits shared.
    pub(super) shares: KeptShares,
    vault: Option<Database>,
    /// The browser took something and did not keep it.
    has_failed: Rc<Cell<bool>>,
}

impl Kept {
    /// Reads it. Without IndexedDB (some private windows) the person is a new one at each visit; so it is while the browser
    /// cannot read what it keeps, and then nothing that it may still have is written over.
    pub(super) async fn load() -> Self {
        let mut kept = Self {
            seed: random(),
            display_name: friendly_name(random_u64()),
            invites: BTreeMap::new(),
            links: BTreeMap::new(),
            admins: BTreeMap::new(),
            shelf: Shelf::default(),
            shares: KeptShares::default(),
            vault: None,
            has_failed: Rc::default(),
        };
        if let Err(error) = kept.read().await {
            log(&format!("nothing can be kept from visit to visit: {error:?}"));
        }
        kept
    }

    /// Whether it is there at the next visit.
    pub(super) fn keeping(&self) -> Keeping {
        if self.vault.is_some() && !self.has_failed.get() { Keeping::Works } else { Keeping::Fails }
    }

    async fn read(&mut self) -> Result<(), JsValue> {
        let vault = Database::open().await?;
        // The first of all tabs has decided who the person is.
        let seed = vault.read_or_write(IDENTITY, &self.seed).await?;
        let (entries, is_all) = vault.read_all().await?;
        if !is_all {
            log("the browser has lost some of what it kept");
        }
        self.seed = seed.try_into().map_err(|_| "the identity that is kept is none")?;
        self.shelf = Shelf::new(&entries, is_all, vault.clone());
        self.shares = KeptShares::new(&entries, vault.clone());
        self.vault = Some(vault);
        self.take(&entries);
        Ok(())
    }

    fn take(&mut self, entries: &Entries) {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).ok();
        match entries.get(DISPLAY_NAME).and_then(text) {
            Some(name) => self.display_name = name,
            None => self.write(DISPLAY_NAME, self.display_name.as_bytes()),
        }
        let invites =
            entries.iter().filter_map(|(key, link)| Some((key.strip_prefix(INVITE)?.to_owned(), text(link)?)));
        self.invites = invites.collect();
        let links = entries.iter().filter_map(|(key, bytes)| {
            Some((key.strip_prefix(LINK)?.parse::<InviteId>().ok()?, Link::from_bytes(bytes)?))
        });
        self.links = links.collect();
        let admins = entries.iter().filter_map(|(key, bytes)| {
            let keys = bytes.as_chunks().0.iter().copied().map(MemberKey);
            Some((key.strip_prefix(ADMINS)?.parse::<GroupId>().ok()?, keys.collect()))
        });
        self.admins = admins.collect();
    }

    /// Keeps another name.
    pub(super) fn set_display_name(&mut self, name: &str) {
        self.display_name = name.to_owned();
        self.write(DISPLAY_NAME, name.as_bytes());
    }

    /// Keeps an invite, so that it can be passed on at the next visit.
    pub(super) fn add_invite(&mut self, slug: &str, invite: &str) {
        self.invites.insert(slug.to_owned(), invite.to_owned());
        self.write(&format!("{INVITE}{slug}"), invite.as_bytes());
    }

    /// Keeps a link that was made here: nobody else knows it.
    pub(super) fn add_link(&mut self, invite: InviteId, link: Link) {
        self.write(&format!("{LINK}{invite}"), &link.to_bytes());
        self.links.insert(invite, link);
    }

    /// Keeps whom an invite has named; nobody: forgets them.
    pub(super) fn name_admins(&self, group: GroupId, admins: &[MemberKey]) {
        let key = format!("{ADMINS}{group}");
        match admins.is_empty() {
            true => self.remove(&key),
            false => self.write(&key, &admins.iter().map(|admin| admin.0).collect::<Vec<_>>().concat()),
        }
    }

    /// Links of a group that open nothing any more: all but `open`.
    pub(super) fn keep_links(&mut self, slug: &str, open: &[InviteId]) {
        let over = self.links.iter().filter(|(invite, link)| link.slug == slug && !open.contains(invite));
        let over: Vec<_> = over.map(|(invite, _)| *invite).collect();
        for invite in over {
            self.links.remove(&invite);
            self.remove(&format!("{LINK}{invite}"));
        }
    }

    /// The person is not in the group any more.
    pub(super) fn forget_group(&mut self, slug: &str) {
        if self.invites.remove(slug).is_some() {
            self.remove(&format!("{INVITE}{slug}"));
        }
        self.keep_links(slug, &[]);
    }

    /// From the next start on this browser is somebody else: nothing of the person that it was stays.
    pub(super) fn replace_identity(&self, seed: [u8; 32]) -> impl Future<Output = Result<(), String>> + 'static {
        let vault = self.vault.clone();
        async move {
            let vault = vault.ok_or_else(|| not_kept(false))?;
            vault.replace_all(IDENTITY, &seed).await.map_err(|_| not_kept(true))
        }
    }

    fn remove(&self, key: &str) {
        if let Some(vault) = &self.vault
            && vault.remove(key).is_err()
        {
            log("the browser did not forget a setting");
        }
    }

    fn write(&self, key: &str, value: &[u8]) {
        let Some(vault) = &self.vault else {
            return;
        };
        let written = vault.write(key, value);
        let has_failed = self.has_failed.clone();
        spawn_local(async move {
            if written.await.is_err() {
                log("the browser did not keep a setting");
                has_failed.set(true);
            }
        });
    }
}
