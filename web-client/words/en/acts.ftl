## What a person does in a group: what it means, and why it did not happen.

acts-leave-title = Leave { $group }?
acts-leave = Downloads of this group stop, and the links that you made no longer work. What you already saved is yours.
acts-leave-button = Leave
acts-leave-last = Nobody else is in the group: when you leave, it is closed.
acts-leave-only-admin = You are the only admin: { $name }, who has been here longest, becomes one. To choose somebody else, make them an admin first.
acts-leave-come-back = To come back you need a link, or an admin who lets you in.
acts-close-title = Close { $group } for everybody?
acts-close = The group ends for { $count ->
        [one] you
       *[other] all { $count } members
    }: its files, links and requests are gone, and downloads stop.
acts-close-for-good = What people already saved stays theirs. This cannot be undone.
acts-close-button = Close the group
acts-remove-title = Remove { $name } from { $group }?
acts-remove = { $name }'s connections to the others are cut at once, and the group gets a new key, so that { $name } cannot read what is sent from now on. What { $name } already saved stays theirs.
acts-remove-come-back = { $name } can come back only if an admin accepts their request.
acts-remove-button = Remove
acts-keep-links = Links that this browser made keep working. All others are revoked in any case: only whoever made a link can put the new key in it.
acts-remove-file-title = Remove { $name }?
acts-remove-file = Nobody can download { $name } from this group any more, and running downloads stop. What people already saved stays theirs.
acts-remove-file-button = Remove the file
# Why it did not happen, behind a colon: a sentence of its own.
acts-not-let-in = { $name } was not let in: { $why }
acts-not-refused = { $name }'s request was not turned down: { $why }
acts-not-changed = What { $name } may do was not changed: { $why }
acts-not-removed = { $name } was not removed: { $why }
acts-no-link = The link was not made: { $why }
acts-not-revoked = The link was not revoked: { $why }
acts-torrents-not-ended = Your torrent files of { $group } are still valid: { $why }
acts-not-left = You have not left { $group }: { $why }
acts-not-closed = { $group } was not closed: { $why }
acts-gone-left = You left { $group }. What you already saved is yours.
acts-gone-removed = You were removed from { $group }. What you already saved is yours.
acts-gone-closed = { $group } was closed. What you already saved is yours.
