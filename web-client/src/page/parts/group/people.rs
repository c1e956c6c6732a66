use leptos::prelude::*;
use wire_protocol::ids::{GroupId, MemberKey};

use super::confirm::Question;
use super::part;
use crate::messages::{Act, Command, MemberView};
use crate::page::parts::notify_me::NotifyMe;
use crate::page::peer::Peer;
use crate::screen::{acts, people};
use crate::words::words;

/// The people of the group.
#[component]
pub(super) fn People(
    group: GroupId,
    /// What is asked before somebody is removed.
    asked: RwSignal<Option<Question>>,
) -> impl IntoView {
    let members = part(group, |view| view.members.iter().map(|member| member.member).collect::<Vec<_>>());
    let is_admin = part(group, |view| view.is_admin);
    view! {
        <section class="card">
            <h2>{words().group_people().to_string()}</h2>
            <ul class="rows people">
                <For
                    each=move || members.get()
                    key=|member| *member
                    children=move |member| view! { <MemberRow group member asked/> }
                />
            </ul>
            <Show when=move || is_admin.get()>
                <div class="actions"><NotifyMe label=words().group_notify().to_string()/></div>
            </Show>
        </section>
    }
}

/// One of them.
#[component]
fn MemberRow(group: GroupId, member: MemberKey, asked: RwSignal<Option<Question>>) -> impl IntoView {
    let row = part(group, move |view| {
        let found = view.members.iter().find(|known| known.member == member)?;
        Some((found.clone(), people::is_ambiguous(&view.members, &found.name)))
    });
    let of = move |of: fn(&MemberView) -> String| {
        Memo::new(move |_| row.with(|row| row.as_ref().map(|(member, _)| of(member)).unwrap_or_default()))
    };
    let (name, mark) = (of(|member| member.name.clone()), of(|member| member.mark.clone()));
    let line = of(people::member_line);
    let is_sharing = move || row.with(|row| row.as_ref().is_some_and(|(member, _)| member.is_sharing));
    let is_ambiguous = move || row.with(|row| row.as_ref().is_some_and(|(_, is_ambiguous)| *is_ambiguous));
    let is_manageable = part(group, move |view| {
        view.is_admin && view.members.iter().any(|known| known.member == member && !known.is_me)
    });
    view! {
        <li class="person" data-testid="member-row" data-name=name>
            <span class="dot" class:on=is_sharing aria-hidden="true"></span>
            <span class="name">
                <bdi>{name}</bdi>
                <Show when=is_ambiguous><code class="mark" title=words().group_mark_why().to_string()>{mark}</code></Show>
            </span>
            <span class="faint">{line}</span>
            <Show when=move || is_manageable.get()><Manage group member asked/></Show>
        </li>
    }
}

/// What an admin can do with a member.
#[component]
fn Manage(group: GroupId, member: MemberKey, asked: RwSignal<Option<Question>>) -> impl IntoView {
    let peer = Peer::expect();
    let view = part(group, move |view| view.members.iter().find(|known| known.member == member).cloned());
    let name = move || view.with(|view| view.as_ref().map(|member| member.name.clone()).unwrap_or_default());
    let is_admin = move || view.with(|view| view.as_ref().is_some_and(|member| member.is_admin));
    let is_open = RwSignal::new(false);
    let set_role = move |_| {
        let act = if is_admin() { Act::Demote(member) } else { Act::Promote(member) };
        peer.send(&Command::Act { group, act });
    };
    let remove = move |_| {
        let group_name =
            peer.read(|snapshot| snapshot.group(group).map(|group| group.name.clone()).unwrap_or_default());
        asked.set(view.get_untracked().map(|view| Question {
            words: acts::remove(&view, &group_name),
            mark: Some(view.mark),
            act: Act::Remove { member, revokes_invites: true },
        }));
    };
    view! {
        <button
            class="quiet"
            data-testid="manage"
            aria-label=move || words().group_manage_name(name()).to_string()
            aria-expanded=move || is_open.get().to_string()
            on:click=move |_| is_open.update(|open| *open = !*open)
        >
            {move || if is_open.get() { words().group_manage_less() } else { words().group_manage() }.to_string()}
        </button>
        <Show when=move || is_open.get()>
            <div class="actions">
                <code class="mark" title=words().group_mark_why().to_string()>
                    {move || view.with(|view| view.as_ref().map(|member| member.mark.clone()))}
                </code>
                <button data-testid=move || if is_admin() { "demote" } else { "promote" } on:click=set_role>
                    {move || if is_admin() { words().group_demote() } else { words().group_promote() }.to_string()}
                </button>
                <button class="danger" data-testid="remove-member" on:click=remove>{words().group_remove_member().to_string()}</button>
            </div>
        </Show>
    }
}
