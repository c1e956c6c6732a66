#!/usr/bin/env bash
# Transmission: it says that it keeps 512 requests (BEP 10, reqq) and rejects the 512th.
#
# Versions: transmission-daemon 3.00 (Debian 12: 3.00-2.1+deb12u1).
# Seen: a seeder whose extension handshake says `reqq` 512 is sent 600 different requests of 16 KiB at once, after its unchoke.
# It serves 511 and rejects 89. Sent 512 at once, it rejects one; sent 511, none.
# One would expect 512 to be kept: `reqq` is "the number of outstanding request messages this client supports without
# dropping any". Whoever fills the queue exactly loses a request in every round, and whoever takes a reject of a seeder for
# "does not have the piece" loses the piece.
set -euo pipefail
dir=$(mktemp -d)
daemon=
trap 'kill $daemon 2>/dev/null && wait $daemon || true; rm -rf "$dir"' EXIT
cd "$dir"
apt-get download --quiet transmission-daemon=3.00-2.1+deb12u1 > /dev/null
for package in *.deb; do dpkg-deb --extract "$package" packages; done

mkdir -p data home/watched
head -c 16777216 /dev/urandom > data/file
python3 - <<'PYTHON'
import hashlib
data = open("data/file", "rb").read()
pieces = b"".join(hashlib.sha1(data[at:at + 262144]).digest() for at in range(0, len(data), 262144))
info = b"d6:lengthi%de4:name4:file12:piece lengthi262144e6:pieces%d:" % (len(data), len(pieces)) + pieces + b"e"
open("home/watched/it.torrent", "wb").write(b"d4:info" + info + b"e")
open("info-hash", "wb").write(hashlib.sha1(info).digest())
PYTHON
cat > home/settings.json <<JSON
{"bind-address-ipv4": "127.0.0.1", "dht-enabled": false, "lpd-enabled": false, "pex-enabled": false, "utp-enabled": false,
 "port-forwarding-enabled": false, "peer-port": 51996, "rpc-enabled": false, "download-dir": "$dir/data",
 "incomplete-dir-enabled": false, "watch-dir": "$dir/home/watched", "watch-dir-enabled": true}
JSON
HOME="$dir/home" packages/usr/bin/transmission-daemon --foreground --config-dir home > log 2>&1 &
daemon=$!
python3 - <<'PYTHON'
import re, socket, struct, sys, time

info_hash = open("info-hash", "rb").read()

def connect():
    """A connection on which it has said that it has everything, its reqq, and what was read behind that."""
    for _ in range(60):
        try:
            sock = socket.create_connection(("127.0.0.1", 51996))
            sock.settimeout(20)
            sock.sendall(b"\x13BitTorrent protocol" + bytes([0, 0, 0, 0, 0, 0x10, 0, 0x04]) + info_hash + b"-XX0001-abcdefghijkl")
            if len(recv(sock, 68)) == 68:
                return sock
        except OSError:
            pass
        time.sleep(0.5)
    sys.exit("CHANGED: it takes no connection")

def recv(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data

def message(sock):
    length, = struct.unpack(">I", recv(sock, 4))
    body = recv(sock, length)
    return (body[0], body[1:]) if body else (None, b"")

def burst(count):
    sock = connect()
    sock.sendall(struct.pack(">IBB", 4, 20, 0) + b"de" + struct.pack(">IB", 1, 2))
    reqq = None
    while True:
        kind, body = message(sock)
        found = re.search(rb"4:reqqi(\d+)e", body) if kind == 20 else None
        reqq = int(found[1]) if found else reqq
        if kind == 1:
            break
    blocks = [(at // 16, at % 16 * 16384) for at in range(count)]
    sock.sendall(b"".join(struct.pack(">IBIII", 13, 6, piece, begin, 16384) for piece, begin in blocks))
    served = rejected = 0
    while served + rejected < count:
        kind, _ = message(sock)
        served, rejected = served + (kind == 7), rejected + (kind == 16)
    sock.close()
    # It takes one connection from an address, and forgets this one soon.
    time.sleep(2)
    print(f"reqq {reqq}: of {count} requests at once {served} served, {rejected} rejected", flush=True)
    return reqq, served, rejected

seen = [burst(count) for count in (600, 512, 511)]
if seen != [(512, 511, 89), (512, 511, 1), (512, 511, 0)]:
    sys.exit("CHANGED")
PYTHON
echo "As described: it keeps one request less than it says."
