## One person on several devices.

identity-link = Dort bist du dieselbe Person: derselbe Name, dieselben Gruppen. Öffne den Link auf dem anderen Gerät, oder richte dessen Kamera auf den QR-Code.
identity-secret = Wer diesen Link hat, ist du, für immer: Er kann in deinen Gruppen alles, was du kannst. Schick ihn niemandem außer dir selbst.
identity-offer = Diese Adresse enthält eine Identität. Sag nur Ja, wenn du den Link selbst gemacht hast, auf deinem eigenen anderen Gerät: Wer ihn gemacht hat, kann lesen, was du damit tust.
identity-asked = Dieser Browser ist jetzt { $name } und hat um Aufnahme in eine Gruppe gebeten. Diese Identität wird hier gelöscht und kommt nicht wieder, außer ein anderes deiner Geräte hat sie.
identity-loses = Dieser Browser ist jetzt { $name } und in { $count ->
        [one] der Gruppe
       *[other] den Gruppen
    } { $groups }. Diese Identität wird hier gelöscht und kommt nicht wieder, außer ein anderes deiner Geräte hat sie.
identity-keeps-nothing = dieser Browser behält nichts von Besuch zu Besuch (ein privates Fenster?)
identity-not-kept = der Browser hat sie nicht behalten
