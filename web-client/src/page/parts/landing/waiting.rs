use leptos::prelude::*;

use crate::messages::{Asked, Command};
use crate::page::bar::{self, Entry};
use crate::page::parts::notify_me::NotifyMe;
use crate::page::peer::Peer;
use crate::screen::asking;

/// S4: an admin has to answer. It goes on by itself.
#[component]
pub(super) fn Waiting(
    /// What was asked.
    asked: Asked,
) -> impl IntoView {
    let peer = Peer::expect();
    let group = asked.group;
    view! {
        <section class="card hero" data-testid="waiting" role="status">
            <h1>"Waiting to be let into " <span data-testid="group-name">{asking::asked_group(&asked).to_owned()}</span></h1>
            <p class="lead">{asking::waiting_line(&asked)}</p>
            <p>{asking::waiting_next_line()}</p>
            <Said message=asked.message/>
            <div class="actions">
                <NotifyMe label="Notify me when they answer"/>
                <button data-testid="withdraw" on:click=move |_| peer.send(&Command::Withdraw(group))>"Cancel the request"</button>
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
            <h1>"You were not let in"</h1>
            <p class="lead">{asking::refused_line(&asked)}</p>
            <Said message=asked.message/>
            <div class="actions">
                <button data-testid="ask-again" on:click=move |_| peer.send(&Command::Withdraw(group))>"Ask again"</button>
                <button data-testid="give-up" on:click=give_up>"Leave it at that"</button>
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
    (!message.is_empty()).then(|| view! { <p class="faint">"You said: " <q>{message}</q></p> })
}
