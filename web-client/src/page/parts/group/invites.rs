use leptos::prelude::*;
use wire_protocol::ids::{GroupId, InviteId};

use super::new_invite::NewInvite;
use super::part;
use crate::address::is_only_here;
use crate::messages::{Act, Command, InviteView};
use crate::page::browser;
use crate::page::parts::qr::LinkField;
use crate::page::parts::spoken::Spoken;
use crate::page::peer::Peer;
use crate::screen::invites;
use crate::words::words;

/// Links into the group: the one by which this browser came, those that are open, and a new one.
#[component]
pub(super) fn Invites(group: GroupId) -> impl IntoView {
    // Above, beside the link to what is shared.
    let is_said = Peer::expect().part(move |snapshot| snapshot.shares.iter().any(|share| share.group == group));
    let came_by = part(group, |view| view.invite.clone());
    let open = part(group, |view| {
        let open = view.invites.iter().flatten();
        open.map(|invite| invite.invite).collect::<Vec<_>>()
    });
    let spoken =
        part(group, |view| view.invites.as_ref().map(|open| invites::open_line(open.len())).unwrap_or_default());
    view! {
        <section class="card">
            <h2>{words().group_invite().to_string()}</h2>
            <Show when=move || is_only_here(&browser::origin()) && !is_said.get()>
                <p class="waiting" data-testid="only-here">{words().invites_only_here().to_string()}</p>
            </Show>
            <Show when=move || came_by.with(Option::is_some)>
                <p class="faint">{words().group_came_by().to_string()}</p>
                <LinkField
                    label=words().group_invite_link().to_string()
                    link=Signal::derive(move || came_by.get().unwrap_or_default())
                    testid="invite-link"
                />
            </Show>
            <ul class="rows">
                <For
                    each=move || open.get()
                    key=|invite| *invite
                    children=move |invite| view! { <InviteRow group invite/> }
                />
            </ul>
            <NewInvite group/>
            <Spoken line=spoken/>
        </section>
    }
}

/// An open link. It stays the same element while people come by it, so that its QR code stays open.
#[component]
fn InviteRow(group: GroupId, invite: InviteId) -> impl IntoView {
    let peer = Peer::expect();
    let card = part(group, move |view| view.invites.iter().flatten().find(|known| known.invite == invite).cloned());
    let of = move |of: fn(&InviteView) -> String| {
        Memo::new(move |_| card.with(|card| card.as_ref().map(of).unwrap_or_default()))
    };
    let line = of(|card| invites::invite_line(card, &browser::local_time(card.expires_at_ms)));
    let unknown = of(invites::unknown_link_line);
    let link = of(|card| card.link.clone().unwrap_or_default());
    view! {
        <li class="row invite" data-testid="invite-row">
            <div>
                <span>{line}</span>
                <Show
                    when=move || !link.with(String::is_empty)
                    fallback=move || view! { <p class="faint">{unknown}</p> }
                >
                    <LinkField label=words().group_invite_link().to_string() link testid="invite-link"/>
                </Show>
            </div>
            <button
                data-testid="revoke-invite"
                aria-label=move || words().group_revoke_link(line.get()).to_string()
                on:click=move |_| peer.send(&Command::Act { group, act: Act::Revoke(invite) })
            >
                {words().group_revoke().to_string()}
            </button>
        </li>
    }
}
