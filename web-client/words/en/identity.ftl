## One person on several devices.

identity-link = You are the same person there: same name, same groups. Open the link on the other device, or point its camera at the QR code.
identity-secret = Whoever has this link is you, for good: they can do in your groups whatever you can. Send it to nobody but yourself.
identity-offer = This address carries an identity. Say yes only if you made the link yourself, on another device of yours: whoever made it can read what you do with it.
identity-asked = In this browser you are { $name }, and have asked to join a group. That identity will be deleted here and cannot be brought back, unless another device of yours has it.
identity-loses = In this browser you are { $name }, in the { $count ->
        [one] group
       *[other] groups
    } { $groups }. That identity will be deleted here and cannot be brought back, unless another device of yours has it.
identity-keeps-nothing = this browser keeps nothing from visit to visit (a private window?)
identity-not-kept = the browser did not keep it
