//! The service worker, as this page sees it. Of what is played it asks this page, which gives it a port to the worker: not a byte
//! of a film passes through the page itself. What another program shared with the installed page it hands over.

use gloo::timers::callback::Timeout;
use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    HtmlVideoElement, MessageEvent, MessagePort, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration,
};

use super::peer::Peer;
use super::{browser, picking};
use crate::messages::{Command, Place};
use crate::playing::Media;
use crate::screen::playing::NoService;

const SCRIPT: &str = "/service_worker.js";
/// Behind the `?` of the address, and what the service worker is asked for then.
const SHARED: &str = "shared";
/// The page is kept for later only once it has begun what it was opened for, which may need all that the network gives. Milliseconds.
const KEEPS_AFTER_MS: u32 = 5_000;
/// A browser that has not let it begin by then does not, milliseconds.
const BEGINS_WITHIN_MS: u32 = 10_000;

/// Hears it, as long as the page lives.
pub(super) fn serve(peer: Peer) {
    let Some(container) = container() else {
        return;
    };
    let asked = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Ok(said) = event.data().dyn_into::<Array>() else {
            return;
        };
        match event.ports().get(0).dyn_into::<MessagePort>() {
            Ok(port) => pass_on(peer, &said, &port),
            Err(_) => share(peer, &said),
        }
    });
    container.set_onmessage(Some(asked.as_ref().unchecked_ref()));
    // Lives as long as the page.
    asked.forget();
}

/// The path and the range that are asked for, and the port that it goes to.
fn pass_on(peer: Peer, asked: &Array, port: &MessagePort) {
    if let Some(address) = asked.get(0).as_string().and_then(|path| path.parse().ok()) {
        peer.send_with_port(&Command::Read { address, range: asked.get(1).as_string() }, port);
    }
}

/// As if it had been dropped on the home page.
fn share(peer: Peer, files: &Array) {
    let picked = picking::given(files);
    if !picked.is_empty() {
        peer.share(Place::NewGroup, picked);
    }
}

/// Begins it, for this visit and for the ones without a connection. If another program has just shared something with this
/// page, the service worker has it.
pub(super) async fn begin() {
    let was_there = controller().is_some();
    let is_shared = browser::take_query(SHARED);
    let Some(controller) = begin_service().await.ok().and_then(|()| controller()) else {
        return;
    };
    if !was_there {
        let controller = controller.clone();
        let keep = move || drop(controller.post_message(&"keep".into()));
        Timeout::new(KEEPS_AFTER_MS, keep).forget();
    }
    if is_shared {
        let _ = controller.post_message(&SHARED.into());
    }
}

/// Sees that it is there for this page.
///
/// # Errors
/// It cannot be: why.
pub(super) async fn begin_service() -> Result<(), NoService> {
    let container = container().ok_or(NoService::Insecure)?;
    if container.controller().is_some() {
        return Ok(());
    }
    // Before it is asked to, so that nothing is missed.
    let changed = changed(&container);
    JsFuture::from(container.register(SCRIPT)).await.map_err(|_| NoService::Refused)?;
    let ready = container.ready().map_err(|_| NoService::Refused)?;
    let registration: ServiceWorkerRegistration =
        JsFuture::from(ready).await.map_err(|_| NoService::Refused)?.unchecked_into();
    // A page that was loaded past it (Shift and reload) is not its own until it claims it.
    if let Some(active) = registration.active().filter(|_| container.controller().is_none()) {
        let _ = active.post_message(&"claim".into());
    }
    if container.controller().is_none() {
        let _ = JsFuture::from(changed).await;
    }
    container.controller().map(drop).ok_or(NoService::Refused)
}

fn container() -> Option<ServiceWorkerContainer> {
    browser::navigator_part("serviceWorker").map(JsCast::unchecked_into)
}

fn controller() -> Option<ServiceWorker> {
    container()?.controller()
}

/// Fulfilled when another one, or the first, is there for this page, and at the latest when it is taking too long.
fn changed(container: &ServiceWorkerContainer) -> Promise {
    Promise::new(&mut |resolve, _| {
        container.set_oncontrollerchange(Some(&resolve));
        Timeout::new(BEGINS_WITHIN_MS, move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        })
        .forget();
    })
}

/// Whether the browser may be able to play a file of this kind.
pub(super) fn may_play(media: Media) -> bool {
    let element = browser::new_element("video");
    let can = element.map(|element| element.unchecked_into::<HtmlVideoElement>().can_play_type(media.content_type));
    can.is_none_or(|can| !can.is_empty()) || media.is_to_be_tried()
}
