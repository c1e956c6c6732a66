#!/bin/sh
# snow 0.10.0, Noise_XXpsk3_25519_ChaChaPoly_BLAKE2s: whoever dials accepts the answer of a responder that has
# another pre-shared key, and learns of it only when its own last message, with all that it says of itself, is refused.
#
# One would guess that a handshake with a pre-shared key fails at the first message from somebody without it. But in
# XXpsk3 the key enters at the end of the third message only (Noise specification, revision 34, section 9): the second
# message is sealed under the Diffie-Hellman results alone, so a responder without the key makes a good one, static key and
# payload included, and the initiator's `read_message` returns its payload as if nothing were wrong. The third message
# carries the initiator's static key and payload, sealed under the Diffie-Hellman results *and* the key, so a responder without
# it cannot read that; but the initiator's `is_handshake_finished` says yes right after writing it.
#
# What follows for Covey: message 2 carries a tag under the group's key, which is checked before message 3 is written
# (crates/secure-link, `WrongGroupKey`).
#
# Seen: "message 2 accepted: true", "initiator finished: true", "message 3 read by the responder: false".
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
snow = "=0.10.0"
TOML
cat > src/main.rs <<'RUST'
fn main() {
    let pattern = "Noise_XXpsk3_25519_ChaChaPoly_BLAKE2s";
    let builder = || snow::Builder::new(pattern.parse().unwrap());
    let (ours, theirs) = (builder().generate_keypair().unwrap(), builder().generate_keypair().unwrap());
    let mut initiator =
        builder().local_private_key(&ours.private).unwrap().psk(3, &[1; 32]).unwrap().build_initiator().unwrap();
    let mut responder =
        builder().local_private_key(&theirs.private).unwrap().psk(3, &[2; 32]).unwrap().build_responder().unwrap();
    let (mut wire, mut plain) = ([0; 1024], [0; 1024]);
    let len = initiator.write_message(&[], &mut wire).unwrap();
    responder.read_message(&wire[..len], &mut plain).unwrap();
    let len = responder.write_message(b"who I am", &mut wire).unwrap();
    let accepted = initiator.read_message(&wire[..len], &mut plain).is_ok_and(|len| &plain[..len] == b"who I am");
    println!("message 2 accepted: {accepted}");
    let len = initiator.write_message(b"who we are", &mut wire).unwrap();
    println!("initiator finished: {}", initiator.is_handshake_finished());
    println!("message 3 read by the responder: {}", responder.read_message(&wire[..len], &mut plain).is_ok());
}
RUST
seen=$(cargo run --quiet)
wanted="message 2 accepted: true
initiator finished: true
message 3 read by the responder: false"
echo "$seen"
[ "$seen" = "$wanted" ] || { echo "snow behaves differently now" >&2; exit 1; }
