use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::page::browser;

/// A text to be taken elsewhere, with a button that copies it.
#[component]
pub(in crate::page) fn CopyField(
    /// What the text is, for screen readers.
    label: &'static str,
    #[prop(into)] text: Signal<String>,
    /// `data-testid` of the text.
    testid: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(None);
    let copy = move |_| {
        spawn_local(async move {
            let done = browser::copy(text.get_untracked()).await;
            copied.set(Some(if done { "Copied" } else { "Select it" }));
        });
    };
    let verdict = move || copied.get().unwrap_or("Copy");
    view! {
        <div class="copy">
            <code tabindex="0" role="textbox" aria-readonly="true" data-testid=testid aria-label=label>{text}</code>
            <button on:click=copy aria-label=move || format!("{}: {label}", verdict())>{verdict}</button>
            <span class="spoken" role="status">{move || copied.get()}</span>
        </div>
    }
}
