## A person's own BitTorrent client.

own-client-secrecy = Gewöhnliche BitTorrent-Programme sprechen ohne die Verschlüsselung von Covey: Wer den Verkehr weiterleitet, kann die Datei lesen.
own-client-reach = Deines bekommt sie von Mitgliedern, die sie mit --allow-bittorrent teilen, und von anderen gewöhnlichen Programmen der Mitglieder, und gibt sie nur über eine Bridge an Browser weiter.
own-client-personal = Die Torrent-Datei ist nur für dich: Ein Schlüssel darin steht für dich. Gib sie nicht weiter: Wer sie hat, kann sich beim Server für dich ausgeben und sehen, von welchen Adressen die Datei geteilt wird.
own-client-limit = Die letzten vier, die du in dieser Gruppe gemacht hast, gelten; eine fünfte beendet die älteste.
own-client-stop = Ist eine in andere Hände geraten, oder brauchst du sie nicht mehr? Der Server weist dann jede Torrent-Datei ab, die du je von Dateien dieser Gruppe gemacht hast, auf jedem Gerät. Was deine Programme gespeichert haben, bleibt dir, und du kannst neue machen.
own-client-made = { $file } ist in deinen Downloads: Öffne sie in deinem BitTorrent-Programm, und gib sie niemandem.
own-client-public = Dieser Torrent ist nicht privat: Ein Programm kann Fremden davon erzählen. Schalte DHT, Peer-Austausch und die Suche im lokalen Netz aus, bevor du ihn hinzufügst.
# Why: a sentence of its own.
own-client-not-made = Von { $name } gibt es keine Torrent-Datei: { $why }
own-client-ended = Deine Torrent-Dateien von { $group } sind ungültig: Der Server weist Programme ab, die sie verwenden.
