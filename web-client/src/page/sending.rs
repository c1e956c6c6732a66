//! The system's own way to send a link, where the browser has one: phones do.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::browser;

/// There is one.
pub(super) fn can_send() -> bool {
    share().is_some()
}

/// Asks the person whom to send it to. That they changed their mind is no news.
pub(super) fn send_link(link: &str) {
    let data = Object::new();
    // Fails for objects that are frozen; this one is new.
    let _ = Reflect::set(&data, &"url".into(), &link.into());
    if let Some(share) = share() {
        let _ = share.call1(&browser::window().navigator(), &data);
    }
}

fn share() -> Option<Function> {
    Reflect::get(&browser::window().navigator(), &JsValue::from_str("share")).ok()?.dyn_into().ok()
}
