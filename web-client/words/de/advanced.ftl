## Was unter „Erweitert“ steht.

advanced-title = Erweitert
advanced-policy = Welches Stück als Nächstes kommt
advanced-down = Eingehend, höchstens
advanced-up = Ausgehend, höchstens
advanced-no-limit = beliebig
advanced-unit = MB/s
