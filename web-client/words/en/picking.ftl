## What a person chose or dropped to share it.

picking-and-more = { $name } and { $count } more
picking-shared-files = Shared files
picking-hidden = { $count ->
        [one] 1 hidden file or folder
       *[other] { $count } hidden files or folders
    } ({ $names })
picking-unreadable = { $count } that cannot be read ({ $names })
picking-left-out = Left out: { $what }.
picking-left-out-both = Left out: { $hidden }, and { $unreadable }.
