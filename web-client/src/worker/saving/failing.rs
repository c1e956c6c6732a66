//! What a browser calls what went wrong.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::saving::Trouble;

/// `NotAllowedError`
pub(super) fn name_of(error: &JsValue) -> String {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    name.unwrap_or_else(|| format!("{error:?}"))
}

/// Of writing.
pub(super) fn writing(error: JsValue) -> Trouble {
    Trouble::of_writing(&name_of(&error))
}

/// Of reading what was downloaded.
pub(super) fn reading(error: JsValue) -> Trouble {
    Trouble::Unreadable(name_of(&error))
}
