//! Keeps the tab going while it is needed: browsers freeze hidden tabs that hold no lock, and phones put
//! the screen, and the page with it, to sleep.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::browser;

const LOCK: &str = "covey-transfer";

/// Holds the locks while `is_needed`. A browser that has none, or refuses, is as it is.
pub(super) fn keep_awake(is_needed: Memo<bool>) {
    let lock = StoredValue::new_local(None::<Function>);
    let screen = StoredValue::new_local(None::<JsValue>);
    Effect::new(move |_| {
        if is_needed.get() {
            lock.set_value(hold_lock());
            light_screen(is_needed, screen);
        } else {
            if let Some(let_go) = lock.try_update_value(Option::take).flatten() {
                let _ = let_go.call0(&JsValue::UNDEFINED);
            }
            if let Some(held) = screen.try_update_value(Option::take).flatten() {
                release(&held);
            }
        }
    });
    // The screen's lock is lost whenever the tab is hidden.
    browser::on_visible(move || {
        light_screen(is_needed, screen);
    });
}

fn light_screen(is_needed: Memo<bool>, screen: StoredValue<Option<JsValue>, LocalStorage>) {
    spawn_local(async move {
        if !is_needed.get_untracked() {
            return;
        }
        let held = hold_screen().await;
        // The file may have come in the meantime.
        match held {
            Some(held) if !is_needed.get_untracked() => release(&held),
            held => screen.set_value(held),
        }
    });
}

fn release(held: &JsValue) {
    let _ = method(held, "release").and_then(|release| release.call0(held).ok());
}

/// A Web Lock that is held until the returned function is called.
fn hold_lock() -> Option<Function> {
    let locks = browser::navigator_part("locks")?;
    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    let granted = Closure::once_into_js(move |_lock: JsValue| held);
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &"shared".into()).ok()?;
    method(&locks, "request")?.call3(&locks, &LOCK.into(), &options, &granted).ok()?;
    release
}

/// The screen's wake lock.
async fn hold_screen() -> Option<JsValue> {
    let wake_lock = browser::navigator_part("wakeLock")?;
    let request = method(&wake_lock, "request")?.call1(&wake_lock, &"screen".into()).ok()?;
    JsFuture::from(request.dyn_into::<Promise>().ok()?).await.ok()
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}
