## A group's files.

files-given-to-browser = Es wurde deinem Browser zum Speichern übergeben. Wenn es nicht in deinen Downloads ist, drück auf „Speichern“.
files-preparing = { $size } · wird von { $name } vorbereitet
files-nobody = { $size } · von { $name } · niemand, der alles hat, ist online
files-holders = { $size } · von { $name } · { $count ->
        [one] 1 Person hat es
       *[other] { $count } Leute haben es
    }
files-own-preparing = { $size } · du bereitest es vor
files-own = { $size } · aus diesem Tab geteilt
files-own-holders = { $size } · aus diesem Tab geteilt · { $count ->
        [one] 1 Person hat es auch
       *[other] { $count } Leute haben es auch
    }
files-drop-again = Du hast es geteilt. Zieh es wieder hierher, und bei allen, die es wollen, geht es weiter.
