use leptos::html;
use leptos::prelude::*;
use wire_protocol::ids::FileId;

use super::course::Course;
use crate::playing::{Kind, MediaAddress, Subtitles, What};

/// `<video>` or `<audio>`, with the browser's own controls.
#[component]
pub(super) fn Element(
    /// Of the file card.
    file: FileId,
    /// What it reads.
    url: String,
    kind: Kind,
    subtitles: Vec<Subtitles>,
    /// What screen readers call it.
    label: String,
    course: Course,
) -> impl IntoView {
    match kind {
        Kind::Film => {
            let node = NodeRef::<html::Video>::new();
            Effect::new(move |_| node.get().map(|element| course.watch(&element)));
            let tracks = subtitles.into_iter().map(|subtitles| {
                let Subtitles { index, label, is_chosen } = subtitles;
                let url = MediaAddress { file, index, what: What::Subtitles }.to_string();
                view! { <track kind="subtitles" src=url label=label default=is_chosen/> }
            });
            let tracks = tracks.collect_view();
            view! {
                <video node_ref=node src=url controls playsinline preload="auto" aria-label=label>
                    {tracks}
                </video>
            }
            .into_any()
        }
        Kind::Music => {
            let node = NodeRef::<html::Audio>::new();
            Effect::new(move |_| node.get().map(|element| course.watch(&element)));
            view! { <audio node_ref=node src=url controls preload="auto" aria-label=label></audio> }.into_any()
        }
    }
}
