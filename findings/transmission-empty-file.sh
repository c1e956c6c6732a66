#!/usr/bin/env bash
# Transmission: a torrent's empty file is never made, and the torrent is complete without it.
#
# Versions: transmission-daemon 3.00 (Debian 12: 3.00-2.1+deb12u1).
# Seen: of a folder torrent with one file of 20,000 bytes and one of 0 bytes, where the first is there and the second is not,
# the check of the data ends with 100 % done, and the empty file is still not there a while later.
# The same holds for what Transmission has downloaded itself.
# One would expect the file to be made, as libtorrent, rtorrent and aria2 do, or the torrent to be incomplete.
set -euo pipefail
dir=$(mktemp -d)
daemon=
trap 'kill $daemon 2>/dev/null && wait $daemon || true; rm -rf "$dir"' EXIT
cd "$dir"
apt-get download --quiet transmission-daemon=3.00-2.1+deb12u1 transmission-cli=3.00-2.1+deb12u1 > /dev/null
for package in *.deb; do dpkg-deb --extract "$package" packages; done

mkdir -p data/folder home/watched
head -c 20000 /dev/zero > data/folder/full
python3 - <<'PYTHON'
import hashlib
data = open("data/folder/full", "rb").read()
pieces = b"".join(hashlib.sha1(data[at:at + 16384]).digest() for at in range(0, len(data), 16384))
files = b"ld6:lengthi0e4:pathl5:emptyeed6:lengthi20000e4:pathl4:fulleee"
info = b"d5:files" + files + b"4:name6:folder12:piece lengthi16384e6:pieces%d:" % len(pieces) + pieces + b"e"
open("home/watched/it.torrent", "wb").write(b"d4:info" + info + b"e")
PYTHON
cat > home/settings.json <<JSON
{"bind-address-ipv4": "127.0.0.1", "dht-enabled": false, "lpd-enabled": false, "pex-enabled": false, "utp-enabled": false,
 "port-forwarding-enabled": false, "peer-port": 51999, "rpc-enabled": true, "rpc-port": 51998,
 "rpc-bind-address": "127.0.0.1", "download-dir": "$dir/data",
 "incomplete-dir-enabled": false, "watch-dir": "$dir/home/watched", "watch-dir-enabled": true}
JSON
HOME="$dir/home" packages/usr/bin/transmission-daemon --foreground --config-dir home > log 2>&1 &
daemon=$!
remote() { packages/usr/bin/transmission-remote 127.0.0.1:51998 "$@"; }
for _ in $(seq 60); do
    remote --torrent 1 --info 2> /dev/null | grep -q 'Percent Done: 100%' && break
    sleep 0.5
done
remote --torrent 1 --info | grep -E 'State|Percent Done' || true
remote --torrent 1 --info-files || true
remote --torrent 1 --info | grep -q 'Percent Done: 100%' || { echo "CHANGED: the torrent is not complete"; exit 1; }
sleep 2
if [ -e data/folder/empty ]; then
    echo "CHANGED: the empty file was made"
    exit 1
fi
ls -l data/folder
echo "As described: complete, and there is no file 'empty'."
