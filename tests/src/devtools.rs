//! Chromium's DevTools server, asked without ChromeDriver, which cannot ask workers or tabs that it does not look at; and the
//! memory of a tab and its workers.

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

/// A connection to it. No domain is switched on: `Network` would have Chromium report every byte of every WebSocket.
pub struct Devtools {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
}

/// Measures the tabs of this browser.
///
/// # Errors
/// If Chromium does not answer as its protocol says.
pub async fn tab_memory(browser: &Browser) -> Result<TabMemory> {
    let mut devtools = Devtools::open(browser).await?;
    let mut memory = TabMemory::default();
    for target in devtools.targets(&["page", "worker"]).await? {
        let part = devtools.memory_of(&target).await?;
        memory.js_heap += part.js_heap;
        memory.wasm += part.wasm;
    }
    Ok(memory)
}

/// Of the tabs of this browser and their workers, bytes; no garbage is collected for it.
///
/// # Errors
/// If Chromium does not answer as its protocol says.
pub async fn js_heap(browser: &Browser) -> Result<u64> {
    let mut devtools = Devtools::open(browser).await?;
    let mut bytes = 0;
    for target in devtools.targets(&["page", "worker"]).await? {
        let session = devtools.attach(&target).await?;
        bytes += devtools.js_heap_of(&session).await?;
    }
    Ok(bytes)
}

impl Devtools {
    /// Connects to a browser's.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn open(browser: &Browser) -> Result<Self> {
        let version = get_json(&browser.devtools_address()?, "/json/version").await?;
        let url = version["webSocketDebuggerUrl"].as_str().context("Chromium names no webSocketDebuggerUrl")?;
        let (socket, _) = connect_async(url).await.context("cannot open DevTools")?;
        Ok(Self { socket, last_id: 0 })
    }

    /// Ids of all that is of one of these types: `page`, `worker`.
    ///
    /// # Errors
    /// If Chromium does not answer as its protocol says.
    pub async fn targets(&mut self, types: &[&str]) -> Result<Vec<String>> {
        let targets = self.call(None, "Target.getTargets", json!({"filter": [{}]})).await?;
        let targets = targets["targetInfos"].as_array().context("targets are a list")?;
        let is_wanted = |target: &&Value| types.contains(&target["type"].as_str().unwrap_or_default());
        Ok(targets
            .iter()
            .filter(is_wanted)
            .filter_map(|target| Some(target["targetId"].as_str()?.to_owned()))
            .collect())
    }

    /// The session in which a target is asked.
    ///
    /// # Errors
    /// If it is gone.
    pub async fn attach(&mut self, target: &str) -> Result<String> {
        let attached = self.call(None, "Target.attachToTarget", json!({"targetId": target, "flatten": true})).await?;
        Ok(attached["sessionId"].as_str().context("attached without a session")?.to_owned())
    }

    async fn js_heap_of(&mut self, session: &str) -> Result<u64> {
        let heap = self.call(Some(session), "Runtime.getHeapUsage", json!({})).await?;
        let part = |name: &str| heap[name].as_f64().with_context(|| format!("a heap without {name}"));
        // Buffers are counted beside the objects; WASM's memories are not among them.
        Ok((part("usedSize")? + part("embedderHeapUsedSize")? + part("backingStorageSize")?) as u64)
    }

    async fn memory_of(&mut self, target: &str) -> Result<TabMemory> {
        let session = self.attach(target).await?;
        // Before the memories are looked for, which collects the garbage.
        let js_heap = self.js_heap_of(&session).await?;
        let session = Some(session.as_str());
        let evaluate = json!({"expression": "WebAssembly.Memory.prototype"});
        let prototype = self.call(session, "Runtime.evaluate", evaluate).await?;
        let of = json!({"prototypeObjectId": prototype["result"]["objectId"]});
        let memories = self.call(session, "Runtime.queryObjects", of).await?;
        let sum = "function() { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }";
        let on =
            json!({"objectId": memories["objects"]["objectId"], "functionDeclaration": sum, "returnByValue": true});
        let wasm = self.call(session, "Runtime.callFunctionOn", on).await?;
        let wasm = wasm["result"]["value"].as_f64().unwrap_or(0.0);
        Ok(TabMemory { js_heap, wasm: wasm as u64 })
    }

    /// One command, in a session or of the browser as a whole.
    ///
    /// # Errors
    /// If Chromium refuses it.
    pub async fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Result<Value> {
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
