//! The browser's own choosers of a place to save in, where it has them: they open at a click only.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::browser;
use crate::messages::SaveAs;

/// Whether the browser can ask for a place.
pub(super) fn can_ask(save_as: SaveAs) -> bool {
    chooser(save_as).is_some()
}

/// Asks the person for a place: its handle.
///
/// # Errors
/// What the browser calls it; `AbortError` if they changed their mind.
pub(super) async fn ask(save_as: SaveAs, name: &str) -> Result<JsValue, String> {
    let options = Object::new();
    let (key, value) = match save_as {
        SaveAs::Folder => ("mode", "readwrite".to_owned()),
        SaveAs::File => ("suggestedName", name.to_owned()),
        SaveAs::Zip => ("suggestedName", format!("{name}.zip")),
    };
    Reflect::set(&options, &key.into(), &value.into()).map_err(name_of)?;
    let chooser = chooser(save_as).ok_or("NotSupportedError")?;
    let chosen: Promise = chooser.call1(&browser::window(), &options).map_err(name_of)?.unchecked_into();
    JsFuture::from(chosen).await.map_err(name_of)
}

fn chooser(save_as: SaveAs) -> Option<Function> {
    let name = match save_as {
        SaveAs::Folder => "showDirectoryPicker",
        SaveAs::File | SaveAs::Zip => "showSaveFilePicker",
    };
    Reflect::get(&browser::window(), &name.into()).ok()?.dyn_into().ok()
}

fn name_of(error: JsValue) -> String {
    let name = Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string());
    name.unwrap_or_else(|| format!("{error:?}"))
}
