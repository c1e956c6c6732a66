## Was im Browser aufgehoben ist.

stored-title = In diesem Browser aufbewahrt
stored-open = Öffnen
stored-open-name = Öffnen: { $name }
stored-remove = Entfernen
stored-remove-name = Entfernen: { $name } aus diesem Browser
