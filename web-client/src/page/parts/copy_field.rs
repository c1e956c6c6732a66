use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::page::browser;
use crate::words::words;

/// A text to be taken elsewhere, with a button that copies it.
#[component]
pub(in crate::page) fn CopyField(
    /// What the text is, for screen readers.
    label: String,
    #[prop(into)] text: Signal<String>,
    /// `data-testid` of the text.
    testid: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(None);
    let copy = move |_| {
        spawn_local(async move {
            let is_done = browser::copy(text.get_untracked()).await;
            copied.set(Some(if is_done { words().links_copied() } else { words().links_select() }.to_string()));
        });
    };
    let verdict = move || copied.get().unwrap_or_else(|| words().links_copy().to_string());
    let what = label.clone();
    view! {
        <div class="copy">
            // Links and commands are written from left to right everywhere.
            <code dir="ltr" tabindex="0" role="textbox" aria-readonly="true" data-testid=testid aria-label=label>{text}</code>
            <button on:click=copy aria-label=move || words().links_about(verdict(), &what).to_string()>{verdict}</button>
            <span class="spoken" role="status">{move || copied.get()}</span>
        </div>
    }
}
