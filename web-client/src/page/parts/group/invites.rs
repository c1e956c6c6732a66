use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::new_invite::NewInvite;
use super::part;
use crate::messages::{Act, Command, InviteView};
use crate::page::browser;
use crate::page::parts::qr::LinkField;
use crate::page::peer::Peer;
use crate::screen::invites;

/// Links into the group: the one by which this browser came, those that are open, and a new one.
#[component]
pub(super) fn Invites(group: GroupId) -> impl IntoView {
    let came_by = part(group, |view| view.invite.clone());
    let open = part(group, |view| view.invites.clone().unwrap_or_default());
    view! {
        <section class="card">
            <h2>"Invite others"</h2>
            <Show when=move || came_by.with(Option::is_some)>
                <p class="faint">"The link by which you came. It works for others as long as it is open."</p>
                <LinkField
                    label="the invite link"
                    link=Signal::derive(move || came_by.get().unwrap_or_default())
                    testid="invite-link"
                />
            </Show>
            <ul class="rows">
                <For
                    each=move || open.get()
                    key=Clone::clone
                    children=move |invite| view! { <InviteRow group invite/> }
                />
            </ul>
            <NewInvite group/>
        </section>
    }
}

/// An open link.
#[component]
fn InviteRow(group: GroupId, invite: InviteView) -> impl IntoView {
    let peer = Peer::expect();
    let line = invites::invite_line(&invite, &browser::local_time(invite.expires_at_ms));
    let unknown = invites::unknown_link_line(&invite);
    let id = invite.invite;
    let link = match invite.link {
        Some(link) => view! { <LinkField label="the invite link" link testid="invite-link"/> }.into_any(),
        None => view! { <p class="faint">{unknown}</p> }.into_any(),
    };
    view! {
        <li class="row invite" data-testid="invite-row">
            <div>
                <span>{line}</span>
                {link}
            </div>
            <button
                data-testid="revoke-invite"
                aria-label="Revoke this link: it opens nothing any more"
                on:click=move |_| peer.send(&Command::Act { group, act: Act::Revoke(id) })
            >
                "Revoke"
            </button>
        </li>
    }
}
