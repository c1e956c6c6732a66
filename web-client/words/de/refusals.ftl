## What the server says no to. Where it has several sentences for one code, its own one is quoted.

refusals-bad-login = Die Anmeldung beim Server ist gescheitert. Lade die Seite neu. Der Server sagt dazu: „{ $said }“
refusals-unknown-group = Diese Gruppe gibt es hier nicht (mehr). Prüf den Link, oder bitte die Person, die ihn geschickt hat, um einen neuen.
refusals-bad-invite = Dieser Link öffnet die Gruppe nicht: Sein letzter Teil, hinter dem #, ist falsch, oder es ist ein alter Link. Kopiere den ganzen Link noch einmal, oder bitte um einen neuen.
refusals-not-allowed = Das darfst du in dieser Gruppe nicht (mehr). Bitte einen Admin darum. Der Server sagt dazu: „{ $said }“
refusals-unknown-file = Diese Datei ist nicht mehr in der Gruppe, oder sie wird noch vorbereitet. Versuch es später noch einmal. Der Server sagt dazu: „{ $said }“
refusals-bad-request = Der Server nimmt das so nicht an. Lade die Seite neu, und versuch es noch einmal. Er sagt dazu: „{ $said }“
refusals-too-many = Das ist dem Server zu viel. Versuch es später noch einmal. Er sagt dazu: „{ $said }“
refusals-server-error = Der Server konnte das nicht speichern, und nichts hat sich geändert. Versuch es später noch einmal. Er sagt dazu: „{ $said }“
refusals-unknown-version = Dieser Server spricht eine andere Version des Protokolls. Lade die Seite neu, oder aktualisiere das Programm.
refusals-invite-expired = Dieser Link ist abgelaufen. Bitte die Person, die ihn geschickt hat, um einen neuen.
refusals-invite-revoked = Dieser Link wurde zurückgezogen. Bitte die Person, die ihn geschickt hat, um einen neuen.
refusals-invite-used-up = Dieser Link ist aufgebraucht. Bitte die Person, die ihn geschickt hat, um einen neuen.
refusals-stale-epoch = Die Gruppe hat sich inzwischen geändert (jemand wurde entfernt). Sieh nach, und versuch es dann noch einmal.
refusals-unknown-member = Diese Person ist nicht (mehr) in der Gruppe.
refusals-unknown-invite = Diese Einladung gibt es in dieser Gruppe nicht (mehr).
refusals-unknown-request = Diese Anfrage ist nicht mehr da; ein anderer Admin hat sie beantwortet, oder sie wurde zurückgezogen.
refusals-password-needed = Um auf diesem Server eine Gruppe zu gründen, brauchst du das Passwort des Servers. Frag die Person, die ihn betreibt, gib das Passwort ein, und versuch es noch einmal.
refusals-wrong-password = Das ist nicht das Passwort des Servers. Prüf es, oder frag die Person, die den Server betreibt.
refusals-invited-only = Nur wer auf diesem Server in einer Gruppe ist, kann hier eine weitere gründen. Bitte jemanden aus einer solchen Gruppe um eine Einladung, oder darum, die Gruppe für dich zu gründen, oder nimm einen anderen Server.
