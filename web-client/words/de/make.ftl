## Eine Gruppe gründen.

make-title = Eine Gruppe gründen
make-name = Wie die Gruppe heißt
make-name-example = Hüttentour
make-button = Gruppe gründen
make-under-way = Die Gruppe wird gegründet …
make-password = Passwort des Servers
