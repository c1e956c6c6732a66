//! Memory of a tab and its workers, from Chromium's DevTools server. ChromeDriver cannot ask workers.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite};

use crate::browser::Browser;

/// Bytes, of the page and all its workers together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TabMemory {
    /// Objects of JavaScript and of the DOM, and buffers, with the garbage among them.
    pub js_heap: u64,
    /// Linear memories of WASM.
    pub wasm: u64,
}

struct Devtools {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
}

/// Measures the tabs of this browser.
///
/// # Errors
/// If Chromium does not answer as its protocol says.
pub async fn tab_memory(browser: &Browser) -> Result<TabMemory> {
    let mut devtools = Devtools::open(&browser.devtools_address()?).await?;
    let targets = devtools.call(None, "Target.getTargets", json!({"filter": [{}]})).await?;
    let mut memory = TabMemory::default();
    for target in targets["targetInfos"].as_array().context("targets are a list")? {
        if ["page", "worker"].contains(&target["type"].as_str().unwrap_or_default()) {
            let id = target["targetId"].as_str().context("a target has an id")?;
            let part = devtools.memory_of(id).await?;
            memory.js_heap += part.js_heap;
            memory.wasm += part.wasm;
        }
    }
    Ok(memory)
}

impl Devtools {
    async fn open(address: &str) -> Result<Self> {
        let version = get_json(address, "/json/version").await?;
        let url = version["webSocketDebuggerUrl"].as_str().context("Chromium names no webSocketDebuggerUrl")?;
        let (socket, _) = connect_async(url).await.context("cannot open DevTools")?;
        Ok(Self { socket, last_id: 0 })
    }

    async fn memory_of(&mut self, target: &str) -> Result<TabMemory> {
        let attached = self.call(None, "Target.attachToTarget", json!({"targetId": target, "flatten": true})).await?;
        let session = attached["sessionId"].as_str().context("attached without a session")?.to_owned();
        let session = Some(session.as_str());
        // Before the memories are looked for, which collects the garbage.
        let heap = self.call(session, "Runtime.getHeapUsage", json!({})).await?;
        let evaluate = json!({"expression": "WebAssembly.Memory.prototype"});
        let prototype = self.call(session, "Runtime.evaluate", evaluate).await?;
        let of = json!({"prototypeObjectId": prototype["result"]["objectId"]});
        let memories = self.call(session, "Runtime.queryObjects", of).await?;
        let sum = "function() { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }";
        let on =
            json!({"objectId": memories["objects"]["objectId"], "functionDeclaration": sum, "returnByValue": true});
        let wasm = self.call(session, "Runtime.callFunctionOn", on).await?;
        let wasm = wasm["result"]["value"].as_f64().unwrap_or(0.0);
        let part = |name: &str| heap[name].as_f64().with_context(|| format!("a heap without {name}"));
        // Buffers are counted beside the objects; WASM's memories are not among them.
        let js_heap = part("usedSize")? + part("embedderHeapUsedSize")? + part("backingStorageSize")?;
        Ok(TabMemory { js_heap: js_heap as u64, wasm: wasm as u64 })
    }

    async fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Result<Value> {
        self.last_id += 1;
        let mut message = json!({"id": self.last_id, "method": method, "params": parameters});
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.socket.send(tungstenite::Message::Text(message.to_string().into())).await?;
        loop {
            let answer = self.socket.next().await.context("DevTools closed")??;
            let tungstenite::Message::Text(text) = answer else { continue };
            let mut answer: Value = serde_json::from_str(&text)?;
            if answer["id"] != self.last_id {
                continue;
            }
            if let Some(error) = answer.get("error") {
                bail!("{method}: {error}");
            }
            return Ok(answer["result"].take());
        }
    }
}

async fn get_json(address: &str, path: &str) -> Result<Value> {
    let mut stream = TcpStream::connect(address).await.context("cannot reach DevTools")?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    let mut chunk = vec![0; 4096];
    // Chromium keeps the connection open in spite of `close`: the object's end is the end.
    while !answer.trim_end().ends_with('}') {
        let len = stream.read(&mut chunk).await?;
        anyhow::ensure!(len > 0, "DevTools closed after `{answer}`");
        answer.push_str(std::str::from_utf8(&chunk[..len])?);
    }
    let body = answer.split_once("\r\n\r\n").context("no HTTP answer")?.1;
    serde_json::from_str(body).context("DevTools sent no JSON")
}
