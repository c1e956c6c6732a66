//! A file of an earlier visit, read again by the handle that the browser gave for it: the person is asked, at a click.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileSystemFileHandle};

/// Asks, and opens it.
///
/// # Errors
/// What the browser calls it; `NotAllowedError` if the person said no.
pub(super) async fn read(handle: &JsValue) -> Result<File, String> {
    if let Some(answer) = ask(handle) {
        let answer = JsFuture::from(answer).await.map_err(name_of)?;
        if answer.as_string().as_deref() != Some("granted") {
            return Err("NotAllowedError".to_owned());
        }
    }
    let handle: &FileSystemFileHandle = handle.dyn_ref().ok_or("NotFoundError")?;
    JsFuture::from(handle.get_file()).await.map(JsCast::unchecked_into).map_err(name_of)
}

/// Not every browser asks.
fn ask(handle: &JsValue) -> Option<Promise> {
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &"read".into()).ok()?;
    let ask: Function = Reflect::get(handle, &"requestPermission".into()).ok()?.dyn_into().ok()?;
    ask.call1(handle, &options).ok()?.dyn_into().ok()
}

fn name_of(error: JsValue) -> String {
    let name = Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string());
    name.unwrap_or_else(|| format!("{error:?}"))
}
