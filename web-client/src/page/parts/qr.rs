use leptos::prelude::*;

use super::copy_field::CopyField;
use crate::page::sending;
use crate::qr::Qr;

/// A link with ways to take it along: the clipboard, a picture for a phone's camera, and whatever the system sends links by.
#[component]
pub(in crate::page) fn LinkField(
    /// What the link is, for screen readers.
    label: &'static str,
    #[prop(into)] link: Signal<String>,
    /// `data-testid` of the text.
    testid: &'static str,
) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    let action = move || if is_shown.get() { "Hide the QR code" } else { "QR code" };
    view! {
        <div class="link">
            <CopyField label text=link testid/>
            <div class="actions">
            <button
                class="quiet"
                data-testid="show-qr"
                aria-label=move || format!("{}: {label}", action())
                aria-expanded=move || is_shown.get().to_string()
                on:click=move |_| is_shown.update(|shown| *shown = !*shown)
            >
                {action}
            </button>
            <Show when=sending::can_send>
                <button
                    class="quiet"
                    data-testid="send-link"
                    aria-label=format!("Share …: {label}")
                    on:click=move |_| sending::send_link(&link.get_untracked())
                >
                    "Share …"
                </button>
            </Show>
            </div>
            <Show when=move || is_shown.get()>{move || qr(&link.get(), label)}</Show>
        </div>
    }
}

fn qr(link: &str, label: &'static str) -> impl IntoView + use<> {
    Qr::of(link).map(|Qr { side, path }| {
        view! {
            <svg
                class="qr"
                data-testid="qr"
                role="img"
                aria-label=format!("QR code of {label}")
                viewBox=format!("0 0 {side} {side}")
                shape-rendering="crispEdges"
            >
                <path d=path/>
            </svg>
        }
    })
}
