use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use crate::page::peer::Peer;
use crate::screen;

/// The people of the group.
#[component]
pub(super) fn Members(group: GroupId) -> impl IntoView {
    let members = Peer::expect().part(move |snapshot| {
        let found = snapshot.groups.iter().find(|view| view.group == group);
        found.map(|view| view.members.clone()).unwrap_or_default()
    });
    view! {
        <section class="card">
            <h2>"People"</h2>
            <ul class="people">
                <For
                    each=move || members.get()
                    key=Clone::clone
                    children=|member| view! {
                        <li class="person" data-testid="member-row" data-name=member.name.clone()>
                            <span class="dot" class:on=member.is_sharing aria-hidden="true"></span>
                            {member.name.clone()}
                            <span class="faint">{screen::member_line(&member)}</span>
                        </li>
                    }
                />
            </ul>
        </section>
    }
}
