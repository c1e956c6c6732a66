//! All that the page asks of the browser itself.

use gloo::timers::callback::Timeout;
use js_sys::Reflect;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, Document, Element, Event, HtmlAnchorElement, HtmlElement, HtmlInputElement, Node, StorageEstimate, Url,
    UrlSearchParams, Window,
};

use super::bar::{self, Entry};
use super::focus;
use crate::browser_name::{is_chromium, is_mobile};
use crate::capacity::Machine;
use crate::tuning::Tuning;
use crate::words::{self, Language};

/// A small file is saved by then, milliseconds.
const SAVED_AFTER_MS: u32 = 60_000;

pub(super) fn window() -> Window {
    web_sys::window().expect("the page runs on the main thread")
}

fn document() -> Document {
    window().document().expect("a page has a document")
}

/// `https://share.example`
pub(super) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// What the browser says it is.
pub(super) fn user_agent() -> String {
    window().navigator().user_agent().unwrap_or_default()
}

/// Links are encrypted, unless whoever measures what that costs has switched it off in this browser and at the other
/// end. It is nothing that an address could say: a link from a stranger must not decide it.
pub(super) fn is_encrypted() -> bool {
    kept(UNENCRYPTED_KEY).is_none()
}

/// Whether the page comes from `trunk serve`: only there is the script that loads it anew after a change.
pub(super) fn is_behind_trunk() -> bool {
    let scripts = document().scripts();
    let is_trunks = |script: web_sys::Element| script.text_content().is_some_and(|text| text.contains("/trunk/ws"));
    cfg!(debug_assertions) && (0..scripts.length()).filter_map(|at| scripts.item(at)).any(is_trunks)
}

/// Begins anew at the home page.
pub(super) fn begin_anew() {
    bar::show_home(Entry::Here);
    let _ = window().location().reload();
}

/// A moment as the person's own calendar and clock say it; of today without the date. `at_ms`: Unix milliseconds.
pub(super) fn local_time(at_ms: u64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at_ms as f64));
    let is_today = date.to_date_string() == js_sys::Date::new_0().to_date_string();
    let styles = [("timeStyle", "short"), ("dateStyle", "medium")];
    let options = js_sys::Object::new();
    for (part, style) in styles.into_iter().take(if is_today { 1 } else { 2 }) {
        // Fails for objects that are frozen; this one is new.
        let _ = Reflect::set(&options, &part.into(), &style.into());
    }
    let spoken = words::spoken();
    // As it is written where the person is.
    let own = languages().into_iter().find(|tag| Language::of_tag(tag) == Some(spoken));
    let language = own.unwrap_or_else(|| spoken.tag().to_owned());
    date.to_locale_string(&language, &options).into()
}

/// Opens another page.
pub(super) fn go(url: &str) {
    let _ = window().location().assign(url);
}

/// What the browser says of its machine.
pub(super) async fn machine() -> Machine {
    let user_agent = user_agent();
    let device_memory = Reflect::get(&window().navigator(), &JsValue::from_str("deviceMemory"));
    Machine {
        device_memory_gib: device_memory.ok().and_then(|value| value.as_f64()),
        storage_left: storage_left().await,
        is_mobile: is_mobile(&user_agent),
        is_chromium: is_chromium(&user_agent),
        memory_mb: query("memory_mb").and_then(|text| text.parse().ok()),
    }
}

async fn storage_left() -> Option<u64> {
    // Without HTTPS there is no `navigator.storage`, whatever its type says.
    let storage = window().navigator().storage();
    if storage.is_undefined() {
        return None;
    }
    let estimate: StorageEstimate = JsFuture::from(storage.estimate().ok()?).await.ok()?.unchecked_into();
    let field = |name: &str| Reflect::get(&estimate, &JsValue::from_str(name)).ok()?.as_f64();
    Some((field("quota")? - field("usage")?).max(0.0) as u64)
}

/// Asks the browser to keep what this page has even when it is short of room. Firefox would ask the person in turn, who does not
/// know yet what for.
pub(super) fn keep_storage() {
    let storage = window().navigator().storage();
    if storage.is_undefined() || user_agent().contains("Firefox/") {
        return;
    }
    if let Ok(answer) = storage.persist() {
        // Refused: it is kept as long as there is room.
        spawn_local(async move { drop(JsFuture::from(answer).await) });
    }
}

fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// Whether this stood behind the `?`; it does not any more, so that a reload does not mean it again.
pub(super) fn take_query(name: &str) -> bool {
    let is_there = query(name).is_some();
    if is_there && let (Ok(history), Ok(path)) = (window().history(), window().location().pathname()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
    is_there
}

/// Puts a text on the clipboard. `false`: the browser does not allow it.
pub(super) async fn copy(text: String) -> bool {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return copy_by_selection(&text);
    }
    JsFuture::from(clipboard.write_text(&text)).await.is_ok() || copy_by_selection(&text)
}

/// The way that also works without HTTPS, on a server in the home network.
fn copy_by_selection(text: &str) -> bool {
    let Ok(field) = document().create_element("input") else {
        return false;
    };
    let field: HtmlInputElement = field.unchecked_into();
    field.set_value(text);
    let Some(body) = document().body() else {
        return false;
    };
    if body.append_child(&field).is_err() {
        return false;
    }
    field.select();
    let command = Reflect::get(&document(), &JsValue::from_str("execCommand"));
    let done = command.ok().and_then(|command| command.dyn_into::<js_sys::Function>().ok()).and_then(|command| {
        let copied = command.call1(&document(), &JsValue::from_str("copy")).ok()?;
        copied.as_bool()
    });
    field.remove();
    done.unwrap_or(false)
}

