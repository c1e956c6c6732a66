## Anderen geben, wenn die Verbindung etwas kostet.

metered-saves-data = Dein Browser soll Daten sparen, darum gibt dieser Tab den anderen nichts.
metered-mobile = Du bist über Mobilfunk verbunden, darum gibt dieser Tab den anderen nichts.
metered-goes-on = Dein Download geht weiter.
metered-give = Den anderen trotzdem helfen
