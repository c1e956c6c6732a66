## What the worker says of a download.

downloads-banned = Von { $name } wird nichts mehr angenommen: Es kamen beschädigte Daten (Stück { $piece }). Sie werden von anderen neu geholt.
# Stands for the name above.
downloads-somebody = jemandem
downloads-cannot-go-on = Mit { $name } geht es hier nicht weiter ({ $why }). Schaff etwas Platz, oder starte { $command } in einem Terminal und füge die Einladung ein.
downloads-no-room = dieser Browser hat keinen Platz dafür
downloads-no-room-because = dieser Browser hat keinen Platz dafür: { $error }
downloads-short-write = der Browser hat { $kept } von { $given } Bytes behalten
downloads-removed = { $name } wurde aus der Gruppe entfernt. Was du schon gespeichert hast, behältst du.
downloads-list-too-early = Die Liste der Stücke kam, bevor die Datei bereit war. Lade die Seite neu.
downloads-list-unusable = Die Liste der Stücke ist nicht zu gebrauchen ({ $why }). Bitte die Person, von der die Datei kommt, sie noch einmal zu teilen.

## Ein Download.

download-here = Heruntergeladen
download-verified = { $have } von { $all } Stücken geprüft.
download-save = Speichern
download-save-name = Speichern: { $name }
download-stop = Nicht mehr helfen
download-cancel = Abbrechen
download-notify = Bescheid geben, wenn es fertig ist
download-map = Karte der Stücke: { $have } von { $all } Stücken sind da
download-amount = Schon da
download-amount-of = { $here } von { $size }
download-down = Eingehend
download-left = Restzeit
download-size = Größe
download-sent = Weitergegeben
download-up = Ausgehend
download-people = Leute
download-relay = Relay
download-direct = direkt
download-bridge = Bridge
