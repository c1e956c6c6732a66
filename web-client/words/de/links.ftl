## Links und Befehle zum Mitnehmen.

links-copy = Kopieren
links-copied = Kopiert
links-select = Selbst markieren
# $action is what stands on the button, $what is what it is about: “Copy: the invite link”.
links-about = { $action }: { $what }
links-qr = QR-Code
links-qr-hide = QR-Code ausblenden
links-qr-of = QR-Code: { $what }
links-send = Teilen …
links-command = Befehl für ein Terminal
links-asks = Der Befehl fragt nach der Einladung:
links-invite = Einladung
