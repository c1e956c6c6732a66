//! The same seed gives the same run in a browser as on the machine that compiled this, whose lines
//! `cargo xtask test` hands over.

#![cfg(target_arch = "wasm32")]

mod runs;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// What the example `traces` printed.
const NATIVE: &str = include_str!(env!("COVEY_NATIVE_TRACES", "`cargo xtask test` says where the native traces are"));

#[wasm_bindgen_test]
fn the_same_seed_gives_the_same_run_in_a_browser_as_natively() {
    let ours = runs::lines();
    assert_eq!(ours.len(), NATIVE.lines().count());
    for (ours, native) in ours.iter().zip(NATIVE.lines()) {
        assert_eq!(ours, native);
    }
}
