## What a person chose or dropped to share it.

picking-and-more = { $name } und { $count } weitere
picking-shared-files = Geteilte Dateien
picking-hidden = { $count ->
        [one] 1 versteckte Datei oder versteckter Ordner
       *[other] { $count } versteckte Dateien oder Ordner
    } ({ $names })
picking-unreadable = { $count } nicht lesbar ({ $names })
picking-left-out = Ausgelassen: { $what }.
picking-left-out-both = Ausgelassen: { $hidden } und { $unreadable }.
