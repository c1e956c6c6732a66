//! IndexedDB: one store of bytes by name, which is there from visit to visit.

use std::collections::BTreeMap;
use std::pin::Pin;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode, WorkerGlobalScope,
};

use super::scope::scope;

const DATABASE: &str = "covey";
const STORE: &str = "kept";

/// Everything that is kept, by name.
pub(super) type Entries = BTreeMap<String, Vec<u8>>;

/// Something that is being written.
pub(super) type Write = Pin<Box<dyn Future<Output = Result<(), JsValue>>>>;

/// An open one. Clones are the same.
#[derive(Clone)]
pub(super) struct Database(IdbDatabase);

impl Database {
    /// Some private windows have none.
    pub(super) async fn open() -> Result<Self, JsValue> {
        let worker: WorkerGlobalScope = scope().unchecked_into();
        let factory = worker.indexed_db()?.ok_or("no IndexedDB")?;
        let request: IdbOpenDbRequest = factory.open_with_u32(DATABASE, 1)?;
        let fresh = request.clone();
        let on_upgrade = Closure::once(move || {
            if let Ok(database) = fresh.result() {
                let _ = database.unchecked_into::<IdbDatabase>().create_object_store(STORE);
            }
        });
        request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
        answer(&request).await?;
        Ok(Self(request.result()?.unchecked_into()))
    }

    /// What can be read, and whether that is all: a browser that has lost one large value reads none together with it.
    pub(super) async fn read_all(&self) -> Result<(Entries, bool), JsValue> {
        match self.read_together().await {
            Ok(entries) => Ok((entries, true)),
            Err(_) => Ok((self.read_one_by_one().await?, false)),
        }
    }

    async fn read_one_by_one(&self) -> Result<Entries, JsValue> {
        let keys = self.store(IdbTransactionMode::Readonly)?.get_all_keys()?;
        answer(&keys).await?;
        let mut entries = Entries::new();
        for key in js_sys::Array::from(&keys.result()?).iter().filter_map(|key| key.as_string()) {
            if let Ok(value) = self.read(&key).await {
                entries.insert(key, Uint8Array::new(&value).to_vec());
            }
        }
        Ok(entries)
    }

    async fn read_together(&self) -> Result<Entries, JsValue> {
        let store = self.store(IdbTransactionMode::Readonly)?;
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

    /// Begins to write; the future says whether it is kept.
    pub(super) fn write(&self, key: &str, value: &[u8]) -> Write {
        self.begin_write(key, &Uint8Array::from(value))
    }

    /// The same of what cannot be made bytes of.
    pub(super) fn write_object(&self, key: &str, value: &JsValue) -> Write {
        self.begin_write(key, value)
    }

    /// One of them.
    pub(super) async fn read(&self, key: &str) -> Result<JsValue, JsValue> {
        let request = self.store(IdbTransactionMode::Readonly)?.get(&JsValue::from_str(key))?;
        answer(&request).await?;
        request.result()
    }

    /// What is kept under a name; `value`, kept from now on, if nothing is. Of two tabs that do this at once both get the same.
    pub(super) async fn read_or_write(&self, key: &str, value: &[u8]) -> Result<Vec<u8>, JsValue> {
        let mut kept = self.read(key).await?;
        if kept.is_undefined() {
            let added = self
                .store(IdbTransactionMode::Readwrite)?
                .add_with_key(&Uint8Array::from(value), &JsValue::from_str(key))?;
            // Fails if another tab was faster.
            let _ = answer(&added).await;
            kept = self.read(key).await?;
        }
        Ok(Uint8Array::new(&kept).to_vec())
    }

    /// Forgets one.
    pub(super) fn remove(&self, key: &str) -> Result<(), JsValue> {
        self.store(IdbTransactionMode::Readwrite)?.delete(&JsValue::from_str(key)).map(drop)
    }

    /// Forgets all whose names begin so.
    pub(super) fn remove_all(&self, prefix: &str) -> Result<(), JsValue> {
        let (first, last) = (JsValue::from_str(prefix), JsValue::from_str(&format!("{prefix}\u{ffff}")));
        let range = IdbKeyRange::bound(&first, &last)?;
        self.store(IdbTransactionMode::Readwrite)?.delete(&range).map(drop)
    }

    /// Forgets everything, and keeps this alone.
    pub(super) async fn replace_all(&self, key: &str, value: &[u8]) -> Result<(), JsValue> {
        let store = self.store(IdbTransactionMode::Readwrite)?;
        store.clear()?;
        // In one transaction: there is never nothing.
        let written = store.put_with_key(&Uint8Array::from(value), &JsValue::from_str(key))?;
        answer(&written).await.map(drop)
    }

    fn begin_write(&self, key: &str, value: &JsValue) -> Write {
        let store = self.store(IdbTransactionMode::Readwrite);
        let written = store.and_then(|store| store.put_with_key(value, &JsValue::from_str(key)));
        Box::pin(async move { answer(&written?).await.map(drop) })
    }

    fn store(&self, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
        self.0.transaction_with_str_and_mode(STORE, mode)?.object_store(STORE)
    }
}

/// A request's end as a future. Listens from now on, not from the first poll.
fn answer(request: &IdbRequest) -> JsFuture {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(promise)
}
