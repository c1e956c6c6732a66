## What is wrong with a torrent.

# Parts of a sentence: they stand behind a colon.
torrents-too-many-files = the torrent has too many files
torrents-too-deep = the torrent has a file in too many folders
torrents-bad-path = `{ $path }` cannot be the path of a file in a torrent
torrents-too-many-pieces = { $count } pieces are too many to share
torrents-other = { $what }
