use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::messages::Command;
use crate::page::parts::around::around;
use crate::page::parts::message_field::MessageField;
use crate::page::parts::name_field::NameField;
use crate::page::peer::Peer;
use crate::words::{PLACES, words};

/// A group by its address alone: whoever is not in it may ask.
#[component]
pub(super) fn Stranger(
    /// The group's two friendly words.
    slug: String,
    /// The button was pressed.
    #[prop(into)]
    is_asking: Signal<bool>,
) -> impl IntoView {
    let peer = Peer::expect();
    let (typed, message) = (RwSignal::new(None::<String>), RwSignal::new(String::new()));
    let current = peer.part(|snapshot| snapshot.display_name.clone());
    let title = words().landing_stranger(&slug).to_string();
    let heading = view! { <q>{words().group_invite().to_string()}</q> }.into_any();
    let next = around(&words().landing_stranger_next(PLACES[0]), [heading]);
    let button = move || if is_asking.get() { words().landing_asking() } else { words().landing_ask() }.to_string();
    let ask = move |event: SubmitEvent| {
        event.prevent_default();
        peer.send(&Command::AskToJoin {
            slug: slug.clone(),
            display_name: typed.get_untracked().unwrap_or_else(|| current.get_untracked()),
            message: message.get_untracked(),
        });
    };
    view! {
        <section class="card hero">
            <h1 data-testid="stranger">{title}</h1>
            <p class="lead">{next}</p>
            <form class="join" on:submit=ask>
                <NameField typed/>
                <MessageField typed=message/>
                <button class="primary" data-testid="join" disabled=is_asking>{button}</button>
            </form>
        </section>
    }
}