/// What is pasted, by the event that says so.
pub(super) fn pasted_text(paste: &JsValue) -> Option<String> {
    let data = Reflect::get(paste, &JsValue::from_str("clipboardData")).ok()?;
    let get = Reflect::get(&data, &JsValue::from_str("getData")).ok()?.dyn_into::<js_sys::Function>().ok()?;
    get.call1(&data, &JsValue::from_str("text/plain")).ok()?.as_string()
}

/// Hands an object URL to the browser's own downloads.
pub(super) fn save(url: &str, name: &str) {
    let Ok(link) = document().create_element("a") else {
        return;
    };
    let link: HtmlAnchorElement = link.unchecked_into();
    link.set_href(url);
    link.set_download(name);
    link.click();
}

/// Hands bytes to the browser's own downloads, and keeps no address of them once they are there.
pub(super) fn save_bytes(bytes: &[u8], name: &str) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    // Fail for parts that are none, and without memory.
    let Ok(blob) = Blob::new_with_u8_array_sequence(&parts) else {
        return;
    };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else {
        return;
    };
    save(&url, name);
    // Some browsers ask the person first where to, and read it after that.
    Timeout::new(SAVED_AFTER_MS, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
}

/// An element that is in no page yet.
pub(super) fn new_element(name: &str) -> Option<Element> {
    document().create_element(name).ok()
}

/// Milliseconds, from any moment on.
pub(super) fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// What stands in the tab.
pub(super) fn set_title(title: &str) {
    document().set_title(title);
}

/// The focus is never lost.
pub(super) fn keep_focus() {
    focus::keep(&document());
}

/// Asks before the tab is closed while `is_needed` says so.
pub(super) fn guard_closing(is_needed: impl Fn() -> bool + 'static) {
    let guard = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        if is_needed() {
            event.prevent_default();
        }
    });
    window().set_onbeforeunload(Some(guard.as_ref().unchecked_ref()));
    // Lives as long as the page.
    guard.forget();
}

/// Whether the focus is somewhere inside an element.
pub(super) fn has_focus(element: &Node) -> bool {
    document().active_element().is_some_and(|active| element.contains(Some(&active)))
}

/// Whether the tab is in front.
pub(super) fn is_visible() -> bool {
    !document().hidden()
}

/// Tells when the tab comes to the front.
pub(super) fn on_visible(shown: impl Fn() + 'static) {
    let changed = Closure::<dyn FnMut(Event)>::new(move |_| {
        if is_visible() {
            shown();
        }
    });
    let _ = document().add_event_listener_with_callback("visibilitychange", changed.as_ref().unchecked_ref());
    // Lives as long as the page.
    changed.forget();
}

/// A part of `navigator` that not every browser has.
pub(super) fn navigator_part(name: &str) -> Option<JsValue> {
    let part = Reflect::get(&window().navigator(), &JsValue::from_str(name)).ok()?;
    part.is_object().then_some(part)
}

const LANGUAGE_KEY: &str = "covey.language";
const THEME_KEY: &str = "covey.theme";
const UNENCRYPTED_KEY: &str = "covey-measures-unencrypted";
const TUNING_KEY: &str = "covey.tuning";

/// What this browser keeps for the person from visit to visit; it may forbid that.
fn kept(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

fn keep(key: &str, text: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, text);
    }
}

/// What was chosen last under "Advanced".
pub(super) fn remembered_tuning() -> Tuning {
    kept(TUNING_KEY).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Remembers the person's choice.
pub(super) fn remember_tuning(tuning: &Tuning) {
    keep(TUNING_KEY, &tuning.to_string());
}

/// What the person has told the browser that they read, the best first.
fn languages() -> Vec<String> {
    window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect()
}

/// What the page speaks: as chosen, else as the browser does.
pub(super) fn language() -> Language {
    let chosen = kept(LANGUAGE_KEY).and_then(|tag| Language::of_tag(&tag));
    chosen.unwrap_or_else(|| words::of_browser(languages().iter().map(String::as_str)))
}

/// Remembers the person's choice.
pub(super) fn remember_language(language: Language) {
    keep(LANGUAGE_KEY, language.tag());
}

/// Tells screen readers, and whatever else reads the page, in which language it is.
pub(super) fn show_language(language: Language) {
    if let Some(root) = document().document_element() {
        // Fails for names that are none.
        let _ = root.set_attribute("lang", language.tag());
    }
}

/// Whether the page is dark: as chosen, else as the system is.
pub(super) fn is_dark() -> bool {
    match kept(THEME_KEY).as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches()),
    }
}

/// Tells when the system turns dark or light, unless the person has chosen for this page.
pub(super) fn on_scheme(turned: impl Fn(bool) + 'static) {
    let Some(query) = window().match_media("(prefers-color-scheme: dark)").ok().flatten() else {
        return;
    };
    let changed = Closure::<dyn FnMut()>::new(move || {
        if kept(THEME_KEY).is_none() {
            turned(is_dark());
        }
    });
    let _ = query.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
    // Lives as long as the page.
    changed.forget();
}

/// Paints the page dark or light.
pub(super) fn show_theme(dark: bool) {
    let theme = if dark { "dark" } else { "light" };
    let root = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    if let Some(root) = root {
        let _ = root.dataset().set("theme", theme);
    }
}

/// Remembers the person's choice.
pub(super) fn remember_theme(dark: bool) {
    keep(THEME_KEY, if dark { "dark" } else { "light" });
}
