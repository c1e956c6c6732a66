## Was unter „Erweitert“ steht.

advanced-title = Erweitert
advanced-policy = Welches Stück als Nächstes kommt
advanced-down = Herein, höchstens
advanced-up = Hinaus, höchstens
advanced-no-limit = beliebig
advanced-unit = MB/s
