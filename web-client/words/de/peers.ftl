## Whom a download comes from and goes to.

peers-all = hat alles
peers-part = hat { $percent } %
peers-gave = gab { $size }
peers-got = bekam { $size }
peers-gave-and-got = gab { $given }, bekam { $taken }
peers-bridge = Bridge zu { $clients }
peers-bridge-bad = Bridge; beschädigte Daten von { $bad }
peers-bridge-some-bad = Bridge zu { $clients }; beschädigte Daten von { $bad }
