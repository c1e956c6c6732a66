use leptos::prelude::*;
use wire_protocol::control::DISPLAY_NAME_CHARS_MAX;

use crate::page::peer::Peer;
use crate::words::words;

/// What others shall call this person: the name they have until they type another.
#[component]
pub(in crate::page) fn NameField(
    /// What was typed; `None` until then.
    typed: RwSignal<Option<String>>,
) -> impl IntoView {
    let current = Peer::expect().part(|snapshot| snapshot.display_name.clone());
    let shown = move || typed.get().unwrap_or_else(|| current.get());
    view! {
        <label class="field">
            <span>{words().landing_name().to_string()}</span>
            <input
                type="text"
                data-testid="display-name"
                autocomplete="nickname"
                maxlength=DISPLAY_NAME_CHARS_MAX
                prop:value=shown
                on:input:target=move |event| typed.set(Some(event.target().value()))
            />
        </label>
    }
}
