## Ein Download.

download-here = Heruntergeladen
download-verified = { $have } von { $all } Stücken geprüft.
download-save = Speichern
download-save-name = Speichern: { $name }
download-stop = Nicht mehr helfen
download-cancel = Abbrechen
download-notify = Bescheid, wenn es fertig ist
download-map = Karte der Stücke: { $have } von { $all } Stücken sind da
download-amount = Schon da
download-amount-of = { $here } von { $size }
download-down = Herein
download-left = Noch
download-size = Größe
download-sent = Weitergegeben
download-up = Hinaus
download-people = Leute
download-relay = Relay
download-direct = direkt
download-bridge = Bridge
