use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::messages::Command;
use crate::page::browser;
use crate::page::parts::around::around;
use crate::page::parts::dialog::Dialog;
use crate::page::parts::name_field::NameField;
use crate::page::parts::qr::LinkField;
use crate::page::peer::Peer;
use crate::words::{PLACES, words};

/// Who one is: the name, and the same person on another device.
#[component]
pub(in crate::page::parts) fn You() -> impl IntoView {
    let peer = Peer::expect();
    let name = peer.part(|snapshot| snapshot.display_name.clone());
    let is_open = RwSignal::new(false);
    let close = move |()| {
        is_open.set(false);
        peer.forget_identity();
    };
    view! {
        <button
            class="me"
            data-testid="you"
            hidden=move || name.with(String::is_empty)
            aria-haspopup="dialog"
            on:click=move |_| is_open.set(true)
        >
            {around(&words().you_are(PLACES[0]), [view! { <strong dir="auto">{name}</strong> }.into_any()])}
        </button>
        <Dialog is_open closed=close title=words().you_title().to_string() testid="you-dialog">
            <Rename/>
            <OtherDevice/>
            <div class="actions">
                <button data-testid="close-you" on:click=move |_| close(())>{words().you_done().to_string()}</button>
            </div>
        </Dialog>
    }
}

/// Another name, in all groups.
#[component]
fn Rename() -> impl IntoView {
    let peer = Peer::expect();
    let typed = RwSignal::new(None::<String>);
    let rename = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(name) = typed.get_untracked() {
            peer.send(&Command::SetDisplayName(name));
            typed.set(None);
        }
    };
    view! {
        <form on:submit=rename>
            <NameField typed/>
            <Show when=move || typed.with(Option::is_some)>
                <button data-testid="rename">{words().you_rename().to_string()}</button>
            </Show>
        </form>
    }
}

/// The link that makes another device this person's. It is shown when it is wanted, and gone with the dialog.
#[component]
fn OtherDevice() -> impl IntoView {
    let peer = Peer::expect();
    let link = Memo::new(move |_| peer.identity().map(|secret| secret.link(&browser::origin())));
    view! {
        <h3>{words().you_elsewhere().to_string()}</h3>
        <p class="faint">{words().identity_link().to_string()}</p>
        <Show
            when=move || link.with(Option::is_some)
            fallback=move || view! {
                <button data-testid="show-identity" on:click=move |_| peer.send(&Command::ShowIdentity)>
                    {words().you_show_link().to_string()}
                </button>
            }
        >
            <p class="warning">{words().identity_secret().to_string()}</p>
            <LinkField
                label=words().you_link().to_string()
                link=Signal::derive(move || link.get().unwrap_or_default())
                testid="identity-link"
            />
        </Show>
    }
}
