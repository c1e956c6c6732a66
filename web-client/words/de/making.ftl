## Making a group.

making-purpose = Für die Leute, mit denen du teilst. Du bekommst einen Link, der sie hereinlässt.
making-password = Dieser Server ist nicht für alle offen: Um hier eine Gruppe zu gründen, brauchst du ein Passwort. Die Person, die den Server betreibt, hat es. Du wirst nur einmal danach gefragt.
making-waits = Was du ausgewählt hast, wird geteilt, sobald die Gruppe da ist.
making-nameless = Gib der Gruppe einen Namen: Die anderen lesen ihn in deiner Einladung.
making-wrong-password = Das ist nicht das Passwort des Servers. Prüf die Schreibweise, oder frag die Person, die den Server betreibt.
making-invited-only = Nur wer auf diesem Server in einer Gruppe ist, kann hier eine weitere gründen. Bitte jemanden aus einer solchen Gruppe um eine Einladung, oder darum, die Gruppe für dich zu gründen.
