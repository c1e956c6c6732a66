//! The browser's own cryptography: random bytes, SHA-1 and AES-GCM, at several times the speed of WASM.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use secure_link::Suite;
use sha1::{Digest, Sha1};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

use super::scope::scope;

/// Bytes nobody can guess.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let worker: WorkerGlobalScope = scope().unchecked_into();
    worker
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).map(drop))
        .expect("every browser with WebAssembly has random values, for so few bytes");
    bytes
}

/// A seed.
pub(super) fn random_u64() -> u64 {
    u64::from_le_bytes(random())
}

/// SHA-1, done or on its way.
pub(super) enum Hashing<F> {
    Done([u8; 20]),
    Begun(F),
}

/// SHA-1 of a piece. The browser copies it before this returns.
pub(super) fn sha1(piece: &[u8]) -> Hashing<impl Future<Output = Result<[u8; 20], String>> + use<>> {
    match subtle() {
        Some(subtle) => Hashing::Begun(digest(subtle.digest_with_str_and_u8_array("SHA-1", piece))),
        None => Hashing::Done(Sha1::digest(piece).into()),
    }
}

/// SHA-1 of a piece that lies in the browser's memory. It is begun at once, whenever it is waited for.
pub(super) fn begin_sha1(piece: &Uint8Array) -> impl Future<Output = Result<[u8; 20], String>> + use<> {
    let begun = match subtle() {
        Some(subtle) => Ok(digest(subtle.digest_with_str_and_buffer_source("SHA-1", piece))),
        None => Err(Sha1::digest(piece.to_vec()).into()),
    };
    async move {
        match begun {
            Ok(digest) => digest.await,
            Err(done) => Ok(done),
        }
    }
}

/// Without HTTPS there is none (a server in the home network): slower, and as right.
fn subtle() -> Option<SubtleCrypto> {
    let worker: WorkerGlobalScope = scope().unchecked_into();
    worker.crypto().map(|crypto| crypto.subtle()).ok().filter(|subtle| !subtle.is_undefined())
}

async fn digest(begun: Result<Promise, JsValue>) -> Result<[u8; 20], String> {
    let digest = Uint8Array::new(&JsFuture::from(begun.map_err(describe)?).await.map_err(describe)?);
    if digest.length() != 20 {
        return Err("the browser's SHA-1 has a wrong length".to_owned());
    }
    let mut bytes = [0; 20];
    digest.copy_to(&mut bytes);
    Ok(bytes)
}

fn describe(error: JsValue) -> String {
    format!("the browser cannot hash: {error:?}")
}

/// Whether the browser has AES-GCM of its own.
pub(super) fn has_aes() -> bool {
    subtle().is_some()
}

/// The browser's AES-256-GCM under one key, for records of a link.
pub(super) struct Aes {
    subtle: SubtleCrypto,
    key: CryptoKey,
    /// Used again and again: the browser reads it before a call returns.
    algorithm: Object,
    nonce: Uint8Array,
}

impl Aes {
    /// To seal with.
    pub(super) async fn for_sealing(key: &[u8; 32]) -> Result<Self, String> {
        Self::new(key, "encrypt").await
    }

    /// To open with.
    pub(super) async fn for_opening(key: &[u8; 32]) -> Result<Self, String> {
        Self::new(key, "decrypt").await
    }

    async fn new(key: &[u8; 32], usage: &str) -> Result<Self, String> {
        let subtle = subtle().ok_or("this page has no cryptography of the browser's")?;
        let usages = Array::of1(&usage.into());
        let imported = subtle.import_key_with_str("raw", &Uint8Array::from(&key[..]), "AES-GCM", false, &usages);
        let key = JsFuture::from(imported.map_err(describe_aes)?).await.map_err(describe_aes)?.unchecked_into();
        let (algorithm, nonce) = (Object::new(), Uint8Array::new_with_length(12));
        for (name, value) in [("name", JsValue::from("AES-GCM")), ("iv", nonce.clone().into())] {
            Reflect::set(&algorithm, &name.into(), &value).map_err(describe_aes)?;
        }
        Ok(Self { subtle, key, algorithm, nonce })
    }

    /// Begins to seal a record; an ArrayBuffer comes of it. The browser copies the bytes before this returns.
    pub(super) fn seal(&self, number: u64, plain: &[u8]) -> Result<Promise, JsValue> {
        self.nonce.copy_from(&Suite::AesGcm.nonce(number));
        self.subtle.encrypt_with_object_and_u8_array(&self.algorithm, &self.key, plain)
    }

    /// Begins to open a record, with its tag; an ArrayBuffer comes of it, or a refusal. The browser copies the bytes before
    /// this returns.
    pub(super) fn open(&self, number: u64, sealed: &[u8]) -> Result<Promise, JsValue> {
        self.nonce.copy_from(&Suite::AesGcm.nonce(number));
        self.subtle.decrypt_with_object_and_u8_array(&self.algorithm, &self.key, sealed)
    }
}

fn describe_aes(error: JsValue) -> String {
    format!("the browser cannot encrypt: {error:?}")
}
