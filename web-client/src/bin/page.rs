//! The page's main thread.

#[cfg(target_arch = "wasm32")]
fn main() {
    web_client::page::run();
}

/// There is no page outside a browser.
#[cfg(not(target_arch = "wasm32"))]
fn main() {}
