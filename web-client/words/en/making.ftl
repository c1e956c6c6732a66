## Making a group.

making-purpose = For the people you share with. You get a link that lets them in.
making-password = This server is not open to everybody: making a group here takes a password. Whoever runs the server has it. You are asked once.
making-waits = What you picked is shared as soon as the group is there.
making-nameless = Give the group a name: the others read it in your invite.
making-wrong-password = This is not the server's password. Check how it is written, or ask whoever runs the server.
making-invited-only = Only who is in a group on this server can make another one here. Ask somebody who is for an invite, or to make the group for you.
