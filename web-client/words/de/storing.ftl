## Where pieces are, and what earlier visits began.

storing-disk = Was schon da ist, bleibt in diesem Browser: Du kannst die Seite neu laden oder später wiederkommen.
storing-database = Was schon da ist, bleibt bis auf die letzten Sekunden in diesem Browser: Du kannst die Seite neu laden oder später wiederkommen.
storing-chosen = Es ist dort, wo du es gespeichert hast, und andere bekommen es von dort.
storing-no-disk = Was schon da ist, liegt nur im Arbeitsspeicher, denn eine Seite ohne HTTPS hat keinen anderen Ort: Wird sie neu geladen, beginnt der Download von vorn.
storing-failing = Was schon da ist, liegt nur im Arbeitsspeicher, denn dieser Browser behält keine Dateien für diese Seite: Wird sie neu geladen, beginnt der Download von vorn.
storing-slow = Was schon da ist, liegt nur im Arbeitsspeicher, wie in jedem privaten Fenster: Wird die Seite neu geladen, beginnt der Download von vorn.
storing-full = Was schon da ist, liegt nur im Arbeitsspeicher, denn auf dem Laufwerk ist nicht für alles Platz: Wird die Seite neu geladen, beginnt der Download von vorn. Schaff etwas Platz, dann geht es auch danach weiter.
storing-other-tab = Ein anderer Tab dieses Browsers hat diese Datei schon. Dieser hier hält eine eigene Kopie im Arbeitsspeicher: Schließe einen von beiden, außer wenn du sie zweimal willst.
storing-wanted = Was schon da ist, liegt nur im Arbeitsspeicher, wie es die Adresse sagt: Wird die Seite neu geladen, beginnt der Download von vorn.
storing-whole = { $name } ist vollständig in diesem Browser.
storing-part = Du hattest schon { $percent } % von { $name }.
storing-open = Öffnen
storing-continue = Fortsetzen
storing-room = { $have } von { $size } auf dem Laufwerk dieses Computers
storing-elsewhere = Es ist in einem anderen Tab dieses Browsers offen: Mach dort weiter, oder schließe den anderen Tab.
storing-not-shared = Es wird nicht mehr mit dir geteilt, darum geht es nicht weiter.
