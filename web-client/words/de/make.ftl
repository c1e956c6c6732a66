## Eine Gruppe gründen.

make-title = Eine Gruppe gründen
make-name = Name der Gruppe
make-name-example = Hüttentour
make-button = Gruppe gründen
make-under-way = Die Gruppe wird gegründet …
make-password = Passwort des Servers
