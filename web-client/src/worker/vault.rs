//! What this browser keeps from visit to visit, in IndexedDB: who the person is, and their invites.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode, WorkerGlobalScope};

use membership::friendly_name;
use wire_protocol::ids::{GroupId, InviteId, MemberKey};
use wire_protocol::invite::SECRET_LEN;

use super::crypto::{random, random_u64};
use super::scope::{log, scope};
use crate::messages::Keeping;

const DATABASE: &str = "covey";
const STORE: &str = "kept";
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
    vault: Option<IdbDatabase>,
    /// The browser took something and did not keep it.
    has_failed: Rc<Cell<bool>>,
}

impl Kept {
    /// Reads it. Without IndexedDB (some private windows) the person is a new one at each visit.
    pub(super) async fn load() -> Self {
        let mut kept = Self {
            seed: random(),
            display_name: friendly_name(random_u64()),
            invites: BTreeMap::new(),
            links: BTreeMap::new(),
            admins: BTreeMap::new(),
            vault: None,
            has_failed: Rc::default(),
        };
        match open().await {
            Ok(vault) => kept.read(vault).await,
            Err(error) => log(&format!("nothing can be kept from visit to visit: {error:?}")),
        }
        kept
    }

    /// Whether it is there at the next visit.
    pub(super) fn keeping(&self) -> Keeping {
        if self.vault.is_some() && !self.has_failed.get() { Keeping::Works } else { Keeping::Fails }
    }

    async fn read(&mut self, vault: IdbDatabase) {
        let entries = read_all(&vault).await.unwrap_or_default();
        self.vault = Some(vault);
        match entries.get(IDENTITY).and_then(|seed| seed.as_slice().try_into().ok()) {
            Some(seed) => self.seed = seed,
            None => self.write(IDENTITY, &self.seed),
        }
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
            let vault = vault.ok_or("this browser keeps nothing from visit to visit (a private window?)")?;
            let replaced = async {
                let store = store(&vault, IdbTransactionMode::Readwrite)?;
                store.clear()?;
                // In one transaction: there is never nobody.
                let written = store.put_with_key(&Uint8Array::from(&seed[..]), &JsValue::from_str(IDENTITY))?;
                answer(&written).await
            };
            replaced.await.map(drop).map_err(|_: JsValue| "the browser did not keep it".to_owned())
        }
    }

    fn remove(&self, key: &str) {
        if let Some(vault) = &self.vault {
            let removed =
                store(vault, IdbTransactionMode::Readwrite).and_then(|store| store.delete(&JsValue::from_str(key)));
            if removed.is_err() {
                log("the browser did not forget a setting");
            }
        }
    }

    fn write(&self, key: &str, value: &[u8]) {
        let Some(vault) = self.vault.clone() else {
            return;
        };
        let (key, value) = (JsValue::from_str(key), Uint8Array::from(value));
        let has_failed = self.has_failed.clone();
        spawn_local(async move {
            let written = store(&vault, IdbTransactionMode::Readwrite)
                .and_then(|store| store.put_with_key(&value, &key))
                .map(|request| answer(&request));
            let is_kept = match written {
                Ok(answered) => answered.await.is_ok(),
                Err(_) => false,
            };
            if !is_kept {
                log("the browser did not keep a setting");
                has_failed.set(true);
            }
        });
    }
}

async fn open() -> Result<IdbDatabase, JsValue> {
    let worker: WorkerGlobalScope = scope().unchecked_into();
    let factory = worker.indexed_db()?.ok_or("no IndexedDB")?;
    let request: IdbOpenDbRequest = factory.open_with_u32(DATABASE, 1)?;
    let fresh = request.clone();
    let on_upgrade = Closure::once(move || {
        if let Ok(vault) = fresh.result() {
            let _ = vault.unchecked_into::<IdbDatabase>().create_object_store(STORE);
        }
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    answer(&request).await?;
    Ok(request.result()?.unchecked_into())
}

fn store(vault: &IdbDatabase, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
    vault.transaction_with_str_and_mode(STORE, mode)?.object_store(STORE)
}

async fn read_all(vault: &IdbDatabase) -> Result<BTreeMap<String, Vec<u8>>, JsValue> {
    let store = store(vault, IdbTransactionMode::Readonly)?;
    // Both in one transaction, so that they fit together.
    let (keys, values) = (store.get_all_keys()?, store.get_all()?);
    let (keys_read, values_read) = (answer(&keys), answer(&values));
    keys_read.await?;
    values_read.await?;
    let keys = js_sys::Array::from(&keys.result()?);
    let values = js_sys::Array::from(&values.result()?);
    let entries = keys.iter().zip(values.iter());
    Ok(entries.filter_map(|(key, value)| Some((key.as_string()?, Uint8Array::new(&value).to_vec()))).collect())
}

/// A request's end as a future. Listens from now on, not from the first poll.
fn answer(request: &IdbRequest) -> JsFuture {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(promise)
}
