//! Notifications of the browser, for whoever asked for them: what happens while the tab is not in front.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationPermission};

use super::browser;
use super::peer::Peer;
use crate::screen::news::Seen;

/// What the person has said to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// Nothing yet.
    Open,
    /// Yes.
    Given,
    /// No, or this browser shows none.
    None,
}

/// What the person has said so far.
pub(super) fn permission() -> Permission {
    let is_there = Reflect::has(&browser::window(), &"Notification".into()).unwrap_or(false);
    match is_there.then(Notification::permission) {
        Some(NotificationPermission::Default) => Permission::Open,
        Some(NotificationPermission::Granted) => Permission::Given,
        _ => Permission::None,
    }
}

/// Has the browser ask the person, who has just pressed a button.
pub(super) async fn ask() -> Permission {
    if let Ok(asked) = Notification::request_permission() {
        let _ = JsFuture::from(asked).await;
    }
    permission()
}

/// Tells what is new while the tab is not in front.
pub(super) fn tell_news(peer: Peer) {
    let seen = peer.part(Seen::of);
    Effect::new(move |before: Option<Seen>| {
        let now = seen.get();
        if let Some(before) = before.filter(|_| !browser::is_visible() && permission() == Permission::Given) {
            let news = peer.read(|snapshot| now.news(&before, snapshot));
            news.iter().for_each(|line| show(line));
        }
        now
    });
}

fn show(line: &str) {
    // Some phones show them for installed pages only.
    let _ = Notification::new(line);
}
