## What the worker says of a download.

downloads-banned = { $name } sent damaged data (piece { $piece }), so nothing is taken from there any more. The data is fetched again from others.
# Stands for the name above.
downloads-somebody = Somebody
downloads-cannot-go-on = { $name } cannot go on here: { $why }. Free some space, or run { $command } in a terminal and paste the invite.
downloads-no-room = this browser has no room for it
downloads-no-room-because = this browser has no room for it ({ $error })
downloads-short-write = the browser kept { $kept } of { $given } bytes
downloads-removed = { $name } was removed from the group. What you already saved is yours.
downloads-list-too-early = The list of pieces came before the file was ready. Load the page again.
downloads-list-unusable = The list of pieces cannot be used: { $why }. Ask whoever shares the file to share it again.

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
