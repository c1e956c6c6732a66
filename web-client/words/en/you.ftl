## Who the person is here, and on other devices.

you-are = You are { $name }
you-title = You
you-done = Done
you-rename = Change the name
you-elsewhere = Use this identity on another device
you-show-link = Show the link
you-link = the link for your other device
you-offer = Use your identity from another device here?
you-looking = Looking up what this browser would lose …
you-stay = No, stay as I am
you-take = Use it here
you-not-taken = Your identity was not taken over: { $why }. You are still who you were.
you-link-broken = This link cannot be read
you-link-damaged = This link is not whole: what is behind #identity= is cut off or damaged. Copy all of it again on your other device.
you-without = Go on without it
