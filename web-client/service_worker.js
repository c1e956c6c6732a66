// Hands what <video> asks for to the worker that has the pieces. This is the only JavaScript of the page that is written by
// hand, since a browser lets nothing else answer its requests, and it decides nothing: it may be stopped at any moment and
// begins anew with the next request, so each one gets a port of its own, and nothing is kept between two of them.
//
//   <video> ──request──► here ──path, range, port──► page ──► worker      the port: `true` asks for more, `false` gives up;
//           ◄──────────── body, as it is pulled ◄────────────────┘        back come status and headers, bytes, `null` at the end

"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
// A page that was loaded past this program wants it all the same.
self.addEventListener("message", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  if (new URL(event.request.url).pathname.startsWith("/play/")) event.respondWith(play(event));
});

async function play({ request, clientId }) {
  const page = await self.clients.get(clientId);
  if (!page) return Response.error();
  const { port1: port, port2: theirs } = new MessageChannel();
  const head = new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));
  page.postMessage([new URL(request.url).pathname, request.headers.get("range")], [theirs]);
  const [status, headers] = await head;
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
