use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::part;
use crate::messages::{Act, Command, RequestView};
use crate::page::parts::spoken::Spoken;
use crate::page::peer::Peer;
use crate::screen::people;
use crate::words::words;

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
            <section class="card ask" aria-label=words().group_requests().to_string()>
                <h2>{words().group_requests().to_string()}</h2>
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
    let taken = is_taken.then(|| words().group_taken(&name).to_string());
    let send = move |act| peer.send(&Command::Act { group, act });
    let shown = name.clone();
    let accept = words().group_accept_name(&name).to_string();
    let refuse = words().group_refuse_name(&name).to_string();
    view! {
        <li class="row request" data-testid="request-row" data-name=name>
            <div>
                <span class="name"><strong dir="auto">{shown}</strong> <code class="mark" title=words().group_mark_why().to_string()>{mark}</code></span>
                {(!message.is_empty()).then(|| view! { <q data-testid="request-message"><bdi>{message}</bdi></q> })}
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
                    {words().group_accept().to_string()}
                </button>
                <button
                    data-testid="refuse"
                    aria-label=refuse
                    disabled=is_being_answered
                    on:click=move |_| send(Act::Refuse(member))
                >
                    {words().group_refuse().to_string()}
                </button>
            </div>
        </li>
    }
}
