## Whom a download comes from and goes to.

peers-all = has all of it
peers-part = has { $percent } %
peers-gave = gave { $size }
peers-got = got { $size }
peers-gave-and-got = gave { $given }, got { $taken }
peers-bridge = bridge to { $clients }
peers-bridge-bad = bridge; { $bad } sent bad data
peers-bridge-some-bad = bridge to { $clients }; { $bad } sent bad data
