## What is wrong with a torrent.

# Parts of a sentence: they stand in brackets.
torrents-too-many-files = der Torrent hat zu viele Dateien
torrents-too-deep = der Torrent hat eine Datei in zu vielen Ordnern
torrents-bad-path = „{ $path }“ kann nicht der Pfad einer Datei in einem Torrent sein
torrents-too-many-pieces = { $count } Stücke sind zu viele zum Teilen
torrents-other = etwas stimmt damit nicht: { $what }
