use leptos::prelude::*;

use crate::messages::InviteProblem;
use crate::page::peer::Peer;
use crate::screen;
use crate::words::words;

/// An invite that opens nothing. Whoever knows of the group may still ask to be let in.
#[component]
pub(super) fn Failed(
    /// Why.
    problem: InviteProblem,
    /// The group's two friendly words; empty if the link has none.
    slug: String,
) -> impl IntoView {
    let peer = Peer::expect();
    let ask_instead = (screen::may_ask_instead(&problem) && !slug.is_empty()).then(|| {
        let ask = move |_| peer.ask_without_invite(&slug);
        view! {
            <p class="faint">{words().landing_ask_instead().to_string()}</p>
            <div class="actions">
                <button data-testid="ask-instead" on:click=ask>{words().landing_ask().to_string()}</button>
            </div>
        }
    });
    view! {
        <section class="card hero">
            <h1>{screen::invite_problem_title(&problem)}</h1>
            <p class="problem" data-testid="error" role="alert">{screen::invite_problem(&problem)}</p>
            {ask_instead}
        </section>
    }
}
