//! What the workers of the yardsticks do with the bytes, each in a dozen lines of JavaScript. `WEBSOCKET`, `LENGTH` and `KEY`
//! are put in by whoever serves them.

/// Has a button and an end, as Covey's page does, so that it can be driven like that one.
pub const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>bare</title><body>
<button data-testid="join">Begin</button><script>
document.querySelector('button').onclick = () => {
  new Worker('/worker.js', { type: 'module' }).onmessage = ({ data }) => {
    document.body.dataset.milliseconds = data;
    document.body.dataset.state = 'done';
  };
};
</script>"#;

/// Copies, and does nothing else.
pub const RECEIVE: &str = r#"
const memory = new Uint8Array(new WebAssembly.Memory({ initial: 64 }).buffer);
const socket = new WebSocket('ws://WEBSOCKET');
socket.binaryType = 'arraybuffer';
const started = performance.now();
let received = 0;
socket.onmessage = (event) => {
  memory.set(new Uint8Array(event.data), 0);
  received += event.data.byteLength;
  if (received >= LENGTH) {
    postMessage(String(performance.now() - started));
    socket.close();
  }
};
"#;

/// Copies, hashes every MiB with WebCrypto and keeps it as a Blob.
pub const KEEP: &str = r#"
const PIECE = 1 << 20;
const memory = new Uint8Array(new WebAssembly.Memory({ initial: 64 }).buffer);
const socket = new WebSocket('ws://WEBSOCKET');
socket.binaryType = 'arraybuffer';
const started = performance.now();
const blobs = [];
let received = 0, kept = 0, filled = 0;
const keep = async (piece) => {
  await crypto.subtle.digest('SHA-1', piece);
  blobs.push(new Blob([piece]));
  kept += piece.byteLength;
  if (kept >= LENGTH) {
    const file = new Blob(blobs);
    await file.slice(0, 1).arrayBuffer();
    postMessage(String(performance.now() - started));
    socket.close();
  }
};
socket.onmessage = (event) => {
  memory.set(new Uint8Array(event.data), filled);
  filled += event.data.byteLength;
  received += event.data.byteLength;
  if (filled >= PIECE || received >= LENGTH) {
    keep(memory.slice(0, filled));
    filled = 0;
  }
};
"#;

/// Opens records, all of a message at once, hashes pieces of 256 KiB with WebCrypto and writes them to the browser's disk.
/// Asks for another message when it is done with one: what waits in a worker is bounded, as it is in every download.
pub const OPEN: &str = r#"
const PIECE = 1 << 18;
const root = await navigator.storage.getDirectory();
const file = await (await root.getFileHandle('bare', { create: true })).createSyncAccessHandle();
const key = await crypto.subtle.importKey('raw', Uint8Array.from(KEY), 'AES-GCM', false, ['decrypt']);
const socket = new WebSocket('ws://WEBSOCKET');
socket.binaryType = 'arraybuffer';
const started = performance.now();
const piece = new Uint8Array(PIECE);
const digests = [];
let record = 0n, filled = 0, kept = 0, last = Promise.resolve();
const open = (sealed) => {
  const nonce = new DataView(new ArrayBuffer(12));
  nonce.setBigUint64(4, record++);
  return crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce }, key, sealed);
};
const keep = () => {
  const whole = piece.subarray(0, filled);
  digests.push(crypto.subtle.digest('SHA-1', whole));
  kept += file.write(whole, { at: kept });
  filled = 0;
};
const take = (plain) => {
  for (let at = 0; at < plain.length;) {
    const part = plain.subarray(at, at + PIECE - filled);
    piece.set(part, filled);
    filled += part.length;
    at += part.length;
    if (filled === PIECE || kept + filled === LENGTH) keep();
  }
};
const finish = async () => {
  await Promise.all(digests);
  file.flush();
  postMessage(String(performance.now() - started));
  socket.close();
};
socket.onmessage = ({ data }) => {
  const opening = [];
  for (let at = 0, view = new DataView(data); at < data.byteLength; at += 2 + view.getUint16(at)) {
    opening.push(open(new Uint8Array(data, at + 2, view.getUint16(at))));
  }
  const opened = Promise.all(opening);
  last = last.then(async () => {
    for (const plain of await opened) take(new Uint8Array(plain));
    socket.send('');
    if (kept >= LENGTH) await finish();
  });
};
"#;
