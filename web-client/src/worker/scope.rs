//! The worker's global scope: messages to and from the page, the console.

use gloo::timers::callback::Timeout;
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// The scope itself.
pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Hears the page, as long as the worker lives: bytes, and what cannot be made bytes of, which comes behind them in a list.
pub(super) fn on_message(mut heard: impl FnMut(Vec<u8>, Array) + 'static) {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let (bytes, beside) = match event.data().dyn_into::<Array>() {
            Ok(list) => (list.shift(), list),
            Err(bytes) => (bytes, Array::new()),
        };
        heard(Uint8Array::new(&bytes).to_vec(), beside);
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

/// Tells the page.
pub(super) fn post(bytes: &[u8]) {
    // Fails for what cannot be cloned; bytes can.
    let _ = scope().post_message(&Uint8Array::from(bytes));
}

/// The same, with what cannot be made bytes of.
pub(super) fn post_beside(bytes: &[u8], beside: &JsValue) {
    let message = Array::of2(&Uint8Array::from(bytes), beside);
    // Fails for what cannot be cloned; handles can.
    let _ = scope().post_message(&message);
}

/// Waits. Never in the path of the data.
pub(super) async fn pause(ms: u32) {
    let over = Promise::new(&mut |resolve, _| {
        Timeout::new(ms, move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        })
        .forget();
    });
    // Never rejected.
    let _ = JsFuture::from(over).await;
}

/// For whoever looks into the console.
pub(super) fn log(line: &str) {
    web_sys::console::warn_1(&JsValue::from_str(line));
}
