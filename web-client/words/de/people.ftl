## The people of a group, and those who ask to be among them.

people-you = du
people-admin = Admin
people-sharing = teilt gerade
# Stands for a name.
people-somebody-who-left = jemand von früher
people-invited-by = eingeladen von { $name }
people-no-invite = kam ohne Einladung
people-was-removed = wurde schon einmal aus dieser Gruppe entfernt
people-files = { $count ->
        [one] 1 Datei
       *[other] { $count } Dateien
    }
people-want-to-join = { $count ->
        [one] 1 Person möchte beitreten
       *[other] { $count } Leute möchten beitreten
    }
