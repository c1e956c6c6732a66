## Links and commands to be taken elsewhere.

links-copy = Copy
links-copied = Copied
links-select = Copy it by hand
# $action is what stands on the button, $what is what it is about: “Copy: the invite link”.
links-about = { $action }: { $what }
links-qr = QR code
links-qr-hide = Hide the QR code
links-qr-of = QR code of { $what }
links-send = Share …
links-command = the command for a terminal
links-asks = It asks for the invite:
links-invite = the invite
