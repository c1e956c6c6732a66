use leptos::prelude::*;

use crate::words::{Part, parts};

/// A sentence around elements, each where the language wants it: a message that was given [`crate::words::PLACES`].
pub(in crate::page) fn around<const N: usize>(sentence: &str, elements: [AnyView; N]) -> impl IntoView + use<N> {
    let mut elements = elements.map(Some);
    let views = parts(sentence).into_iter().map(|part| match part {
        Part::Text(text) => text.into_any(),
        Part::Element(at) => elements.get_mut(at).and_then(Option::take).into_any(),
    });
    views.collect_view()
}
