## Links that let people in.

invites-only-here = Links from here work only on this computer, because this page is open at an address that works only here. Open the page at the address at which others reach the server, and its links work for them too.
invites-any-number = any number
invites-asks = Asks an admin first
invites-lets-in = Lets people in at once
invites-for-any-number = any number of people
invites-used-up = used up
invites-uses-left = { $count ->
        [one] 1 more person
       *[other] { $count } more people
    }
invites-until = until { $date }
invites-none-open = No link is open.
invites-open = { $count ->
        [one] 1 link is open
       *[other] { $count } links are open
    }.
invites-made-elsewhere = You made this link in another browser or program, and only that one knows it.
invites-made-by = { $name } made this link, and only they know it.
