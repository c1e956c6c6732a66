## What an invite, or a group's address, leads to.

landing-opening = Opening the group …
landing-opening-stuck = This group cannot be looked up now.
landing-looking = Looking at the invite …
landing-looking-stuck = This invite cannot be looked up now.
landing-nowhere = This link leads nowhere
landing-shares = { $who } shares with { $group }
landing-invites = { $who } invites you to { $group }
landing-play = ▶ Join and play
landing-terminal = Prefer a terminal?
landing-asks = An admin lets each person in. Ask, and they see your name and what you write.
landing-no-file = No file yet. Join, and you see it as soon as there is one.
landing-stranger = You are not in { $slug }
landing-stranger-next = This is a group's address, not an invite. Ask whoever sent it for the link: it stands under { $title } on the group's page. Or ask the group's admins to let you in.
landing-ask = Ask to join
landing-asking = Asking …
landing-name = Your name, as the others see it
landing-message = A word to the admins, so that they know who you are (if you like)
landing-message-example = It's me, from the cabin
landing-waiting = Waiting to be let into { $group }
landing-notify = Notify me when they answer
landing-withdraw = Cancel the request
landing-refused = You were not let in
landing-ask-again = Ask again
landing-give-up = Leave it at that
landing-said = You said: { $message }
