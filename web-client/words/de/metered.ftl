## Anderen geben, wenn die Verbindung etwas kostet.

metered-saves-data = Dein Browser ist auf Datensparen eingestellt, darum gibt dieser Tab nichts an die anderen weiter.
metered-mobile = Du bist über Mobilfunk verbunden, darum gibt dieser Tab nichts an die anderen weiter.
metered-goes-on = Dein Download geht weiter.
metered-give = Den anderen trotzdem helfen
