#!/usr/bin/env bash
# WebKit: `navigator.language` may be a tag that the same browser's Intl refuses.
#
# Versions: webkit2gtk-driver 2.50.6-1~deb12u2 (WebKitGTK 2.50.6, Debian 12, in a Debian of its own).
# Runs as root.
# Seen: where the environment's locale is C.UTF-8, as on servers and in containers, `navigator.language` is "C", `navigator.languages` is ["C"],
# and `new Date().toLocaleString(navigator.language)` throws "RangeError: invalid language tag: C", as does every Intl constructor. Without an
# argument it works, in "en-US-u-va-posix".
# One would expect what the specification of `navigator.language` says: a language tag of BCP 47.
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

PAGE = b"""<!doctype html><title>language</title><script>
const say = (what) => { try { return what(); } catch (error) { return String(error); } };
const own = navigator.language;
const said = [own, navigator.languages.join(), say(() => new Date(0).toLocaleString(own)), say(() => new Intl.NumberFormat(own) && "made"),
  new Intl.NumberFormat().resolvedOptions().locale];
fetch("/seen?" + encodeURIComponent(said.join("|")));
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

server = http.server.ThreadingHTTPServer(("127.0.0.1", 51989), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
screen = subprocess.Popen(["Xvfb", "-displayfd", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
environment = dict(os.environ, DISPLAY=":" + screen.stdout.readline().strip(), HOME="/root", LC_ALL="C.UTF-8")
[browser] = [folder + "/MiniBrowser" for folder in os.popen("ls -d /usr/lib/*/webkit2gtk-4.1").read().split()]
shown = subprocess.Popen([browser, "http://127.0.0.1:51989/"], env=environment, stderr=subprocess.DEVNULL)
there.wait(120)
shown.terminate()
shown.wait()
screen.terminate()
print("\n".join(seen))
PYTHON
chroot root python3 /look.py > seen
cat seen
refused="RangeError: invalid language tag: C"
[ "$(cat seen)" = "C|C|$refused|$refused|en-US-u-va-posix" ] || { echo "CHANGED"; exit 1; }
echo "As described: the browser names a language that it refuses."
