## Ein Download.

download-here = Heruntergeladen
download-verified = { $have } von { $all } Stücken geprüft.
download-save = Speichern
download-save-name = Speichern: { $name }
download-stop = Nicht mehr helfen
download-cancel = Abbrechen
download-notify = Benachrichtige mich, wenn es fertig ist
download-map = Karte der Stücke: { $have } von { $all } Stücken sind da
download-amount = Da
download-amount-of = { $here } von { $size }
download-down = Kommt herein
download-left = Noch
download-size = Größe
download-sent = An andere gegeben
download-up = Geht hinaus
download-people = Leute
download-relay = Relay
download-direct = direkt
download-bridge = Bridge
