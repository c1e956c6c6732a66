//! The bench's measure of memory is right: it sees workers, and WASM.

use anyhow::ensure;
use covey_tests::Stage;
use covey_tests::devtools::tab_memory;
use covey_tests::wait::{SOON, until};

const PAGE: &str = "data:text/html,<body><script>\
    const source = 'self.memory = new WebAssembly.Memory({initial: 160}); postMessage(1)';\
    window.worker = new Worker(URL.createObjectURL(new Blob([source])));\
    worker.onmessage = () => { document.body.dataset.ready = '1'; };\
    </script>";

#[tokio::test(flavor = "multi_thread")]
async fn wasm_memory_of_a_worker_is_counted() {
    Stage::play("wasm_memory_of_a_worker_is_counted", async |stage| {
        let browser = stage.browser("Cleo").await?;
        browser.open(PAGE).await?;
        let script = "return document.body.dataset.ready ?? null";
        let ready = async || Ok(browser.client().execute(script, vec![]).await?.as_str().map(drop));
        until("the worker has its memory", SOON, ready).await?;
        let memory = tab_memory(&browser).await?;
        ensure!(memory.wasm == 160 * 65_536, "{memory:?}");
        ensure!((10_000..20_000_000).contains(&memory.js_heap), "{memory:?}");
        Ok(())
    })
    .await;
}
