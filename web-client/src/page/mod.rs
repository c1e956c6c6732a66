//! What the person sees: components that show the worker's snapshots and send it commands. They decide
//! nothing; the words and states come from [`crate::screen`].

mod again;
mod app;
mod awake;
mod bar;
mod browser;
mod focus;
mod metered;
mod notifying;
mod outbox;
mod parts;
mod peer;
mod picking;
mod saving;
mod sending;
mod service;

use crate::words;

/// Puts the page into the document.
pub fn run() {
    console_error_panic_hook::set_once();
    let language = browser::language();
    words::speak(language);
    browser::show_language(language);
    leptos::mount::mount_to_body(app::App);
}
