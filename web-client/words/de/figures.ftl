# What the page calls things, everywhere: the reader is du; share = teilen; group = Gruppe, made: gegründet; invite = Einladung;
# revoke = zurückziehen; let in = hereinlassen; request = Anfrage; remove = entfernen; piece = Stück; download = Download,
# herunterladen; peers = Leute; bridge = Bridge; client = BitTorrent-Programm; disk = Laufwerk; tab, browser, server, admin, link = so.
# "Keep this tab open" is "Lass diesen Tab offen".

## Figures: how many of what.

decimal-sign = ,
people = { $count ->
    [one] 1 Person
   *[other] { $count } Leute
}
days = { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
}
names-two = { $first } und { $second }
names-three = { $first }, { $second } und { $third }
names-more = { $first }, { $second } und { $count } weitere
