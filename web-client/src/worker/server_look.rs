//! What keeps this browser's WebSockets from a server that answers otherwise.

use js_sys::{JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, WorkerGlobalScope};

use super::scope::scope;
use crate::screen::contact::found_line;

/// Asks the server what it sees of us. `None`: it does not answer, or is another.
pub(super) async fn find(origin: &str) -> Option<String> {
    let worker: WorkerGlobalScope = scope().unchecked_into();
    let answer = JsFuture::from(worker.fetch_with_str(&format!("{origin}/seen?origin={origin}"))).await.ok()?;
    let text = JsFuture::from(answer.dyn_into::<Response>().ok()?.text().ok()?).await.ok()?;
    let seen = JSON::parse(&text.as_string()?).ok()?;
    let field = |name: &str| Reflect::get(&seen, &JsValue::from_str(name)).ok();
    field("program")?.as_string().filter(|program| program == "tracker-relay")?;
    Some(found_line(field("refusal")?.as_string().as_deref()))
}
