use leptos::prelude::*;
use wire_protocol::ids::FileId;

use super::receivers::Receivers;
use crate::format;
use crate::messages::{Command, ShareStage, ShareView};
use crate::page::parts::advanced::Advanced;
use crate::page::parts::progress::Progress;
use crate::page::peer::Peer;
use crate::screen::sharing;
use crate::words::words;

/// S1 and S2: what is shared out of this tab, how far it is, and who gets it.
#[component]
pub(in crate::page) fn ShareCard(
    /// The file card.
    file: FileId,
) -> impl IntoView {
    let peer = Peer::expect();
    let share = peer.part(move |snapshot| snapshot.shares.iter().find(|view| view.file == file).cloned());
    let part = move |of: fn(&ShareView) -> String| {
        Memo::new(move |_| share.with(|view| view.as_ref().map(of).unwrap_or_default()))
    };
    let state = part(|view| sharing::state(view).to_owned());
    let name = part(|view| view.name.clone());
    let size = part(sharing::size_line);
    let line = part(sharing::share_line);
    let stop = part(sharing::stop_button);
    let hashed = Memo::new(move |_| share.with(|view| view.as_ref().and_then(sharing::hashed)));
    let is_ended =
        Memo::new(move |_| share.with(|view| matches!(view, Some(ShareView { stage: ShareStage::Ended { .. }, .. }))));
    let tuning = Memo::new(move |_| share.with(|view| view.as_ref().map(|view| view.tuning).unwrap_or_default()));
    let tune = move |tuning| {
        peer.send(&Command::Tune { file, tuning });
        peer.remember_tuning(tuning);
    };
    view! {
        <section class="card download share" data-testid="share-card" data-state=state data-name=name>
            <div class="title">
                <h2 class="filename"><bdi>{name}</bdi></h2>
                <Show
                    when=move || hashed.get().is_some()
                    fallback=move || view! { <span class="faint size">{size}</span> }
                >
                    <span class="percent">{move || hashed.get()} " %"</span>
                </Show>
            </div>
            <Show when=move || hashed.get().is_some()>
                <Progress
                    label=words().share_prepared().to_string()
                    testid="progress"
                    percent=Signal::derive(move || hashed.get().unwrap_or_default())
                />
            </Show>
            <p
                class="line"
                data-testid=move || if is_ended.get() { "error" } else { "share-line" }
                class:problem=move || is_ended.get()
            >
                {line}
            </p>
            <Sent share/>
            <Receivers share/>
            <Show when=move || !is_ended.get()>
                <Advanced tuning choose=tune is_complete=Signal::derive(|| true)/>
            </Show>
            <div class="actions">
                <button
                    data-testid="stop"
                    aria-label=move || words().links_about(stop.get(), name.get()).to_string()
                    on:click=move |_| peer.send(&Command::Stop { file })
                >
                    {stop}
                </button>
            </div>
        </section>
    }
}

/// What went out so far, once something did.
#[component]
fn Sent(share: Memo<Option<ShareView>>) -> impl IntoView {
    let part = move |of: fn(&ShareView) -> String| {
        Memo::new(move |_| share.with(|view| view.as_ref().map(of).unwrap_or_default()))
    };
    let has_sent = Memo::new(move |_| share.with(|view| view.as_ref().is_some_and(|view| view.uploaded > 0)));
    let (sent, up) = (part(|view| format::bytes(view.uploaded)), part(|view| format::rate(view.rate_up)));
    let copies = part(|view| match view.swarm.full_copies {
        Some(copies) => words().share_copies_more(copies.0).to_string(),
        None => words().share_copies_yours().to_string(),
    });
    view! {
        <Show when=move || has_sent.get()>
            <dl class="figures">
                <div><dt>{words().share_sent().to_string()}</dt><dd data-testid="sent">{sent}</dd></div>
                <div><dt>{words().share_up().to_string()}</dt><dd data-testid="rate-up">{up}</dd></div>
                <div><dt>{words().share_copies().to_string()}</dt><dd data-testid="copies">{copies}</dd></div>
            </dl>
        </Show>
    }
}
