use leptos::prelude::*;

use crate::messages::{Asked, Command};
use crate::page::bar::{self, Entry};
use crate::page::parts::around::around;
use crate::page::parts::notify_me::NotifyMe;
use crate::page::peer::Peer;
use crate::screen::asking;
use crate::words::{PLACES, words};

/// S4: an admin has to answer. It goes on by itself.
#[component]
pub(super) fn Waiting(
    /// What was asked.
    asked: Asked,
) -> impl IntoView {
    let peer = Peer::expect();
    let group = asked.group;
    let name =
        view! { <span dir="auto" data-testid="group-name">{asking::asked_group(&asked).to_owned()}</span> }.into_any();
    view! {
        <section class="card hero" data-testid="waiting" role="status">
            <h1>{around(&words().landing_waiting(PLACES[0]), [name])}</h1>
            <p class="lead">{asking::waiting_line(&asked)}</p>
            <p>{words().asking_next().to_string()}</p>
            <Said message=asked.message/>
            <div class="actions">
                <NotifyMe label=words().landing_notify().to_string()/>
                <button data-testid="withdraw" on:click=move |_| peer.send(&Command::Withdraw(group))>
                    {words().landing_withdraw().to_string()}
                </button>
            </div>
        </section>
    }
}

/// An admin said no.
#[component]
pub(super) fn Refused(
    /// What was asked.
    asked: Asked,
) -> impl IntoView {
    let peer = Peer::expect();
    let group = asked.group;
    let give_up = move |_| {
        peer.send(&Command::Withdraw(group));
        peer.send(&Command::ShowHome);
        bar::show_home(Entry::Here);
    };
    view! {
        <section class="card hero" data-testid="refused" role="status">
            <h1>{words().landing_refused().to_string()}</h1>
            <p class="lead">{asking::refused_line(&asked)}</p>
            <Said message=asked.message/>
            <div class="actions">
                <button data-testid="ask-again" on:click=move |_| peer.send(&Command::Withdraw(group))>
                    {words().landing_ask_again().to_string()}
                </button>
                <button data-testid="give-up" on:click=give_up>{words().landing_give_up().to_string()}</button>
            </div>
        </section>
    }
}

/// What the person told the admins.
#[component]
fn Said(
    /// May be empty.
    message: String,
) -> impl IntoView {
    (!message.is_empty()).then(|| {
        let message = view! { <q dir="auto">{message}</q> }.into_any();
        view! { <p class="faint">{around(&words().landing_said(PLACES[0]), [message])}</p> }
    })
}
