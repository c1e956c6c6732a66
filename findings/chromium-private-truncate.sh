#!/usr/bin/env bash
# Chromium: in a private window a file of the origin private file system that cannot grow does not say so.
#
# Versions: chromium 156.0.8078.108 (Debian 12: 156.0.8078.108-1~deb12u1), driven by websocket-client 1.8.0 (PyPI).
# Seen: in an ordinary profile `FileSystemSyncAccessHandle.truncate()` to more than the disk has throws QuotaExceededError. In a
# private (off-the-record) window the same call returns as if it had worked, and `getSize()` still says 0. Both windows had been
# promised the same by `navigator.storage.estimate()`.
# One would expect the exception in both, or an estimate that tells the two apart.
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
cat > www/worker.js <<'JS'
onmessage = async ({ data: length }) => {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle("file", { create: true });
  const handle = await file.createSyncAccessHandle();
  let said = "returned";
  try {
    handle.truncate(length);
  } catch (error) {
    said = error.name;
  }
  const size = handle.getSize();
  handle.close();
  const { quota, usage } = await navigator.storage.estimate();
  postMessage(`${said}, size ${size}, promised ${quota - usage >= 10 * 2 ** 30 ? "10 GiB or more" : "less"}`);
};
JS
cat > drive.py <<'PYTHON'
import json, sys, time, urllib.request
from websocket import create_connection

port, page, length = sys.argv[1:]
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
expression = f"""new Promise((answer) => {{
  const worker = new Worker("/worker.js");
  worker.onmessage = ({{ data }}) => answer(data);
  worker.postMessage({length});
}})"""
print(call(3, "Runtime.evaluate", expression=expression, awaitPromise=True)["result"]["value"])
PYTHON
python3 -m http.server --bind 127.0.0.1 --directory www 51980 > http.log 2>&1 &
pids+=($!)

# Ten times what an ordinary profile can have on this disk.
length=$(( $(df --output=size --block-size=1 . | tail -1) * 10 ))
look() {
    packages/usr/lib/chromium/chromium --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --user-data-dir="$dir/profile-$1" \
        --remote-debugging-port="$1" "${@:2}" about:blank > "chromium-$1.log" 2>&1 &
    pids+=($!)
    venv/bin/python drive.py "$1" http://127.0.0.1:51980/ "$length" > "seen-$1"
}
look 51981
look 51982 --incognito
ordinary=$(cat seen-51981) private=$(cat seen-51982)
echo "ordinary: $ordinary"
echo "private:  $private"
[ "$ordinary" = "QuotaExceededError, size 0, promised 10 GiB or more" ] || { echo "CHANGED: the ordinary window"; exit 1; }
[ "$private" = "returned, size 0, promised 10 GiB or more" ] || { echo "CHANGED: the private window"; exit 1; }
echo "As described: only the ordinary window says that there is no room."
