use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use crate::messages::{Act, Command};
use crate::page::parts::around::around;
use crate::page::parts::dialog::Dialog;
use crate::page::peer::Peer;
use crate::screen::acts::Confirmation;
use crate::words::{PLACES, words};

/// What the person is about to do.
#[derive(Clone, PartialEq)]
pub(super) struct Question {
    pub(super) words: Confirmation,
    /// The member whom it is about, told apart from others of the same name.
    pub(super) mark: Option<String>,
    /// What happens if they say yes.
    pub(super) act: Act,
}

/// Asks before what cannot be taken back.
#[component]
pub(super) fn Confirm(
    group: GroupId,
    /// What is asked now.
    asked: RwSignal<Option<Question>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let revokes = RwSignal::new(true);
    let title = move || asked.with(|asked| asked.as_ref().map(|asked| asked.words.title.clone()).unwrap_or_default());
    let close = move |()| asked.set(None);
    let confirm = move |_| {
        let Some(Question { act, .. }) = asked.get_untracked() else {
            return;
        };
        let act = match act {
            Act::Remove { member, .. } => Act::Remove { member, revokes_invites: revokes.get_untracked() },
            act => act,
        };
        peer.send(&Command::Act { group, act });
        asked.set(None);
    };
    Effect::new(move |_| {
        // Each question begins with the safe answer.
        asked.track();
        revokes.set(true);
    });
    let body = move || {
        asked.get().map(|Question { words: said, mark, act }| {
            let lines = said.lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view();
            let mark = mark.map(|mark| {
                let mark = view! { <code class="mark">{mark}</code> }.into_any();
                view! { <p class="faint">{around(&words().group_mark(PLACES[0]), [mark])}</p> }
            });
            let is_removal = matches!(act, Act::Remove { .. });
            view! {
                {mark}
                {lines}
                {is_removal.then(|| view! { <RevokeChoice revokes/> })}
                <div class="actions">
                    <button data-testid="cancel" on:click=move |_| close(())>{words().group_cancel().to_string()}</button>
                    <button class="danger" data-testid="confirm" on:click=confirm>{said.button}</button>
                </div>
            }
        })
    };
    view! {
        <Dialog
            is_open=Signal::derive(move || asked.with(Option::is_some))
            closed=close
            title=Signal::derive(title)
            testid="confirm-dialog"
        >
            {body}
        </Dialog>
    }
}

/// Whether links that others have go on.
#[component]
fn RevokeChoice(
    /// They do not.
    revokes: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                data-testid="revoke-invites"
                prop:checked=revokes
                on:change:target=move |event| revokes.set(event.target().checked())
            />
            <span>{words().group_revoke_too().to_string()}</span>
        </label>
        <Show when=move || !revokes.get()>
            <p class="faint">{words().acts_keep_links().to_string()}</p>
        </Show>
    }
}
