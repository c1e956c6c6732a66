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
