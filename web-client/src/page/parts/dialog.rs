use std::sync::atomic::{AtomicU32, Ordering};

use leptos::html;
use leptos::prelude::*;

/// A question or a form in front of the page. The browser keeps the focus inside, closes it with Escape, and gives the
/// focus back to the button that opened it.
#[component]
pub(in crate::page) fn Dialog(
    /// Whether it is there.
    #[prop(into)]
    is_open: Signal<bool>,
    /// The person closed it.
    #[prop(into)]
    closed: Callback<()>,
    #[prop(into)] title: Signal<String>,
    /// `data-testid`.
    testid: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    // Ids are one element's.
    static DIALOGS: AtomicU32 = AtomicU32::new(0);
    let id = format!("dialog-{}", DIALOGS.fetch_add(1, Ordering::Relaxed));
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else {
            return;
        };
        if is_open.get() {
            // Fails if it is open already.
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let labelled_by = id.clone();
    let children = StoredValue::new(children);
    view! {
        <dialog node_ref=node data-testid=testid aria-labelledby=labelled_by on:close=move |_| closed.run(())>
            // Read out first; the keyboard of a phone stays away until a field is touched.
            <h2 id=id tabindex="-1" autofocus>{title}</h2>
            <Show when=move || is_open.get()>{children.with_value(|children| children())}</Show>
        </dialog>
    }
}
