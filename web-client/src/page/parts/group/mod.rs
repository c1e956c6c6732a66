//! A group's page, one component to a file.

mod activity;
mod confirm;
mod files;
mod invites;
mod leaving;
mod new_invite;
mod own_client;
mod people;
mod requests;

use leptos::prelude::*;
use wire_protocol::ids::{FileId, GroupId};

use super::download::Download;
use super::sharing::{SendLink, ShareCard, SharedAgain};
use super::stored::{Stored, StoredOf};
use crate::messages::GroupView;
use crate::page::peer::Peer;
use activity::Activity;
use confirm::{Confirm, Question};
use files::Files;
use invites::Invites;
use leaving::Leaving;
use own_client::OwnClient;
use people::People;
use requests::Requests;

/// A group: who wants in, what this tab shares and fetches first, then its files, people and links, and what happened.
#[component]
pub(in crate::page) fn Group(
    /// Which.
    group: GroupId,
) -> impl IntoView {
    let peer = Peer::expect();
    let name = peer.part(move |snapshot| snapshot.group(group).map(|view| view.name.clone()).unwrap_or_default());
    let downloads = peer.part(move |snapshot| {
        let here = snapshot.downloads.iter().filter(|download| download.group == group);
        here.map(|download| download.file).collect::<Vec<_>>()
    });
    let shares = peer.part(move |snapshot| {
        let here = snapshot.shares.iter().filter(|share| share.group == group);
        here.map(|share| share.file).collect::<Vec<_>>()
    });
    let asked = RwSignal::new(None::<Question>);
    let own_client = RwSignal::new(None::<FileId>);
    view! {
        <h1 class="group" data-testid="group-name"><bdi>{name}</bdi></h1>
        <Requests group/>
        <Stored of=StoredOf::Group(group)/>
        <SharedAgain group/>
        <SendLink group/>
        <For each=move || shares.get() key=|file| *file children=|file| view! { <ShareCard file/> }/>
        <For each=move || downloads.get() key=|file| *file children=|file| view! { <Download file/> }/>
        <Files group asked own_client/>
        <People group asked/>
        <Invites group/>
        <Activity group/>
        <Leaving group asked/>
        <Confirm group asked/>
        <OwnClient group file=own_client/>
    }
}

/// A part of the group's view; the default if the group is gone.
fn part<T>(group: GroupId, of: impl Fn(&GroupView) -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Default + Send + Sync + 'static,
{
    Peer::expect().part(move |snapshot| snapshot.group(group).map(&of).unwrap_or_default())
}
