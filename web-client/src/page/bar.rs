//! The address bar, and with it the browser's Back and Forward: which view is shown is what stands in the bar.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Event;

use super::browser::{origin, window};
use crate::address::{Address, group_path};

/// Where in the browser's history a view stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// In the place of the one that is left: nobody goes back to that.
    Here,
    /// Behind it.
    Next,
}

/// What stands in the bar.
pub(super) fn address() -> Address {
    let location = window().location();
    let parts = [location.pathname(), location.search(), location.hash()].map(Result::unwrap_or_default);
    let [path, query, fragment] = &parts;
    Address::parse(&origin(), path, query, fragment, |slug| session(&group_path(slug)))
}

/// Keeps an invite's secret in this tab, for a reload. `false`: the browser keeps nothing.
pub(super) fn keep_secret(slug: &str, secret: &str) -> bool {
    let storage = window().session_storage().ok().flatten();
    storage.is_some_and(|storage| storage.set_item(&group_path(slug), secret).is_ok())
}

/// This tab goes by the group's address alone.
pub(super) fn forget_secret(slug: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.remove_item(&group_path(slug));
    }
}

fn session(key: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(key).ok()?
}

/// Shows a group, and the secret that opens it where it is kept nowhere else.
pub(super) fn show_group(slug: &str, secret: Option<&str>, entry: Entry) {
    let fragment = secret.map(|secret| format!("#{secret}")).unwrap_or_default();
    show(&group_path(slug), &fragment, entry);
}

/// Shows the home page.
pub(super) fn show_home(entry: Entry) {
    show("/", "", entry);
}

/// Changes the bar, not the page. What was said to this visit behind the `?` stays; a secret does not, which some
/// programs move there.
fn show(path: &str, fragment: &str, entry: Entry) {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    let query = if query.contains("%23") { "" } else { &query };
    let shown = format!("{path}{query}{fragment}");
    let parts = [location.pathname(), location.search(), location.hash()].map(Result::unwrap_or_default);
    let (Ok(history), false) = (window().history(), parts.concat() == shown) else {
        return;
    };
    // Both fail only where a page changes the bar hundreds of times in a minute.
    let _ = match entry {
        Entry::Here => history.replace_state_with_url(&JsValue::NULL, "", Some(&shown)),
        Entry::Next => history.push_state_with_url(&JsValue::NULL, "", Some(&shown)),
    };
}

/// Tells when another address stands in the bar: by Back or Forward, or because a link was pasted that differs from what
/// stood there in its secret only, for which the browser itself does not load the page anew.
pub(super) fn on_moved(moved: impl Fn() + 'static) {
    let moved = Closure::<dyn FnMut(Event)>::new(move |_| moved());
    window().set_onpopstate(Some(moved.as_ref().unchecked_ref()));
    // Lives as long as the page.
    moved.forget();
}
