use leptos::prelude::*;

use super::offer::OfferCard;
use crate::messages::{Connection, LandingState};
use crate::page::peer::Peer;
use crate::screen;

/// S3: what an invite leads to, before anything runs.
#[component]
pub(in crate::page) fn LandingCard() -> impl IntoView {
    let peer = Peer::expect();
    let landing = peer.part(|snapshot| snapshot.landing.clone());
    let is_stuck =
        peer.part(|snapshot| matches!(snapshot.connection, Connection::Trouble { .. } | Connection::Refused { .. }));
    view! {
        {move || {
            landing.get().map(|landing| match landing.state {
                LandingState::Asking => view! {
                    <section class="card hero" aria-busy="true">
                        <p class="lead">
                            {move || if is_stuck.get() { "This invite cannot be looked up now." } else { "Looking at the invite …" }}
                        </p>
                    </section>
                }
                .into_any(),
                LandingState::Offer(offer) => {
                    view! { <OfferCard invite=landing.invite offer is_joining=false/> }.into_any()
                }
                LandingState::Joining(offer) => {
                    view! { <OfferCard invite=landing.invite offer is_joining=true/> }.into_any()
                }
                LandingState::Failed(problem) => view! {
                    <section class="card hero">
                        <h1>"This link leads nowhere"</h1>
                        <p class="problem" data-testid="error" role="alert">{screen::invite_problem(&problem)}</p>
                    </section>
                }
                .into_any(),
            })
        }}
    }
}
