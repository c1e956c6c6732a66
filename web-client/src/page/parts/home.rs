use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::copy_field::CopyField;
use super::download::Download;
use super::make_group::MakeGroup;
use super::sharing::Choosers;
use super::stored::{Stored, StoredOf};
use crate::address::{Pasted, is_only_here};
use crate::messages::{AskedView, Command, Place};
use crate::page::bar::{self, Entry};
use crate::page::browser;
use crate::page::peer::Peer;
use crate::screen::people;
use crate::words::words;

/// S0: share something, paste an invite, choose a group or make one.
#[component]
pub(in crate::page) fn Home() -> impl IntoView {
    let peer = Peer::expect();
    let text = RwSignal::new(String::new());
    let problem = RwSignal::new(None);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match Pasted::read(&text.get_untracked(), &browser::origin()) {
            Pasted::Here(invite) => peer.open_invite(&invite, Entry::Next),
            Pasted::Elsewhere(invite) => browser::go(&invite),
            Pasted::Words(slug) => open_group(peer, slug),
            Pasted::No(why) => problem.set(Some(why)),
        }
    };
    // The field itself would run the lines of a letter into each other. Whether a link was found in what was pasted.
    let paste = move |pasted: &str| match Pasted::read(pasted, &browser::origin()).into_link() {
        Some(link) => {
            text.set(link);
            problem.set(None);
            true
        }
        None => false,
    };
    view! {
        <OpenedAlone/>
        <section class="card hero">
            <h1>{words().home_title().to_string()}</h1>
            <p class="lead">{words().home_lead().to_string()}</p>
            <Choosers place=Place::NewGroup/>
            <p class="faint">{words().sharing_purpose().to_string()}</p>
            <form class="aside" on:submit=submit>
                <label class="field">
                    <span>{words().home_paste().to_string()}</span>
                    <input
                        type="text"
                        inputmode="url"
                        data-testid="invite-input"
                        placeholder=words().home_paste_example().to_string()
                        aria-invalid=move || problem.with(Option::is_some).then_some("true")
                        autocomplete="off"
                        prop:value=text
                        on:paste=move |event| {
                            if browser::pasted_text(&event).is_some_and(|pasted| paste(&pasted)) {
                                event.prevent_default();
                            }
                        }
                        on:input:target=move |event| {
                            text.set(event.target().value());
                            problem.set(None);
                        }
                    />
                </label>
                <button data-testid="open-invite">{words().home_open().to_string()}</button>
            </form>
            <Show when=move || problem.with(Option::is_some)>
                <p class="problem" data-testid="error" role="alert">{move || problem.get()}</p>
            </Show>
        </section>
        <Groups/>
        <Stored of=StoredOf::All/>
        <MakeGroup/>
        <FromTerminal/>
    }
}

/// How to share without a tab.
#[component]
fn FromTerminal() -> impl IntoView {
    let is_here = is_only_here(&browser::origin());
    let line = if is_here { words().home_terminal_here() } else { words().home_terminal_any() };
    view! {
        <section class="card">
            <h2>{words().home_terminal().to_string()}</h2>
            <p>{line.to_string()}</p>
            <CopyField
                label=words().home_terminal_command().to_string()
                text=format!("native-peer share movie.mp4 --server {}", browser::origin())
                testid="share-command"
            />
        </section>
    }
}

/// Files of groups that are not known, as without a connection.
#[component]
fn OpenedAlone() -> impl IntoView {
    let opened = Peer::expect().part(|snapshot| {
        let all = snapshot.downloads.iter().filter(|download| snapshot.group(download.group).is_none());
        all.map(|download| download.file).collect::<Vec<_>>()
    });
    view! { <For each=move || opened.get() key=|file| *file children=|file| view! { <Download file/> }/> }
}

/// Shows a group, or how to ask for it.
fn open_group(peer: Peer, slug: String) {
    bar::show_group(&slug, None, Entry::Next);
    peer.send(&Command::OpenGroup { slug });
}

/// The groups that this person is a member of, and those that they asked to join.
#[component]
fn Groups() -> impl IntoView {
    let peer = Peer::expect();
    let groups = peer.part(|snapshot| {
        let groups = snapshot.groups.iter();
        groups.map(|group| (group.slug.clone(), group.name.clone(), people::group_line(group))).collect::<Vec<_>>()
    });
    let asked = peer.part(|snapshot| snapshot.asked.clone());
    let is_empty = move || groups.with(Vec::is_empty) && asked.with(Vec::is_empty);
    let open = move |slug| open_group(peer, slug);
    view! {
        <Show when=move || !is_empty()>
            <section class="card">
                <h2>{words().home_groups().to_string()}</h2>
                <ul class="rows">
                    <For each=move || groups.get() key=Clone::clone let((slug, name, line))>
                        <li>
                            <button class="row" data-testid="group-row" on:click=move |_| open(slug.clone())>
                                <strong dir="auto">{name}</strong>
                                <span class="faint">{line}</span>
                            </button>
                        </li>
                    </For>
                    <For each=move || asked.get() key=Clone::clone let(request)>
                        <AskedRow request open/>
                    </For>
                </ul>
            </section>
        </Show>
    }
}

/// A group that has not let this person in (yet).
#[component]
fn AskedRow(
    request: AskedView,
    /// Shows how it stands.
    #[prop(into)]
    open: Callback<String>,
) -> impl IntoView {
    let AskedView { slug, is_refused } = request;
    let name = slug.clone();
    let line = if is_refused { words().home_refused() } else { words().home_waiting() };
    view! {
        <li>
            <button class="row" data-testid="asked-row" on:click=move |_| open.run(slug.clone())>
                <strong dir="auto">{name}</strong>
                <span class="faint">{line.to_string()}</span>
            </button>
        </li>
    }
}
