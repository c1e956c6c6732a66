use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::copy_field::CopyField;
use super::download::Download;
use super::files::Files;
use super::members::Members;
use crate::page::peer::Peer;

/// A group: its downloads first, then its files, people and invite.
#[component]
pub(in crate::page) fn Group(
    /// Which.
    group: GroupId,
) -> impl IntoView {
    let peer = Peer::expect();
    let name = peer.part(move |snapshot| {
        let found = snapshot.groups.iter().find(|view| view.group == group);
        found.map(|view| view.name.clone()).unwrap_or_default()
    });
    let invite = peer.part(move |snapshot| {
        let found = snapshot.groups.iter().find(|view| view.group == group);
        found.and_then(|view| view.invite.clone())
    });
    let downloads = peer.part(move |snapshot| {
        let here = snapshot.downloads.iter().filter(|download| download.group == group);
        here.map(|download| download.file).collect::<Vec<_>>()
    });
    view! {
        <h1 class="group" data-testid="group-name">{name}</h1>
        <For each=move || downloads.get() key=|file| *file children=|file| view! { <Download file/> }/>
        <Files group/>
        <Members group/>
        <Show when=move || invite.with(Option::is_some)>
            <section class="card">
                <h2>"Invite others"</h2>
                <p class="faint">"Whoever has this link can join the group."</p>
                <CopyField
                    label="the invite link"
                    text=Signal::derive(move || invite.get().unwrap_or_default())
                    testid="invite-link"
                />
            </section>
        </Show>
    }
}
