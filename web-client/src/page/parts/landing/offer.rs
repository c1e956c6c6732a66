use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::format;
use crate::messages::{Command, Offer};
use crate::page::parts::advanced::Advanced;
use crate::page::parts::around::around;
use crate::page::parts::message_field::MessageField;
use crate::page::parts::name_field::NameField;
use crate::page::parts::terminal_way::TerminalWay;
use crate::page::parts::too_big::TooBig;
use crate::page::peer::{Peer, ToPlay};
use crate::screen;
use crate::words::{PLACES, words};

/// The value of the button that begins to play as well.
const PLAY: &str = "play";

/// Who shares what, and the one button.
#[component]
pub(super) fn OfferCard(
    /// The whole link.
    invite: String,
    /// What is behind it.
    offer: Memo<Offer>,
    /// The button was pressed.
    is_joining: Memo<bool>,
) -> impl IntoView {
    let peer = Peer::expect();
    let (typed, message) = (RwSignal::new(None::<String>), RwSignal::new(String::new()));
    let needs_accept = Memo::new(move |_| offer.with(|offer| offer.needs_accept));
    let is_unsound = RwSignal::new(false);
    let current = peer.part(|snapshot| snapshot.display_name.clone());
    let link = StoredValue::new(invite.clone());
    let join = {
        let invite = invite.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let plays = event.submitter().is_some_and(|button| button.get_attribute("value").as_deref() == Some(PLAY));
            peer.play(plays.then_some(ToPlay::Next));
            if is_unsound.get_untracked() {
                return;
            }
            let display_name = typed.get_untracked().unwrap_or_else(|| current.get_untracked());
            let tuning = peer.tuning().get_untracked();
            let message = message.get_untracked();
            peer.send(&Command::Join { invite: invite.clone(), display_name, message, tuning, plays });
        }
    };
    let button = move || offer.with(|offer| screen::join_button(offer, is_joining.get()));
    let refused = Memo::new(move |_| {
        let capacity = peer.capacity()?;
        offer.with(|offer| screen::too_big(offer, &capacity).cloned())
    });
    let is_playable = Memo::new(move |_| offer.with(screen::offers_to_play));
    let form = StoredValue::new(join);
    view! {
        <section class="card hero">
            <h1 class="eyebrow">{move || who_and_where(offer, needs_accept.get())}</h1>
            {move || view! { <OfferedFiles offer=offer.get()/> }}
            {move || match refused.get() {
                Some(file) => view! { <TooBig name=file.name size=file.size invite=link.get_value()/> }.into_any(),
                None => view! {
                    <form class="join" on:submit=form.get_value()>
                        <NameField typed/>
                        <Show when=move || needs_accept.get()><MessageField typed=message/></Show>
                        <button class="primary" data-testid="join" disabled=move || is_joining.get() || is_unsound.get()>{button}</button>
                        <Show when=move || is_playable.get() && !is_joining.get()>
                            <button data-testid="join-and-play" value=PLAY disabled=move || is_unsound.get()>
                                {words().landing_play().to_string()}
                            </button>
                        </Show>
                    </form>
                    // Nothing is downloaded before an admin has answered.
                    <Show when=move || !needs_accept.get()>
                        <Advanced
                            tuning=peer.tuning()
                            choose=move |tuning| peer.remember_tuning(tuning)
                            is_complete=false
                            is_unsound
                        />
                    </Show>
                    <div class="aside">
                        <span>{words().landing_terminal().to_string()}</span>
                        <TerminalWay invite=link.get_value()/>
                    </div>
                }
                .into_any(),
            }}
        </section>
    }
}

/// Who shares with whom, or invites to what.
fn who_and_where(offer: Memo<Offer>, needs_accept: bool) -> impl IntoView {
    let name = |of: fn(&Offer) -> String| move || offer.with(of);
    let who = view! { <strong dir="auto">{name(|offer| offer.invited_by.clone())}</strong> }.into_any();
    let group =
        view! { <strong dir="auto" data-testid="group-name">{name(|offer| offer.group.clone())}</strong> }.into_any();
    let [first, second] = PLACES;
    let sentence = match needs_accept {
        true => words().landing_invites(first, second),
        false => words().landing_shares(first, second),
    };
    around(&sentence, [who, group])
}

/// The group's files before joining.
#[component]
fn OfferedFiles(
    /// What is behind the invite.
    offer: Offer,
) -> impl IntoView {
    if offer.needs_accept {
        return view! { <p class="lead">{words().landing_asks().to_string()}</p> }.into_any();
    }
    if offer.files.is_empty() {
        return view! { <p class="lead">{words().landing_no_file().to_string()}</p> }.into_any();
    }
    let is_single = offer.files.len() == 1;
    let files = offer.files.into_iter().map(|file| {
        let holders = screen::holders_line(&file);
        view! {
            <li data-testid="offered-file" data-name=file.name.clone()>
                <span class="filename"><bdi>{file.name.clone()}</bdi></span>
                <span class="faint">{format::bytes(file.size)} " · " {holders}</span>
            </li>
        }
    });
    view! { <ul class="offered" class:single=is_single>{files.collect_view()}</ul> }.into_any()
}
