use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::part;
use crate::messages::{Act, Command, RequestView};
use crate::page::parts::spoken::Spoken;
use crate::page::peer::Peer;
use crate::screen::people;

/// Who wants to join, for admins.
#[component]
pub(super) fn Requests(group: GroupId) -> impl IntoView {
    // With whether somebody in the group is called the same.
    let requests = part(group, |view| {
        let requests = view.requests.iter();
        requests.map(|request| (request.clone(), people::is_taken(&view.members, request))).collect::<Vec<_>>()
    });
    let line = part(group, |view| people::waiting_line(&view.requests).unwrap_or_default());
    view! {
        <Spoken line/>
        <Show when=move || requests.with(|requests| !requests.is_empty())>
            <section class="card ask" aria-label="Wants to join">
                <h2>"Wants to join"</h2>
                <ul class="rows">
                    <For
                        each=move || requests.get()
                        key=Clone::clone
                        children=move |(request, is_taken)| view! { <RequestRow group request is_taken/> }
                    />
                </ul>
            </section>
        </Show>
    }
}

/// One of them.
#[component]
fn RequestRow(
    group: GroupId,
    request: RequestView,
    /// A member has this name.
    is_taken: bool,
) -> impl IntoView {
    let peer = Peer::expect();
    let line = people::request_line(&request);
    let RequestView { member, name, mark, message, is_being_answered, .. } = request;
    let taken = is_taken.then(|| format!("{name} is also the name of a member: ask whether it is them."));
    let send = move |act| peer.send(&Command::Act { group, act });
    let shown = name.clone();
    let (accept, refuse) = (format!("Let {name} in"), format!("Say no to {name}"));
    view! {
        <li class="row request" data-testid="request-row" data-name=name>
            <div>
                <span class="name"><strong>{shown}</strong> <code class="mark" title="Tells people of one name apart">{mark}</code></span>
                {(!message.is_empty()).then(|| view! { <q data-testid="request-message">{message}</q> })}
                <span class="faint">{line}</span>
                {taken.map(|taken| view! { <span class="problem">{taken}</span> })}
            </div>
            <div class="actions">
                <button
                    class="primary"
                    data-testid="accept"
                    aria-label=accept
                    disabled=is_being_answered
                    on:click=move |_| send(Act::Accept(member))
                >
                    "Let in"
                </button>
                <button
                    data-testid="refuse"
                    aria-label=refuse
                    disabled=is_being_answered
                    on:click=move |_| send(Act::Refuse(member))
                >
                    "No"
                </button>
            </div>
        </li>
    }
}
