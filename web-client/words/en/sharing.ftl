## What is shared out of this tab.

sharing-purpose = You get a link at once. Whoever you send it to gets the files from this tab, as long as it is open.
sharing-drop = Drop to share
sharing-drop-in = Drop to share with { $group }
sharing-join-first = Join first: files are shared in a group that you are in.
sharing-folder = folder of { $count ->
        [one] 1 file
       *[other] { $count } files
    } · { $size }
sharing-waits = Waiting for the other files. The link is good already.
sharing-publishing = Telling the group …
sharing-preparing = Preparing it. You can send the link already.
sharing-preparing-at = Preparing it. { $rate }, { $time } left. You can send the link already.
sharing-nobody-yet = Waiting for the first person. Keep this tab open.
sharing-only-copy = Nobody else has all of it yet: keep this tab open.
sharing-going = Going to { $count ->
        [one] 1 person
       *[other] { $count } people
    }. Keep this tab open.
sharing-going-for = Going to { $count ->
        [one] 1 person
       *[other] { $count } people
    }. Keep this tab open, about { $time } more.
sharing-got-all = got all of it
sharing-got = got { $size }, gone
sharing-from-others = { $size } of it from others
sharing-title = Sharing { $name }
sharing-status-preparing = Preparing { $name }: { $percent } %.
sharing-status-going = { $name } goes to { $count ->
        [one] 1 person
       *[other] { $count } people
    }.
sharing-stop = Stop sharing
sharing-close = Close
sharing-cancel = Cancel
# Of earlier visits.
sharing-again-allow = { $name }: allow access, and the downloads of all who want it go on. The link stays the same.
sharing-again-folder = Drop the folder { $name } here again to keep sharing it. The link stays the same.
sharing-again = Drop { $name } here again to keep sharing it. The link stays the same.
sharing-again-button = Allow access to { $name }
sharing-again-refused = The browser may not read { $name }. Press the button again and say yes, or drop the file here.
sharing-again-gone = { $name } is not where it was. Drop it here to keep sharing it.
sharing-again-unreadable = { $name } cannot be read ({ $error }). Drop it here to keep sharing it.
# Not shared, or not any more.
sharing-empty = { $name } is empty: there is nothing to share in it.
sharing-too-many = At most { $max } files and folders are shared at once: put files into a folder, and share that.
sharing-no-torrent = { $name } cannot be shared ({ $why }). Put it into an archive, and share that.
sharing-renamed-long = Others get it as { $shown }: its name is too long for some computers.
sharing-renamed = Others get it as { $shown }: its own name cannot be used everywhere.
sharing-already = { $name } is here already, and is shared as the same file.
# Why: a sentence of its own.
sharing-not-added = { $name } is not shared: { $why }
sharing-no-group = No group was made for { $name }, so nothing is shared: { $why }
sharing-removed = { $name } was removed from the group, and is not shared any more. What others already have is theirs.
sharing-gone-early = { $name } is gone: it was deleted or moved while it was being prepared. Put it back, and share it again.
sharing-written-early = { $name } was written to while it was being prepared, so it is not shared. Share it again when nobody writes to it.
sharing-unreadable-early = { $name } cannot be read ({ $error }), so it is not shared. If its disk was unplugged, connect it, and share it again.
sharing-gone = { $name } is gone: it was deleted or moved, so it is not shared any more. Put it back and share it again, and all downloads go on.
sharing-changed = { $name } has changed on disk, so it is not shared any more. What others have of it is good. Share it again to share what it is now.
sharing-damaged = { $name } has other bytes than when it was prepared, though its date is the same: its disk may be failing. It is not shared any more, and nobody was sent a wrong byte. Check the disk before you share it again.
sharing-unreadable = { $name } cannot be read any more ({ $error }), so it is not shared. If its disk was unplugged, connect it, and share it again: all downloads go on.

## Sharing out of the tab.

share-before = You shared this before
share-forget = Forget
share-forget-name = Forget { $name }: do not share it again
share-choose-files = Choose files
share-choose-folder = Choose a folder
share-add-files = Add files
share-add-folder = Add a folder
share-has = What { $name } has
share-send = Send this link
share-no-link = This browser knows no open link into the group.
share-make-link = Make a link
share-link = the link
share-whoever = Whoever opens it gets the files in the browser, with nothing to install.
share-terminal = In a terminal
share-prepared = Prepared
share-sent = Given to others
share-up = Going out
share-copies = Full copies online
share-copies-yours = yours
share-copies-more = { $copies }, and yours
