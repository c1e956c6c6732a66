## Die Startseite.

home-title = Große Dateien, von Freund zu Freund
home-lead = Zieh Dateien oder einen Ordner auf diese Seite, egal wohin, oder wähle sie aus.
home-paste = Oder füge den Link ein, den dir jemand geschickt hat. Ohne Link genügen die zwei Wörter einer Gruppe: Damit fragst du an, ob du beitreten darfst.
home-paste-example = https://… oder lively-otter
home-open = Öffnen
home-terminal = Aus einem Terminal teilen
home-terminal-here = Auf diesem Computer teilt dieser Befehl eine Datei ohne Tab, so lange du willst. Er zeigt sofort einen Link, egal wie groß sie ist.
home-terminal-any = Auf einem Computer teilt dieser Befehl eine Datei ohne Tab, so lange du willst. Er zeigt sofort einen Link, egal wie groß sie ist.
home-terminal-command = Befehl, der eine Datei teilt
home-groups = Deine Gruppen
home-refused = hat dich nicht hereingelassen
home-waiting = du wartest auf Einlass
