## Making a group.

making-purpose = For the people you share with. You get a link that lets them in.
making-password = This server is not open to everybody: making a group here takes a password. Whoever runs the server has it. You are asked once.
making-waits = What you picked is shared as soon as the group is there.
making-nameless = Give the group a name: the others read it in your invite.
making-wrong-password = This is not the server's password. Check how it is written, or ask whoever runs the server.

make-title = Make a group
make-name = What the group is called
make-name-example = Cabin trip
make-button = Make a group
make-under-way = Making the group …
make-password = The server's password
