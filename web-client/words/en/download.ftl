## One download.

download-here = Downloaded
download-verified = { $have } of { $all } pieces verified.
download-save = Save
download-save-name = Save { $name }
download-stop = Stop helping
download-cancel = Cancel
download-notify = Notify me when it is done
download-map = Piece map: { $have } of { $all } pieces are here
download-amount = Here
download-amount-of = { $here } of { $size }
download-down = Coming in
download-left = Time left
download-size = Size
download-sent = Given to others
download-up = Going out
download-people = People
download-relay = relay
download-direct = direct
download-bridge = bridge
