use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::part;
use crate::page::browser;
use crate::page::parts::spoken::Spoken;
use crate::words::words;

/// Lines that are shown before the person wants to see more.
const FEW: usize = 5;

/// What happened in the group, the latest first.
#[component]
pub(super) fn Activity(group: GroupId) -> impl IntoView {
    let lines = part(group, |view| view.activity.clone());
    let is_long = Memo::new(move |_| lines.with(|lines| lines.len() > FEW));
    let shows_all = RwSignal::new(false);
    let shown = move || {
        let mut lines = lines.get();
        lines.truncate(if shows_all.get() { usize::MAX } else { FEW });
        lines
    };
    let latest =
        Memo::new(move |_| lines.with(|lines| lines.first().map(|line| line.text.clone()).unwrap_or_default()));
    view! {
        <Spoken line=latest/>
        <Show when=move || lines.with(|lines| !lines.is_empty())>
            <section class="card">
                <h2>{words().group_activity().to_string()}</h2>
                <ul class="rows activity" data-testid="activity">
                    <For
                        each=shown
                        key=Clone::clone
                        children=|line| view! {
                            <li data-testid="activity-row">
                                <span>{line.text}</span>
                                <time class="faint">{browser::local_time(line.at_ms)}</time>
                            </li>
                        }
                    />
                </ul>
                <Show when=move || is_long.get()>
                    <button
                        class="quiet"
                        aria-expanded=move || shows_all.get().to_string()
                        on:click=move |_| shows_all.update(|all| *all = !*all)
                    >
                        {move || if shows_all.get() { words().group_less() } else { words().group_more() }.to_string()}
                    </button>
                </Show>
            </section>
        </Show>
    }
}
