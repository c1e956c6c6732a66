## A person's own BitTorrent client.

own-client-secrecy = Gewöhnliche BitTorrent-Programme sprechen ohne die Verschlüsselung von Covey: Wer den Verkehr weiterleitet, kann die Datei lesen.
own-client-reach = Dein Programm bekommt die Datei von Mitgliedern, die sie mit --allow-bittorrent teilen, und von anderen BitTorrent-Programmen der Mitglieder. An Browser gibt es sie nur über eine Bridge weiter.
own-client-personal = Die Torrent-Datei ist nur für dich: Ein Schlüssel darin steht für dich. Gib sie nicht weiter: Wer sie hat, kann sich beim Server für dich ausgeben und sehen, von welchen Adressen die Datei geteilt wird.
own-client-limit = Es gelten die letzten vier, die du in dieser Gruppe erstellt hast; mit einer fünften wird die älteste ungültig.
own-client-stop = Ist eine in falsche Hände geraten, oder brauchst du sie nicht mehr? Wenn du sie ungültig machst, weist der Server jede Torrent-Datei ab, die du je von Dateien dieser Gruppe erstellt hast, auf jedem Gerät. Was deine Programme gespeichert haben, behältst du, und du kannst neue erstellen.
own-client-made = { $file } ist in deinen Downloads: Öffne sie in deinem BitTorrent-Programm, und gib sie niemandem.
own-client-public = Dieser Torrent ist nicht privat: Ein Programm kann Fremden davon erzählen. Schalte DHT, Peer-Austausch und die Suche im lokalen Netz aus, bevor du ihn hinzufügst.
# Why: a sentence of its own.
own-client-not-made = Für { $name } gibt es keine Torrent-Datei: { $why }
own-client-ended = Deine Torrent-Dateien der Gruppe { $group } sind ungültig: Der Server weist Programme ab, die sie verwenden.
