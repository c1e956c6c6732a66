use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::messages::Command;
use crate::page::parts::message_field::MessageField;
use crate::page::parts::name_field::NameField;
use crate::page::peer::Peer;

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
    let title = format!("You are not in {slug}");
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
            <p class="lead">
                "This is a group's address, not an invite. Ask whoever sent it for the link: it stands under "
                <q>"Invite others"</q>" on the group's page. Or ask the group's admins to let you in."
            </p>
            <form class="join" on:submit=ask>
                <NameField typed/>
                <MessageField typed=message/>
                <button class="primary" data-testid="join" disabled=is_asking>
                    {move || if is_asking.get() { "Asking …" } else { "Ask to join" }}
                </button>
            </form>
        </section>
    }
}
