## Saving a download where the person wants it.

saving-folder = Alles ist in diesem Browser. Wähle, wie es gespeichert werden soll.
saving-early = Du kannst jetzt schon wählen: Es wird von selbst gespeichert, wenn alles da ist.
saving-button-file = Speichern unter …
saving-button-folder = In einem Ordner speichern …
saving-button-zip = Als ZIP speichern
# $kind: "folder", "file", or the browser's downloads, which have no name.
saving-waits = Es wird von selbst { $kind ->
        [folder] im Ordner { $place }
        [file] als { $place }
       *[downloads] in deinen Downloads
    } gespeichert, wenn alles da ist.
saving-writes = Wird { $kind ->
        [folder] im Ordner { $place }
        [file] als { $place }
       *[downloads] in deinen Downloads
    } gespeichert: { $done } von { $total }.
saving-saved = { $name } ist { $kind ->
        [folder] im Ordner { $place }
       *[file] als { $place }
    } gespeichert.
saving-handed-over = { $name } wurde deinem Browser zum Speichern übergeben.
saving-refused = { $name } wurde nicht gespeichert: Der Browser durfte dort nicht schreiben. Drück noch einmal auf den Knopf und erlaube es, oder wähle einen anderen Ort.
saving-no-room = { $name } wurde nicht gespeichert: Das Laufwerk ist voll. Schaff etwas Platz und drück noch einmal auf den Knopf, oder wähle einen anderen Ort. Was du heruntergeladen hast, ist noch hier.
saving-in-use = { $name } wurde nicht gespeichert: Die Datei ist in einem anderen Programm geöffnet. Schließe sie dort und drück noch einmal auf den Knopf, oder wähle einen anderen Namen.
saving-place-gone = { $name } wurde nicht gespeichert: Der Ort wurde inzwischen verschoben, umbenannt oder entfernt. Drück noch einmal auf den Knopf und wähle einen anderen.
saving-unreadable = { $name } wurde nicht gespeichert: Dieser Browser kann nicht lesen, was er heruntergeladen hat ({ $what }). Lade die Seite neu: Was da ist, wird geprüft, und der Rest wird neu geholt.
saving-not-kept = { $name } wurde geschrieben, ist aber nicht so angekommen, wie es sein soll. Was du heruntergeladen hast, ist noch in diesem Browser: Wähle einen anderen Ort.
saving-cancelled = Das Speichern von { $name } wurde abgebrochen. Dateien, die schon fertig waren, bleiben, wo sie sind.
saving-other = { $name } wurde nicht gespeichert: Der Browser hat abgelehnt ({ $what }). Wähle einen anderen Ort, oder speichere es als ZIP-Archiv oder Datei für Datei.
saving-moved = { $name } wurde nach dem Speichern geändert, verschoben oder entfernt, darum bekommt es niemand mehr aus diesem Tab. Zieh es auf diese Seite, um es wieder zu teilen.
saving-not-asked = Der Browser hat nicht nach einem Ort gefragt. Drück noch einmal auf den Knopf, oder nimm einen anderen.
saving-not-asked-because = Der Browser hat nicht nach einem Ort gefragt ({ $error }). Nimm einen anderen Knopf.
saving-left-out = { $count ->
        [one] 1 Datei wurde ausgelassen
       *[other] { $count } Dateien wurden ausgelassen
    } ({ $names }), denn dieser Browser lässt keine Seite Dateien mit solchen Namen schreiben: Speichere sie einzeln oder als ZIP-Archiv.
saving-files = { $count ->
        [one] 1 Datei
       *[other] { $count } Dateien
    }

## Einen Download speichern, wo man will.

save-progress = Gespeichert
save-cancel = Doch nicht dort speichern
save-more = Mehr anzeigen
save-one = Speichern
save-one-name = Speichern: { $name }
