#!/usr/bin/env bash
# Chromium: of twelve files that a page hands to the downloads within a second, two are dropped without a word.
#
# Versions: chromium 156.0.8078.108 (Debian 12: 156.0.8078.108-1~deb12u1), driven by websocket-client 1.8.0 (PyPI).
# Seen: twelve clicks on links with `download` and a Blob's address, 50 ms apart, with downloads allowed: the first ten files are saved, the
# last two never begin. No exception, no event, nothing on the console. The same twelve 200 ms apart are all saved.
# One would expect all of them, or a question to the person, as with the permission for automatic downloads.
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
import json, os, sys, time, urllib.request
from websocket import create_connection

port, page, folder, gap = sys.argv[1:]
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
call(1, "Browser.setDownloadBehavior", behavior="allow", downloadPath=folder)
call(2, "Page.navigate", url=page)
while call(3, "Runtime.evaluate", expression="location.href + document.readyState")["result"]["value"] != page + "complete":
    time.sleep(0.1)
expression = f"""(async () => {{
  for (let number = 0; number < 12; number++) {{
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([new Uint8Array(1000)]));
    link.download = `file-${{number}}.bin`;
    link.click();
    await new Promise((later) => setTimeout(later, {gap}));
  }}
}})()"""
call(4, "Runtime.evaluate", expression=expression, awaitPromise=True)
# None that is late was seen.
time.sleep(5)
print(len([name for name in os.listdir(folder) if name.endswith(".bin")]), "of 12")
PYTHON
python3 -m http.server --bind 127.0.0.1 --directory www 51985 > http.log 2>&1 &
pids+=($!)

look() {
    mkdir "saved-$1"
    packages/usr/lib/chromium/chromium --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --user-data-dir="$dir/profile-$1" \
        --remote-debugging-port="$1" about:blank > "chromium-$1.log" 2>&1 &
    pids+=($!)
    venv/bin/python drive.py "$1" http://127.0.0.1:51985/ "$dir/saved-$1" "$2" > "seen-$1"
}
look 51986 50
look 51987 200
fast=$(cat seen-51986) slow=$(cat seen-51987)
echo "50 ms apart:  $fast"
echo "200 ms apart: $slow"
[ "$fast" = "10 of 12" ] || { echo "CHANGED: 50 ms apart"; exit 1; }
[ "$slow" = "12 of 12" ] || { echo "CHANGED: 200 ms apart"; exit 1; }
echo "As described: more than ten in a second are dropped."
