## What may be chosen under "Advanced".

tuning-rarest = Seltenste zuerst
tuning-random = Zufällig
tuning-in-order = Der Reihe nach
tuning-equal = Gleiche Anteile
tuning-by-speed = Nach Tempo verteilt
tuning-another = Andere Reihenfolge
tuning-rarest-why = Die Stücke, die die wenigsten haben, kommen zuerst. Am besten für alle zusammen.
tuning-random-why = Irgendein Stück, das jemand hat.
tuning-in-order-why = Von Anfang bis Ende.
tuning-equal-why = Alle, die die Datei haben, geben je einen Abschnitt davon, alle gleich lang.
tuning-by-speed-why = Alle, die die Datei haben, geben je einen Abschnitt davon: je schneller sie sind, desto länger.
tuning-another-why = Eine Reihenfolge, die diese Seite nicht kennt.
tuning-down = höchstens { $rate } MB/s eingehend
tuning-up = höchstens { $rate } MB/s ausgehend
tuning-no-number = Gib eine Zahl ein, etwa 5 oder 0,5.
tuning-no-unit = Die Einheit kann kB/s, MB/s oder GB/s sein; ohne Einheit sind es MB/s.
tuning-too-slow = Das ist zu langsam, um je fertig zu werden. Lass es leer, wenn es keine Grenze geben soll.
tuning-too-fast = So schnell ist keine Verbindung. Lass es leer, wenn es keine Grenze geben soll.
