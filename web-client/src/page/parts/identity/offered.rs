use leptos::prelude::*;
use wire_protocol::pasted::DamagedIdentity;

use crate::identity_link::IdentitySecret;
use crate::messages::Command;
use crate::page::bar::{self, Entry};
use crate::page::peer::Peer;
use crate::screen::identity;
use crate::words::words;

/// The page was opened with somebody's identity: nothing happens before the person says so.
#[component]
pub(in crate::page) fn OfferedIdentity(
    /// What is in the address.
    offered: Result<IdentitySecret, DamagedIdentity>,
    /// Shows the page as usual.
    #[prop(into)]
    dismiss: Callback<()>,
) -> impl IntoView {
    match offered {
        Ok(secret) => view! { <Choice secret dismiss/> }.into_any(),
        Err(DamagedIdentity) => view! {
            <section class="card hero">
                <h1>{words().you_link_broken().to_string()}</h1>
                <p class="problem" data-testid="error" role="alert">{words().you_link_damaged().to_string()}</p>
                <div class="actions">
                    <button on:click=move |_| dismiss.run(())>{words().you_without().to_string()}</button>
                </div>
            </section>
        }
        .into_any(),
    }
}

#[component]
fn Choice(
    /// Whoever has it is the person.
    secret: IdentitySecret,
    dismiss: Callback<()>,
) -> impl IntoView {
    let peer = Peer::expect();
    let warning = peer.part(identity::warning);
    let is_known = peer.part(|snapshot| snapshot.is_synced);
    let is_sent = RwSignal::new(false);
    let problem = move || peer.identity_problem();
    let take = move |_| {
        is_sent.set(true);
        peer.send(&Command::TakeIdentity(secret.clone()));
    };
    Effect::new(move |_| {
        if peer.identity_problem().is_some() {
            is_sent.set(false);
        }
    });
    view! {
        <section class="card hero" data-testid="identity-offer">
            <h1>{words().you_offer().to_string()}</h1>
            <p>{words().identity_offer().to_string()}</p>
            {move || warning.get().map(|warning| view! { <p class="warning" data-testid="identity-warning">{warning}</p> })}
            <Show when=move || !is_known.get()>
                <p class="faint">{words().you_looking().to_string()}</p>
            </Show>
            {move || problem().map(|problem| view! { <p class="problem" data-testid="error" role="alert">{problem}</p> })}
            <div class="actions">
                <button data-testid="keep-identity" on:click=move |_| { bar::show_home(Entry::Here); dismiss.run(()); }>
                    {words().you_stay().to_string()}
                </button>
                <button class="primary" data-testid="take-identity" disabled=move || is_sent.get() || !is_known.get() on:click=take>
                    {words().you_take().to_string()}
                </button>
            </div>
        </section>
    }
}
