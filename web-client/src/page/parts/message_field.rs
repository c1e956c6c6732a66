use leptos::prelude::*;
use wire_protocol::control::JOIN_MESSAGE_CHARS_MAX;

use crate::words::words;

/// What the admins shall read with a request.
#[component]
pub(in crate::page) fn MessageField(
    /// What was typed.
    typed: RwSignal<String>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{words().landing_message().to_string()}</span>
            <input
                type="text"
                data-testid="join-message"
                autocomplete="off"
                maxlength=JOIN_MESSAGE_CHARS_MAX
                placeholder=words().landing_message_example().to_string()
                prop:value=typed
                on:input:target=move |event| typed.set(event.target().value())
            />
        </label>
    }
}
