#!/usr/bin/env bash
# rtorrent: a torrent that names no tracker is not loaded.
#
# Versions: rtorrent 0.9.8 (Debian 12: 0.9.8-1).
# Seen: a valid .torrent file without `announce` (as every torrent for DHT or local peers alone) is refused with "Could not
# find any trackers", also with its data beside it; the same file with an `announce` that nobody answers is loaded.
# One would expect it to be loaded, since peers can be found without a tracker: BEP 5 makes `announce` optional.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download --quiet rtorrent=0.9.8-1 > /dev/null 2>&1
for package in *.deb; do dpkg-deb --extract "$package" packages; done

head -c 20000 /dev/zero > full
python3 - <<'PYTHON'
import hashlib
data = open("full", "rb").read()
pieces = b"".join(hashlib.sha1(data[at:at + 16384]).digest() for at in range(0, len(data), 16384))
info = b"d6:lengthi20000e4:name4:full12:piece lengthi16384e6:pieces%d:" % len(pieces) + pieces + b"e"
open("without.torrent", "wb").write(b"d4:info" + info + b"e")
open("with.torrent", "wb").write(b"d8:announce27:http://127.0.0.1:1/announce4:info" + info + b"e")
PYTHON
run() {
    mkdir -p "session-$1"
    cat > rc <<RC
system.daemon.set = true
session.path.set = $dir/session-$1
directory.default.set = $dir
network.port_range.set = 51997-51997
network.bind_address.set = 127.0.0.1
dht.mode.set = disable
log.open_file = "log", $dir/log-$1
log.add_output = "info", "log"
RC
    HOME="$dir" timeout 8 packages/usr/bin/rtorrent -n -o import="$dir/rc" "$1.torrent" > "out-$1" 2>&1 || true
    echo "== $1 a tracker:"
    cat "log-$1" "out-$1" | tr -d '\033' | head -12
}
run without
run with
grep -q 'Could not find any trackers' log-without out-without || { echo "CHANGED: it is not refused"; exit 1; }
grep -q 'Could not find any trackers' log-with out-with && { echo "CHANGED: the other one is refused, too"; exit 1; }
[ -n "$(find session-with -name "*.torrent")" ] || { echo "CHANGED: with a tracker it is not loaded either"; exit 1; }
[ -z "$(find session-without -name "*.torrent")" ] || { echo "CHANGED: it is loaded"; exit 1; }
echo "As described: without a tracker it is not loaded."
