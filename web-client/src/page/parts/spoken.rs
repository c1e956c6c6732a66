use leptos::prelude::*;

/// What only a screen reader says, each time that it changes.
#[component]
pub(in crate::page) fn Spoken(
    /// One sentence.
    #[prop(into)]
    line: Signal<String>,
) -> impl IntoView {
    view! { <p class="spoken" role="status" data-testid="spoken">{line}</p> }
}
