#!/usr/bin/env bash
# Chromium: a browser that is killed while a page writes to a file by createWritable() leaves the swap file behind, for good.
#
# Versions: chromium 156.0.8078.108 (Debian 12: 156.0.8078.108-1~deb12u1), driven by websocket-client 1.8.0 (PyPI).
# Seen: 32 MiB are written to the file `film` of the origin private file system by createWritable(), without close(), and the browser
# is killed. After a start with the same profile the page lists two files: `film` with no byte, and `film.crswap` with all 32 MiB,
# which counts as storage of the site. Nothing removes it.
# One would expect nothing: the standard calls the swap file temporary, and no page can read it while the browser lives.
set -euo pipefail
dir=$(mktemp -d)
pids=()
# Chromium's helpers outlive it by a moment, and write.
trap 'kill "${pids[@]}" 2>/dev/null || true; wait || true; until rm -rf "$dir" 2>/dev/null; do sleep 0.2; done' EXIT
cd "$dir"
version=156.0.8078.108-1~deb12u1
apt-get download --quiet "chromium=$version" "chromium-common=$version" > /dev/null 2>&1
for package in *.deb; do dpkg-deb --extract "$package" packages; done
python3 -m venv venv
venv/bin/pip install --quiet websocket-client==1.8.0

mkdir www
echo '<!doctype html><title>empty</title>' > www/index.html
cat > drive.py <<'PYTHON'
import json, sys, time, urllib.request
from websocket import create_connection

port, page, script = sys.argv[1:]
for _ in range(100):
    try:
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json"))
        target = next(target for target in pages if target["type"] == "page")
        break
    except (OSError, StopIteration):
        time.sleep(0.2)
socket = create_connection(target["webSocketDebuggerUrl"], timeout=60, suppress_origin=True)
def call(number, method, **params):
    socket.send(json.dumps({"id": number, "method": method, "params": params}))
    while True:
        answer = json.loads(socket.recv())
        if answer.get("id") == number:
            return answer["result"]
call(1, "Page.navigate", url=page)
while call(2, "Runtime.evaluate", expression="location.href + document.readyState")["result"]["value"] != page + "complete":
    time.sleep(0.1)
expression = f"(async () => {{ {script} }})()"
print(call(3, "Runtime.evaluate", expression=expression, awaitPromise=True)["result"]["value"])
PYTHON
python3 -m http.server --bind 127.0.0.1 --directory www 51980 > http.log 2>&1 &
pids+=($!)

page() {
    packages/usr/lib/chromium/chromium --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --user-data-dir="$dir/profile" \
        --remote-debugging-port="$1" about:blank > "chromium-$1.log" 2>&1 &
    browser=$!
    pids+=("$browser")
    venv/bin/python drive.py "$1" http://127.0.0.1:51980/ "$2"
}
page 51981 '
  const root = await navigator.storage.getDirectory();
  const film = await root.getFileHandle("film", { create: true });
  globalThis.writable = await film.createWritable();
  for (let at = 0; at < 32; at++) await writable.write(new Uint8Array(1 << 20).fill(7));
  // The names of the files are on disk by then.
  await new Promise((over) => setTimeout(over, 3000));
  return "written";'
kill -KILL "$browser"
wait "$browser" 2> /dev/null || true
sleep 1
rm -f profile/Singleton*
seen=$(page 51982 '
  const files = [];
  for await (const [name, handle] of (await navigator.storage.getDirectory()).entries()) {
    files.push(name + " " + (await handle.getFile()).size);
  }
  return files.sort().join(", ");')
echo "after the kill: $seen"
[ "$seen" = "film 0, film.crswap 33554432" ] || { echo "CHANGED: what a killed browser leaves"; exit 1; }
echo "As described: the swap file stays."
