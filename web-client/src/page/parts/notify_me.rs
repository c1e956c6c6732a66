use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::page::notifying::{self, Permission};

/// The one place where a person is asked whether the browser may show notifications: where one is of use.
#[component]
pub(super) fn NotifyMe(
    /// `Notify me when it is done`.
    label: String,
) -> impl IntoView {
    let label = StoredValue::new(label);
    let permission = RwSignal::new(notifying::permission());
    let ask = move |_| spawn_local(async move { permission.set(notifying::ask().await) });
    view! {
        <Show when=move || permission.get() == Permission::Open>
            <button data-testid="notify-me" on:click=ask>{label.get_value()}</button>
        </Show>
    }
}
