use leptos::prelude::*;
use wire_protocol::control::JOIN_MESSAGE_CHARS_MAX;

/// What the admins shall read with a request.
#[component]
pub(in crate::page) fn MessageField(
    /// What was typed.
    typed: RwSignal<String>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>"A word to the admins, so that they know who you are (if you like)"</span>
            <input
                type="text"
                data-testid="join-message"
                autocomplete="off"
                maxlength=JOIN_MESSAGE_CHARS_MAX
                placeholder="It's me, from the cabin"
                prop:value=typed
                on:input:target=move |event| typed.set(event.target().value())
            />
        </label>
    }
}
