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

/// SHA-1, done or on its way.
pub(super) enum Hashing<F> {
    Done(Result<[u8; 20], String>),
    Begun(F),
}

/// SHA-1 of a piece. The browser copies it before this returns.
pub(super) fn sha1(piece: &[u8]) -> Hashing<impl Future<Output = Result<[u8; 20], String>> + use<>> {
    let worker: WorkerGlobalScope = scope().unchecked_into();
    let subtle = worker.crypto().map(|crypto| crypto.subtle()).ok().filter(|subtle| !subtle.is_undefined());
    // Without HTTPS there is none (a server in the home network): slower, and as right.
    let Some(subtle) = subtle else {
        return Hashing::Done(Ok(Sha1::digest(piece).into()));
    };
    match subtle.digest_with_str_and_u8_array("SHA-1", piece) {
        Ok(digest) => Hashing::Begun(async move {
            let digest = JsFuture::from(digest).await.map_err(describe)?;
            let mut bytes = [0; 20];
            let digest = Uint8Array::new(&digest);
            if digest.length() != 20 {
                return Err("the browser's SHA-1 has a wrong length".to_owned());
            }
            digest.copy_to(&mut bytes);
            Ok(bytes)
        }),
        Err(error) => Hashing::Done(Err(describe(error))),
    }
}

fn describe(error: wasm_bindgen::JsValue) -> String {
    format!("the browser cannot hash: {error:?}")
}
