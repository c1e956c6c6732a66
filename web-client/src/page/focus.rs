//! Where the focus goes when what had it is gone: a link that was revoked, a question that was answered, a page that was
//! left. Without this, keyboards and screen readers would begin again at the top.

use std::cell::RefCell;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, HtmlElement, MutationObserver, MutationObserverInit};

/// What had the focus last, and the part of the page that it is in.
struct Place {
    element: Element,
    part: Option<Element>,
}

thread_local! {
    static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Leads the focus to the heading of the part that it was in, or else of the page, whenever it is lost.
pub(super) fn keep(document: &Document) {
    listen(document, "focusin", |event| {
        let element: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
        let place = element.map(|element| Place { part: element.closest("section, dialog").ok().flatten(), element });
        LAST.set(place);
    });
    // Whoever points has no place that could be lost. What is pressed gets the focus after this.
    listen(document, "pointerdown", |_| LAST.set(None));
    let page = document.clone();
    let changed = Closure::<dyn FnMut()>::new(move || mend(&page));
    let options = MutationObserverInit::new();
    options.set_child_list(true);
    options.set_subtree(true);
    if let (Ok(observer), Some(body)) = (MutationObserver::new(changed.as_ref().unchecked_ref()), document.body()) {
        // Fails without options only.
        let _ = observer.observe_with_options(&body, &options);
    }
    // Lives as long as the page.
    changed.forget();
}

fn listen(document: &Document, what: &str, heard: impl Fn(Event) + 'static) {
    let heard = Closure::<dyn FnMut(Event)>::new(heard);
    let _ = document.add_event_listener_with_callback(what, heard.as_ref().unchecked_ref());
    // Lives as long as the page.
    heard.forget();
}

fn mend(document: &Document) {
    let Some(lost) = LAST.with_borrow_mut(|last| last.take_if(|last| !last.element.is_connected())) else {
        return;
    };
    let parts = [lost.part, document.query_selector("main").ok().flatten()];
    for part in parts.into_iter().flatten().filter(|part| part.is_connected()) {
        if !is_lost(document) {
            return;
        }
        let heading = part.query_selector("h1, h2").ok().flatten().unwrap_or(part);
        // It can be gone to, and Tab passes it by.
        let _ = heading.set_attribute("tabindex", "-1");
        let _ = heading.unchecked_into::<HtmlElement>().focus();
    }
}

fn is_lost(document: &Document) -> bool {
    let body = document.body().map(JsValue::from);
    document.active_element().is_none_or(|active| Some(JsValue::from(active)) == body)
}
