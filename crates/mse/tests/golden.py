"""The golden vectors of golden.rs, by a second implementation: `python3 golden.py`."""

import hashlib

P = 0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563
SKEY = bytes(range(20))
XA, XB = 0xA1 * (2**160 - 1) // 255, 0xB2 * (2**160 - 1) // 255


def h(*parts):
    return hashlib.sha1(b"".join(parts)).digest()


class RC4:
    def __init__(self, key):
        self.s, self.i, self.j = list(range(256)), 0, 0
        j = 0
        for i in range(256):
            j = (j + self.s[i] + key[i % len(key)]) & 255
            self.s[i], self.s[j] = self.s[j], self.s[i]
        self(bytes(1024))

    def __call__(self, data):
        out = bytearray()
        for byte in data:
            self.i = (self.i + 1) & 255
            self.j = (self.j + self.s[self.i]) & 255
            self.s[self.i], self.s[self.j] = self.s[self.j], self.s[self.i]
            out.append(byte ^ self.s[(self.s[self.i] + self.s[self.j]) & 255])
        return bytes(out)


secret = pow(pow(2, XA, P), XB, P).to_bytes(96, "big")
a, b = RC4(h(b"keyA", secret, SKEY)), RC4(h(b"keyB", secret, SKEY))
torrent = bytes(x ^ y for x, y in zip(h(b"req2", SKEY), h(b"req3", secret)))
# With padding of 3 bytes behind the offer and 2 behind the selection, and `hello` as initial payload.
offer = a(bytes(8) + (3).to_bytes(4, "big") + b"\0\3abc" + b"\0\5hello")
selection = b(bytes(8) + (2).to_bytes(4, "big") + b"\0\2de")
print("YA", pow(2, XA, P).to_bytes(96, "big").hex())
print("YB", pow(2, XB, P).to_bytes(96, "big").hex())
print("OFFER", (h(b"req1", secret) + torrent + offer).hex())
print("SELECTION", selection.hex())
print("THEN_A", a(b"from A").hex())
print("THEN_B", b(b"from B").hex())
# What this crate's initiator sends (no padding, no payload), and its responder selects of that.
a, b = RC4(h(b"keyA", secret, SKEY)), RC4(h(b"keyB", secret, SKEY))
print("OWN_OFFER", (h(b"req1", secret) + torrent + a(bytes(8) + (2).to_bytes(4, "big") + bytes(4))).hex())
print("OWN_SELECTION", b(bytes(8) + (2).to_bytes(4, "big") + bytes(2)).hex())
print("THEN_A_OF_OWN", a(b"from A").hex())
print("THEN_B_OF_OWN", b(b"from B").hex())
