//! The page's worker: the peer.

#[cfg(target_arch = "wasm32")]
fn main() {
    web_client::worker::run();
}

/// There is no worker outside a browser.
#[cfg(not(target_arch = "wasm32"))]
fn main() {}
