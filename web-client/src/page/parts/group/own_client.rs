use leptos::prelude::*;
use wire_protocol::ids::{FileId, GroupId};

use super::part;
use crate::messages::{Act, Command};
use crate::page::parts::dialog::Dialog;
use crate::page::peer::Peer;
use crate::words::words;

/// A torrent file for the person's own BitTorrent client, what it means, and the end of all of them.
#[component]
pub(super) fn OwnClient(
    group: GroupId,
    /// Of which file.
    file: RwSignal<Option<FileId>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let name = part(group, move |view| {
        let card = view.files.iter().find(|card| Some(card.file) == file.get());
        card.map(|card| card.name.clone()).unwrap_or_default()
    });
    let close = move |()| file.set(None);
    // What came of either is said on the page behind this.
    let download = move |_| {
        if let Some(file) = file.get_untracked() {
            peer.send(&Command::MakeOwnTorrent { group, file });
        }
        close(());
    };
    let revoke = move |_| {
        peer.send(&Command::Act { group, act: Act::EndOwnTorrents });
        close(());
    };
    view! {
        <Dialog
            is_open=Signal::derive(move || file.with(Option::is_some))
            closed=close
            title=words().group_own_title().to_string()
            testid="own-client-dialog"
        >
            <p class="filename"><bdi>{name}</bdi></p>
            <p class="warning">{words().own_client_secrecy().to_string()}</p>
            <p>{words().own_client_reach().to_string()}</p>
            <p>{words().own_client_personal().to_string()}</p>
            <div class="actions">
                <button data-testid="own-client-close" on:click=move |_| close(())>{words().group_cancel().to_string()}</button>
                <button class="primary" data-testid="own-client-download" on:click=download>
                    {words().group_own_download().to_string()}
                </button>
            </div>
            <div class="aside">
                <p class="faint">{words().own_client_stop().to_string()} " " {words().own_client_limit().to_string()}</p>
                <button class="danger" data-testid="own-client-revoke" on:click=revoke>
                    {words().group_own_end().to_string()}
                </button>
            </div>
        </Dialog>
    }
}
