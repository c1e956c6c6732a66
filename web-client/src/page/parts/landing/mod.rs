//! What an invite, or a group's address, leads to.

mod failed;
mod offer;
mod stranger;
mod waiting;

use std::time::Duration;

use leptos::prelude::*;

use crate::messages::{Asked, Command, InviteProblem, Landing, LandingState, Offer};
use crate::page::browser;
use crate::page::peer::Peer;
use crate::screen;
use crate::words::words;
use failed::Failed;
use offer::OfferCard;
use stranger::Stranger;
use waiting::{Refused, Waiting};

/// While the page is looked at, who has what is asked again this often.
const REFRESH_EVERY: Duration = Duration::from_secs(10);

/// What is in front: a card is made anew only when this changes, so that an offer that is refreshed
/// keeps what was typed into it.
#[derive(Clone, PartialEq)]
enum Card {
    Nothing,
    Asking,
    /// With the whole link.
    Offer(String),
    /// With the group's slug.
    Stranger(String),
    Waiting(Asked),
    Refused(Asked),
    /// With the group's slug, if there is one.
    Failed(InviteProblem, String),
}

impl Card {
    fn of(landing: Option<&Landing>) -> Self {
        let slug = landing.map(|landing| landing.slug.clone()).unwrap_or_default();
        match landing.map(|landing| (&landing.state, &landing.invite)) {
            None => Self::Nothing,
            Some((LandingState::Asking, _)) => Self::Asking,
            Some((LandingState::Offer(_) | LandingState::Joining(_), invite)) => Self::Offer(invite.clone()),
            Some((LandingState::Stranger { .. }, _)) => Self::Stranger(slug),
            Some((LandingState::Waiting(asked), _)) => Self::Waiting(asked.clone()),
            Some((LandingState::Refused(asked), _)) => Self::Refused(asked.clone()),
            Some((LandingState::Failed(problem), _)) => Self::Failed(problem.clone(), slug),
        }
    }
}

fn offer_of(landing: Option<&Landing>) -> Offer {
    match landing.map(|landing| &landing.state) {
        Some(LandingState::Offer(offer) | LandingState::Joining(offer)) => offer.clone(),
        _ => Offer::default(),
    }
}

/// S3: what an invite leads to, before anything runs.
#[component]
pub(in crate::page) fn LandingCard() -> impl IntoView {
    let peer = Peer::expect();
    let card = peer.part(|snapshot| Card::of(snapshot.landing.as_ref()));
    let offer = peer.part(|snapshot| offer_of(snapshot.landing.as_ref()));
    let is_joining = peer.part(|snapshot| {
        let state = snapshot.landing.as_ref().map(|landing| &landing.state);
        matches!(state, Some(LandingState::Joining(_) | LandingState::Stranger { is_asking: true }))
    });
    let is_stuck = peer.part(|snapshot| screen::connection_trouble(&snapshot.connection).is_some());
    let looking =
        move || if is_stuck.get() { words().landing_looking_stuck() } else { words().landing_looking() }.to_string();
    refresh_while_shown(peer);
    view! {
        {move || match card.get() {
            Card::Nothing => ().into_any(),
            Card::Asking => view! {
                <section class="card hero" aria-busy="true">
                    <h1 class="lead">{looking}</h1>
                </section>
            }
            .into_any(),
            Card::Offer(invite) => view! { <OfferCard invite offer is_joining/> }.into_any(),
            Card::Stranger(slug) => view! { <Stranger slug is_asking=is_joining/> }.into_any(),
            Card::Waiting(asked) => view! { <Waiting asked/> }.into_any(),
            Card::Refused(asked) => view! { <Refused asked/> }.into_any(),
            Card::Failed(problem, slug) => view! { <Failed problem slug/> }.into_any(),
        }}
    }
}

fn refresh_while_shown(peer: Peer) {
    let refresh = move || {
        if browser::is_visible() {
            peer.send(&Command::RefreshPreview);
        }
    };
    if let Ok(timer) = set_interval_with_handle(refresh, REFRESH_EVERY) {
        on_cleanup(move || timer.clear());
    }
}
