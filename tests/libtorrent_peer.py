"""libtorrent as a yardstick for `cargo xtask bench`: one torrent, on loopback, with nothing that talks to others.

    libtorrent_peer.py seed TORRENT FOLDER            prints `seeding on port N` when it has checked the file
    libtorrent_peer.py download TORRENT FOLDER PORT…  ends when every piece is verified and written
    libtorrent_peer.py nothing                        ends at once: what Python and the library take to start
"""

import os
import sys

import libtorrent as lt

# Everything else as it comes. Without these it would look for peers elsewhere, or refuse two peers of one address.
SETTINGS = {
    "listen_interfaces": "127.0.0.1:0",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "enable_incoming_utp": False,
    "enable_outgoing_utp": False,
    "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
}


def add(torrent, folder):
    session = lt.session(SETTINGS)
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = folder
    return session, session.add_torrent(parameters)


def wait_for(session, kind):
    """Returns at the first alert of this kind; an error ends the program."""
    while True:
        session.wait_for_alert(60_000)
        for alert in session.pop_alerts():
            if isinstance(alert, kind):
                return
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
                sys.exit(alert.message())


def seed(torrent, folder):
    session, handle = add(torrent, folder)
    wait_for(session, lt.torrent_finished_alert)
    if not handle.status().is_seeding:
        sys.exit("the file is not that of the torrent")
    print(f"seeding on port {session.listen_port()}", flush=True)
    while True:
        session.wait_for_alert(60_000)
        session.pop_alerts()


def download(torrent, folder, *ports):
    session, handle = add(torrent, folder)
    for port in ports:
        handle.connect_peer(("127.0.0.1", int(port)))
    wait_for(session, lt.torrent_finished_alert)
    # The last pieces may be on their way to the file.
    handle.flush_cache()
    wait_for(session, lt.cache_flushed_alert)
    # The session's end would wait for its threads; the file is complete.
    os._exit(0)


if __name__ == "__main__":
    what, arguments = sys.argv[1], sys.argv[2:]
    {"seed": seed, "download": download, "nothing": lambda: None}[what](*arguments)
