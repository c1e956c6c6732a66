#!/usr/bin/env bash
# WebKit: IndexedDB takes bytes in a private or automated window, and no Blob.
#
# Versions: webkit2gtk-driver 2.50.6-1~deb12u2 (WebKitGTK 2.50.6, Debian 12, in a Debian of its own).
# Runs as root.
# Seen: `put` of a Uint8Array succeeds in every window. `put` of a Blob of the same ten bytes succeeds in an ordinary window; in one with
# --private (as in a session of WebKitWebDriver, which is one) the request fails: "UnknownError: Error preparing Blob/File data to be stored
# in object store". Nothing throws, and the quota is not at fault.
# One would expect both or neither: a private window keeps an IndexedDB in memory, and Blobs are values that can be cloned.
set -euo pipefail
dir=$(mktemp -d)
trap 'umount "$dir/root/proc" 2>/dev/null || true; rm -rf --one-file-system "$dir"' EXIT
cd "$dir"
version=2.50.6-1~deb12u2
apt-get download --quiet debootstrap > /dev/null 2>&1
dpkg-deb --extract debootstrap_*.deb tools
DEBOOTSTRAP_DIR="$dir/tools/usr/share/debootstrap" tools/usr/sbin/debootstrap --variant=minbase bookworm root > debootstrap.log
chroot root apt-get install --quiet --yes --no-install-recommends "webkit2gtk-driver=$version" "libwebkit2gtk-4.1-0=$version" xvfb python3 > install.log 2>&1
# WebKit's processes look at themselves.
mount -t proc proc root/proc
cat > root/look.py <<'PYTHON'
import http.server, os, subprocess, threading, urllib.parse

PAGE = b"""<!doctype html><title>put</title><script>
const open = indexedDB.open("things", 1);
open.onupgradeneeded = () => open.result.createObjectStore("things");
open.onsuccess = async () => {
  const put = (value, key) => new Promise((done) => {
    const transaction = open.result.transaction("things", "readwrite");
    const request = transaction.objectStore("things").put(value, key);
    request.onerror = () => done(String(request.error));
    transaction.oncomplete = () => done("kept");
  });
  const bytes = new Uint8Array(10);
  fetch("/seen?" + encodeURIComponent(`bytes ${await put(bytes, "bytes")}, Blob ${await put(new Blob([bytes]), "blob")}`));
};
</script>"""
seen, there = [], threading.Event()

class Answer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words): pass
    def do_GET(self):
        if self.path.startswith("/seen?"):
            seen.append(urllib.parse.unquote(self.path[6:]))
            there.set()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

server = http.server.ThreadingHTTPServer(("127.0.0.1", 51988), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
screen = subprocess.Popen(["Xvfb", "-displayfd", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
environment = dict(os.environ, DISPLAY=":" + screen.stdout.readline().strip(), HOME="/root", LC_ALL="C.UTF-8")
[browser] = [folder + "/MiniBrowser" for folder in os.popen("ls -d /usr/lib/*/webkit2gtk-4.1").read().split()]
for window in [], ["--private"]:
    there.clear()
    shown = subprocess.Popen([browser, *window, "http://127.0.0.1:51988/"], env=environment, stderr=subprocess.DEVNULL)
    there.wait(120)
    shown.terminate()
    shown.wait()
screen.terminate()
print("\n".join(seen))
PYTHON
chroot root python3 /look.py > seen
cat seen
[ "$(sed -n 1p seen)" = "bytes kept, Blob kept" ] || { echo "CHANGED: an ordinary window"; exit 1; }
[ "$(sed -n 2p seen)" = "bytes kept, Blob UnknownError: Error preparing Blob/File data to be stored in object store" ] \
    || { echo "CHANGED: a private window"; exit 1; }
echo "As described: a private window keeps bytes, and no Blob."
