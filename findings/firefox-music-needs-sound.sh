#!/usr/bin/env bash
# Firefox: without a sound output a film plays, and music ends with the error of a damaged file.
#
# Versions: firefox-esr 153.8.0esr-1~deb12u1 (Debian 12, in a Debian of its own, which has no sound); the media are made with its ffmpeg 5.1.
# Runs as root.
# Seen: a WebM of a picture and of Opus plays to its end, silently. The Opus track alone, as WebM in a <video>, ends with MediaError 3
# (MEDIA_ERR_DECODE), whose message names OnMediaSinkAudioError; the same with `muted` plays to its end.
# One would expect both to play silently, as Chromium does, or another error than that of a file that cannot be decoded.
set -euo pipefail
dir=$(mktemp -d)
trap 'umount "$dir/root/proc" 2>/dev/null || true; rm -rf --one-file-system "$dir"' EXIT
cd "$dir"
version=153.8.0esr-1~deb12u1
apt-get download --quiet debootstrap > /dev/null 2>&1
dpkg-deb --extract debootstrap_*.deb tools
DEBOOTSTRAP_DIR="$dir/tools/usr/share/debootstrap" tools/usr/sbin/debootstrap --variant=minbase bookworm root > debootstrap.log
echo "deb http://deb.debian.org/debian-security bookworm-security main" >> root/etc/apt/sources.list
chroot root apt-get update --quiet > update.log 2>&1
chroot root apt-get install --quiet --yes --no-install-recommends "firefox-esr=$version" ffmpeg python3 > install.log 2>&1
mount -t proc proc root/proc
chroot root ffmpeg -loglevel error -f lavfi -i sine=duration=2 -c:a libopus song.webm
chroot root ffmpeg -loglevel error -f lavfi -i sine=duration=2 -f lavfi -i testsrc=duration=2 -c:a libopus -c:v libvpx film.webm
cat > root/look.py <<'PYTHON'
import http.server, os, subprocess, threading, urllib.parse

PAGE = b"""<!doctype html><title>play</title><script>
const play = (name, muted) => new Promise((done) => {
  const element = document.createElement("video");
  element.muted = muted;
  element.onended = () => done("ends");
  element.onerror = () => done(`error ${element.error.code} ${element.error.message.match(/OnMediaSink\\w*/)}`);
  element.src = name;
  element.play().catch(() => {});
});
const seen = async () => [await play("film.webm", false), await play("song.webm", false), await play("song.webm", true)];
seen().then((seen) => fetch("/seen?" + encodeURIComponent(seen.join(", "))));
</script>"""
seen, there = [], threading.Event()

class Answer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words): pass
    def do_GET(self):
        if self.path.startswith("/seen?"):
            seen.append(urllib.parse.unquote(self.path[6:]))
            there.set()
        body, kind = PAGE, "text/html"
        if self.path.endswith(".webm"):
            body, kind = open(self.path, "rb").read(), "video/webm"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = http.server.ThreadingHTTPServer(("127.0.0.1", 51989), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.makedirs("/profile")
with open("/profile/user.js", "w") as settings:
    settings.write('user_pref("media.autoplay.default", 0);\n')
command = ["firefox-esr", "--headless", "--profile", "/profile", "http://127.0.0.1:51989/"]
browser = subprocess.Popen(command, env=dict(os.environ, HOME="/root"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
there.wait(180)
browser.terminate()
browser.wait()
print("\n".join(seen))
PYTHON
chroot root python3 /look.py > seen
cat seen
[ "$(cat seen)" = "ends, error 3 OnMediaSinkAudioError, ends" ] || { echo "CHANGED: $(cat seen)"; exit 1; }
echo "As described: a film plays without sound, and a song does not."
