## What is wrong with a torrent.

# Parts of a sentence: they stand in brackets.
torrents-too-many-files = der Torrent hat zu viele Dateien
torrents-too-deep = eine Datei des Torrents liegt in zu vielen verschachtelten Ordnern
torrents-bad-path = „{ $path }“ kann nicht der Pfad einer Datei in einem Torrent sein
torrents-too-many-pieces = { $count } Stücke sind zu viele zum Teilen
torrents-other = etwas stimmt damit nicht: { $what }
