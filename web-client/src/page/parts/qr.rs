use leptos::prelude::*;

use super::copy_field::CopyField;
use crate::page::sending;
use crate::qr::Qr;
use crate::words::words;

/// A link with ways to take it along: the clipboard, a picture for a phone's camera, and whatever the system sends links by.
#[component]
pub(in crate::page) fn LinkField(
    /// What the link is, for screen readers.
    label: String,
    #[prop(into)] link: Signal<String>,
    /// `data-testid` of the text.
    testid: &'static str,
) -> impl IntoView {
    let what = StoredValue::new(label.clone());
    let is_shown = RwSignal::new(false);
    let action = move || if is_shown.get() { words().links_qr_hide() } else { words().links_qr() }.to_string();
    let about = move |action: String| words().links_about(action, what.get_value()).to_string();
    let send = move || words().links_send().to_string();
    view! {
        <div class="link">
            <CopyField label text=link testid/>
            <div class="actions">
                <button
                    class="quiet"
                    data-testid="show-qr"
                    aria-label=move || about(action())
                    aria-expanded=move || is_shown.get().to_string()
                    on:click=move |_| is_shown.update(|shown| *shown = !*shown)
                >
                    {action}
                </button>
                <Show when=sending::can_send>
                    <button
                        class="quiet"
                        data-testid="send-link"
                        aria-label=about(send())
                        on:click=move |_| sending::send_link(&link.get_untracked())
                    >
                        {send()}
                    </button>
                </Show>
            </div>
            <Show when=move || is_shown.get()>{move || qr(&link.get(), &what.get_value())}</Show>
        </div>
    }
}

fn qr(link: &str, what: &str) -> impl IntoView + use<> {
    let label = words().links_qr_of(what).to_string();
    Qr::of(link).map(|Qr { side, path }| {
        view! {
            <svg
                class="qr"
                data-testid="qr"
                role="img"
                aria-label=label
                viewBox=format!("0 0 {side} {side}")
                shape-rendering="crispEdges"
            >
                <path d=path/>
            </svg>
        }
    })
}
