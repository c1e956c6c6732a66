## Making a group.

making-purpose = Für die Leute, mit denen du teilst. Du bekommst einen Link, der sie hereinlässt.
making-password = Dieser Server ist nicht für alle offen: Um hier eine Gruppe zu gründen, brauchst du ein Passwort. Die Person, die den Server betreibt, hat es. Du wirst nur einmal danach gefragt.
making-waits = Was du ausgewählt hast, wird geteilt, sobald die Gruppe da ist.
making-nameless = Gib der Gruppe einen Namen: Die anderen lesen ihn in deiner Einladung.
making-wrong-password = Das ist nicht das Passwort des Servers. Prüf die Schreibweise, oder frag die Person, die den Server betreibt.

## Eine Gruppe gründen.

make-title = Eine Gruppe gründen
make-name = Name der Gruppe
make-name-example = Hüttentour
make-button = Gruppe gründen
make-under-way = Die Gruppe wird gegründet …
make-password = Passwort des Servers
