//! Tests and benches compiled to WebAssembly, in headless Chromium: wasm-bindgen's test runner serves them and
//! drives the browser through chromedriver.

use std::process::Command;

use anyhow::{Context, Result};

use crate::tools::{self, WASM_TARGET, which};
use crate::workspace::Workspace;

/// One `cargo test` or `cargo bench`, seconds.
const TIMEOUT_S: u32 = 600;

/// A `cargo` whose `test` and `bench` run in the browser. Needs the browser's packages.
pub fn cargo(workspace: &Workspace) -> Result<Command> {
    let mut cargo = workspace.cargo();
    cargo
        .env("CARGO_BUILD_TARGET", WASM_TARGET)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools::test_runner(workspace)?)
        .env("CHROMEDRIVER", which("chromedriver").context("chromedriver is not on PATH")?)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", workspace.root.join("xtask/webdriver.json"))
        .env("WASM_BINDGEN_TEST_TIMEOUT", TIMEOUT_S.to_string())
        // Otherwise it makes a folder `target` in the package.
        .env("WASM_BINDGEN_BENCH_RESULT", workspace.target.join("wasm-bench.json"));
    Ok(cargo)
}
