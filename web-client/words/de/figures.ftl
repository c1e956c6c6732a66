# What the page calls things, everywhere: the reader is du; share = teilen; group = Gruppe, made: gegründet; invite = Einladung;
# link = Link, made: erstellt, good or open: gültig; revoke = zurückziehen; request = Anfrage; let in = hereinlassen, not: ablehnen;
# remove = entfernen; piece = Stück; damaged = beschädigt; download = Download, herunterladen, what comes and goes: eingehend,
# ausgehend; peers = Leute; bridge = Bridge; client = BitTorrent-Programm; disk = Laufwerk; tab, browser, server, admin = so.
# "Keep this tab open" is "Lass diesen Tab offen". A group's name has "Gruppe" before it where it would have an article or a case.
# Why something failed stands in brackets if it is a part of a sentence, behind a colon if it is one of its own.

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
names-more = { $first }, { $second } und noch { $count }
