// What only a service worker can do. This is the only JavaScript of the page that is written by hand, and it decides little: it may
// be stopped at any moment and begins anew with the next request, so that nothing that matters is kept in its variables.

"use strict";

// A page's worker is started by these names; all else that the page loads is named in it.
const WORKER = ["/worker_loader.js", "/worker.js", "/worker_bg.wasm"];
const SHELL = "shell-";

self.addEventListener("install", () => self.skipWaiting());
// Nothing else: what a page asks for waits until this is over, and somebody may be about to play.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  // A page that was loaded past this program wants it all the same.
  if (event.data === "claim") event.waitUntil(self.clients.claim());
  // One that was loaded without this program is not kept yet.
  if (event.data === "keep") event.waitUntil(keep());
  if (event.data === "shared") handOver(event.source);
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const { method, mode } = event.request;
  if (origin !== self.location.origin) return;
  if (pathname.startsWith("/play/")) event.respondWith(play(event));
  else if (method === "POST" && pathname === "/share-target") event.respondWith(takeShared(event));
  else if (method !== "GET") return;
  else if (mode === "navigate" && (pathname === "/" || pathname.startsWith("/j"))) event.respondWith(open(event));
  else if (fromShell.has(event.clientId)) event.respondWith(kept(event, pathname));
});

// ---------------------------------------------------------------- playing: what <video> asks for comes from the page's worker
//
//   <video> ──request──► here ──path, range, port──► page ──► worker      the port: `true` asks for more, `false` gives up;
//           ◄──────────── body, as it is pulled ◄────────────────┘        back come status and headers, bytes, `null` at the end

async function play({ request, clientId }) {
  const page = await self.clients.get(clientId);
  if (!page) return Response.error();
  // Each request has a port of its own: there is none to lose.
  const { port1: port, port2: theirs } = new MessageChannel();
  const head = new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));
  page.postMessage([new URL(request.url).pathname, request.headers.get("range")], [theirs]);
  const [status, headers] = await head;
  if (status >= 400) {
    port.close();
    return new Response(null, { status, headers });
  }
  return new Response(body(port), { status, headers });
}

// One piece of bytes for each time that the browser wants more.
function body(port) {
  const pull = (controller) =>
    new Promise((resolve) => {
      port.onmessage = ({ data }) => {
        if (data) controller.enqueue(data);
        else if (data === null) controller.close();
        else controller.error(new Error("there is no more of it"));
        if (!data) port.close();
        resolve();
      };
      port.postMessage(true);
    });
  const cancel = () => {
    port.postMessage(false);
    port.close();
  };
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}

// ---------------------------------------------------------------- offline: the page as it was last, if the server is not there
//
// The server's page always comes first. A page that came from here gets all of its files from here, so that page and worker are of
// one build.

const fromShell = new Set();

async function open(event) {
  const fresh = await fetch(event.request).catch(() => null);
  if (fresh && fresh.status < 500) {
    if (fresh.ok) event.waitUntil(keep());
    return fresh;
  }
  const index = await caches.match("/");
  if (!index) return fresh ?? Response.error();
  fromShell.add(event.resultingClientId);
  return index;
}

async function kept({ request, resultingClientId }, pathname) {
  const file = await caches.match(pathname);
  // The page's worker asks for itself.
  if (file && resultingClientId) fromShell.add(resultingClientId);
  return file ?? fetch(request);
}

// One after the other: two at once would each take the other's files for old ones.
let keeping = Promise.resolve();
const keep = () => (keeping = keeping.then(keepShell, keepShell));

// Keeps what the server has now, if it is another than what is kept. Its index comes last: with it, it is whole.
async function keepShell() {
  const get = (path) => fetch(path, { cache: path === "/" ? "no-store" : "no-cache" });
  const index = await get("/").catch(() => null);
  if (!index?.ok) return;
  const text = await index.clone().text();
  const named = [...text.matchAll(/["'](\/[\w-]+\.[\w.]+)["']/g)].map(([, path]) => path);
  const paths = [...new Set([...named, ...WORKER])];
  const files = await Promise.all(paths.map(get)).catch(() => []);
  if (!files.length || !files.every((file) => file.ok)) return;
  const isKept = async (path, file) => file.headers.get("etag") === (await caches.match(path))?.headers.get("etag");
  const all = await Promise.all([isKept("/", index), ...files.map((file, at) => isKept(paths[at], file))]);
  if (all.every(Boolean) && index.headers.get("etag")) return;
  // The server was not changed in the middle of it.
  const again = await get("/").catch(() => null);
  if ((await again?.text()) !== text) return;
  const name = SHELL + Date.now();
  const cache = await caches.open(name);
  await Promise.all(files.map((file, at) => cache.put(paths[at], file)));
  await cache.put("/", index);
  const others = (await caches.keys()).filter((other) => other.startsWith(SHELL) && other !== name);
  await Promise.all(others.map((other) => caches.delete(other)));
}

// ---------------------------------------------------------------- files that another program shares with the installed page

let shared = [];

async function takeShared({ request }) {
  shared = (await request.formData()).getAll("files");
  return Response.redirect("/?shared", 303);
}

function handOver(page) {
  page.postMessage(shared);
  shared = [];
}
