//! Web Locks: what two tabs of one browser must not do at the same time.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortSignal;

use crate::worker::scope::scope;

/// A page that is loaded again meets its own lock from before for a moment, milliseconds.
const WAIT_MS: u32 = 1_000;

/// Held until it is dropped.
pub(super) struct Lock {
    /// `None`: this browser has no locks. Its files are still opened by one tab at a time.
    release: Option<Function>,
}

impl Lock {
    /// Takes it; `None`: another tab holds it, or this one does already.
    pub(super) async fn take(name: &str) -> Option<Self> {
        let options = Object::new();
        Reflect::set(&options, &"signal".into(), &AbortSignal::timeout_with_u32(WAIT_MS)).ok()?;
        request(name, &options).await
    }

    /// Takes it if it is free now.
    pub(super) async fn take_if_free(name: &str) -> Option<Self> {
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE).ok()?;
        request(name, &options).await
    }
}

impl Lock {
    /// Names of all that are held, by whatever tab; none where there are no locks.
    pub(super) async fn held() -> Vec<String> {
        look().await.unwrap_or_default()
    }
}

async fn look() -> Option<Vec<String>> {
    let locks = locks()?;
    let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
    let answer: Promise = query.call0(&locks).ok()?.dyn_into().ok()?;
    let seen = JsFuture::from(answer).await.ok()?;
    let held: Array = Reflect::get(&seen, &"held".into()).ok()?.dyn_into().ok()?;
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Some(held.iter().filter_map(name).collect())
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

async fn request(name: &str, options: &Object) -> Option<Lock> {
    let Some(locks) = locks() else {
        return Some(Lock { release: None });
    };
    let (held, release) = promise();
    let (answer, is_granted) = promise();
    let no = is_granted.clone();
    let granted = Closure::once_into_js(move |lock: JsValue| {
        let is_here = lock.is_object();
        let _ = is_granted.call1(&JsValue::UNDEFINED, &is_here.into());
        if is_here { held.into() } else { JsValue::UNDEFINED }
    });
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let over: Promise = request.call3(&locks, &name.into(), options, &granted).ok()?.dyn_into().ok()?;
    spawn_local(async move {
        // It waited in vain; after an answer this says nothing new.
        let _ = JsFuture::from(over).await;
        let _ = no.call1(&JsValue::UNDEFINED, &JsValue::FALSE);
    });
    let is_granted = JsFuture::from(answer).await.ok()?.is_truthy();
    is_granted.then_some(Lock { release: Some(release) })
}

fn locks() -> Option<JsValue> {
    let locks = Reflect::get(&scope().navigator(), &"locks".into()).ok()?;
    locks.is_object().then_some(locks)
}

/// A promise, and what fulfils it.
fn promise() -> (Promise, Function) {
    let mut fulfil = None;
    let promise = Promise::new(&mut |resolve, _| fulfil = Some(resolve));
    (promise, fulfil.expect("a promise hands out its functions when it is made"))
}
