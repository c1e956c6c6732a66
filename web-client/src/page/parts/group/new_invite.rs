use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::part;
use crate::messages::{Act, Command, InviteWish};
use crate::page::peer::Peer;
use crate::screen::invites::{self, USUAL_WISH};
use crate::words::words;

/// Makes a link: who may come by it, how many, and for how long.
#[component]
pub(super) fn NewInvite(group: GroupId) -> impl IntoView {
    let peer = Peer::expect();
    let wish = RwSignal::new(USUAL_WISH);
    let has_links =
        part(group, |view| view.invite.is_some() || view.invites.as_ref().is_some_and(|list| !list.is_empty()));
    let make = move |event: SubmitEvent| {
        event.prevent_default();
        peer.send(&Command::Act { group, act: Act::Invite(wish.get_untracked()) });
    };
    let lifetimes = invites::lifetimes().map(|(label, lifetime_s)| (label, InviteWish { lifetime_s, ..USUAL_WISH }));
    let uses = invites::uses().map(|(label, uses)| (label, InviteWish { uses, ..USUAL_WISH }));
    view! {
        <details class="advanced" data-testid="invite-form" prop:open=move || !has_links.get()>
            <summary data-testid="invite-form-title">{words().group_new_link().to_string()}</summary>
            <form class="choices" on:submit=make>
                <div class="limits">
                    <Choice
                        label=words().group_link_lifetime().to_string()
                        testid="invite-lifetime"
                        options=lifetimes.to_vec()
                        is_chosen=move |option: InviteWish| option.lifetime_s == wish.get().lifetime_s
                        choose=move |option: InviteWish| wish.update(|wish| wish.lifetime_s = option.lifetime_s)
                    />
                    <Choice
                        label=words().group_link_uses().to_string()
                        testid="invite-uses"
                        options=uses.to_vec()
                        is_chosen=move |option: InviteWish| option.uses == wish.get().uses
                        choose=move |option: InviteWish| wish.update(|wish| wish.uses = option.uses)
                    />
                </div>
                <label class="check">
                    <input
                        type="checkbox"
                        data-testid="invite-ask-first"
                        prop:checked=move || wish.get().needs_accept
                        on:change:target=move |event| {
                            let needs_accept = event.target().checked();
                            wish.update(|wish| wish.needs_accept = needs_accept);
                        }
                    />
                    <span>{words().group_link_asks().to_string()}</span>
                </label>
                <button data-testid="new-invite">{words().group_make_link().to_string()}</button>
            </form>
        </details>
    }
}

/// One of a few.
#[component]
fn Choice(
    /// What is chosen.
    label: String,
    /// `data-testid`.
    testid: &'static str,
    options: Vec<(String, InviteWish)>,
    /// Whether an option is the chosen one.
    is_chosen: impl Fn(InviteWish) -> bool + Copy + Send + Sync + 'static,
    /// The person chose another.
    #[prop(into)]
    choose: Callback<InviteWish>,
) -> impl IntoView {
    let wishes = StoredValue::new(options.iter().map(|(_, wish)| *wish).collect::<Vec<_>>());
    let options = options.into_iter().enumerate().map(|(at, (label, wish))| {
        view! { <option value=at.to_string() prop:selected=move || is_chosen(wish)>{label}</option> }
    });
    view! {
        <label class="field">
            <span>{label}</span>
            <select
                data-testid=testid
                on:change:target=move |event| {
                    let at: Option<usize> = event.target().value().parse().ok();
                    let wish = at.and_then(|at| wishes.with_value(|wishes| wishes.get(at).copied()));
                    if let Some(wish) = wish {
                        choose.run(wish);
                    }
                }
            >
                {options.collect_view()}
            </select>
        </label>
    }
}
