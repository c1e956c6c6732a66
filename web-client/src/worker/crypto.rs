//! The browser's own cryptography: random bytes, and SHA-1 at more than ten times the speed of WASM.

use js_sys::Uint8Array;
use sha1::{Digest, Sha1};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::WorkerGlobalScope;

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

/// SHA-1 of a piece that lies in the browser's memory.
pub(super) async fn sha1(piece: &Uint8Array) -> Result<[u8; 20], String> {
    begin_sha1(piece).await
}

/// The same, begun at once, whenever it is waited for.
pub(super) fn begin_sha1(piece: &Uint8Array) -> impl Future<Output = Result<[u8; 20], String>> + use<> {
    let worker: WorkerGlobalScope = scope().unchecked_into();
    let subtle = worker.crypto().map(|crypto| crypto.subtle()).ok().filter(|subtle| !subtle.is_undefined());
    let begun = match subtle {
        Some(subtle) => Ok(subtle.digest_with_str_and_buffer_source("SHA-1", piece)),
        // Without HTTPS there is none (a server in the home network): slower, and as right.
        None => Err(Sha1::digest(piece.to_vec()).into()),
    };
    async move {
        let promise = match begun {
            Ok(promise) => promise.map_err(describe)?,
            Err(digest) => return Ok(digest),
        };
        let digest = JsFuture::from(promise).await.map_err(describe)?;
        let bytes = Uint8Array::new(&digest).to_vec();
        bytes.try_into().map_err(|_| "the browser's SHA-1 has a wrong length".to_owned())
    }
}

fn describe(error: wasm_bindgen::JsValue) -> String {
    format!("the browser cannot hash: {error:?}")
}
