## What is put before the person: the connection, an invite, a download.

screen-forgetful = Dieser Browser behält nichts für diese Seite: Cookies und Websitedaten sind blockiert, oder das ist ein privates Fenster. Du bist hier bei jedem Besuch jemand Neues, und eine Gruppe, der du beitrittst, ist mit diesem Tab weg: Heb den Link auf, oder lass den Browser Daten dieser Seite behalten.
screen-offline = Was vollständig in diesem Browser ist, lässt sich trotzdem öffnen und speichern: auf der Seite mit deinen Gruppen.
screen-joining = Die Liste der Stücke wird geholt …
screen-preparing = Es wird vorbereitet: { $percent } %. Der Download beginnt von selbst.
screen-not-ready = { $name } ist noch nicht bereit, und niemand, der es vorbereitet, ist online. Der Download beginnt von selbst.
screen-connecting-to-others = Verbindung zu den anderen wird aufgebaut …
screen-coming-from = Kommt von { $count ->
        [one] 1 Person
       *[other] { $count } Leuten
    }.
screen-keep-until-saved = Lass diesen Tab offen, bis es gespeichert ist.
screen-helping = Du hilfst gerade { $count ->
        [one] 1 Person
       *[other] { $count } Leuten
    }.
screen-may-close = Auch ohne dich gibt es { $count ->
        [one] 1 vollständige Kopie
       *[other] { $count } vollständige Kopien
    }. Du kannst diesen Tab schließen.
screen-only-copy = Noch hat niemand sonst alles: Lass diesen Tab offen, um zu helfen.
screen-next-one = Lass diesen Tab offen: Wer als Nächstes kommt, bekommt es auch von dir.
screen-waiting-for-you = { $count ->
        [one] 1 Person wartet auf dich
       *[other] { $count } Leute warten auf dich
    }
screen-connected = Verbunden.
screen-connecting = Verbindung wird aufgebaut …
screen-downloading = { $name } wird heruntergeladen: { $percent } %.
screen-complete = { $name } ist vollständig: { $have } von { $all } Stücken geprüft.
# Why: a sentence of its own.
screen-refused = Der Server lässt dich nicht herein: { $why }
screen-worker-stopped = Das Programm hinter dieser Seite ist wegen eines eigenen Fehlers abgestürzt. Lade die Seite neu: Was gespeichert wurde, bleibt, und der Rest wird neu geholt.
screen-no-worker = Dieser Browser kann das Programm hinter dieser Seite nicht ausführen. Nimm einen aktuellen Firefox, Chrome, Edge oder Safari, oder starte { $command } in einem Terminal und füge die Einladung ein.
screen-lost = Seit { $seconds } s keine Verbindung zum Server ({ $why }). Was du hast, bleibt; es geht von selbst weiter.
screen-no-answer = Es gibt keine Verbindung zum Server ({ $why }). Prüf dein Netz, oder frag die Person, die den Link geschickt hat, ob der Server noch läuft.
screen-invite-not-valid = Diese Einladung gilt nicht (mehr): Vielleicht wurde sie abgeschnitten oder zurückgezogen, oder sie ist abgelaufen. Bitte noch einmal um den ganzen Link.
screen-no-such-group = Hier heißt keine Gruppe so. Prüf den Link, oder bitte die Person, die ihn geschickt hat, um einen neuen.
screen-joining-group = Du trittst bei …
screen-join-and-download = Beitreten und herunterladen
screen-join = Beitreten
screen-too-big = Dieser Browser kann etwa { $room } aufnehmen, aber { $name } ist { $size } groß. Hol es stattdessen auf einem Computer mit diesem Befehl:
screen-offered-preparing = wird vorbereitet; du kannst schon beitreten
screen-offered-by-nobody = niemand, der es hat, ist jetzt online; der Download beginnt, sobald jemand kommt
screen-offered-in-parts = { $count ->
        [one] 1 Person
       *[other] { $count } Leute
    } mit einem Teil davon online
screen-offered = { $count ->
        [one] 1 Person hat es jetzt
       *[other] { $count } Leute haben es jetzt
    }
