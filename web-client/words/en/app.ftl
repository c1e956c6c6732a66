## What is there on every screen.

app-home = Your groups
app-light = Use light colours
app-dark = Use dark colours
app-dismiss = Close this message
app-retry = Retry now
app-retry-in = (by itself in { $seconds } s)
app-promise = Files go from person to person. The server introduces people, passes bytes on, and keeps none.
app-language = Language
