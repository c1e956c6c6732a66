use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;

use crate::messages::Place;
use crate::page::peer::Peer;
use crate::page::picking;
use crate::words::words;

/// Ways to share without dragging: the browser's own choosers.
#[component]
pub(in crate::page) fn Choosers(
    /// Where what is chosen goes.
    place: Place,
) -> impl IntoView {
    let (files, folder) = match place {
        Place::NewGroup => (words().share_choose_files(), words().share_choose_folder()),
        Place::Group(_) => (words().share_add_files(), words().share_add_folder()),
    };
    view! {
        <div class="actions choosers">
            <Chooser place label=files.to_string() testid="share-file" takes_folders=false/>
            <Chooser place label=folder.to_string() testid="share-folder" takes_folders=true/>
        </div>
    }
}

/// One of them. The input itself takes the focus and the files; only its label is to be seen.
#[component]
fn Chooser(
    place: Place,
    label: String,
    /// `data-testid` of the input.
    testid: &'static str,
    /// It takes one folder, not files.
    takes_folders: bool,
) -> impl IntoView {
    let peer = Peer::expect();
    let input = NodeRef::<html::Input>::new();
    // In a group it is one of many things to do.
    let is_first = place == Place::NewGroup && !takes_folders;
    let choose = move |_: Event| {
        if let Some(input) = input.get_untracked() {
            peer.share(place, picking::chosen(&input));
        }
    };
    view! {
        <label class="button" class:primary=is_first>
            <input
                node_ref=input
                type="file"
                class="spoken"
                data-testid=testid
                multiple=!takes_folders
                prop:webkitdirectory=takes_folders
                on:change=choose
            />
            {label}
        </label>
    }
}
