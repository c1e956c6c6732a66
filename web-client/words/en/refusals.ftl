## What the server says no to. Where it has several sentences for one code, its own one is quoted.

refusals-bad-login = { $said }
refusals-unknown-group = There is no such group here (any more). Check the link, or ask whoever sent it for a new one.
refusals-bad-invite = This link does not open the group: its last part, after the #, is wrong, or the link is an old one. Copy the whole link again, or ask for a new one.
refusals-not-allowed = { $said }
refusals-unknown-file = { $said }
refusals-bad-request = { $said }
refusals-too-many = { $said }
refusals-server-error = { $said }
refusals-unknown-version = This server speaks another version of the protocol. Reload the page, or update the program.
refusals-invite-expired = This link has expired. Ask whoever sent it for a new one.
refusals-invite-revoked = This link has been revoked. Ask whoever sent it for a new one.
refusals-invite-used-up = This link has been used as often as it may be. Ask whoever sent it for a new one.
refusals-stale-epoch = The group has changed in the meantime (somebody was removed). Look at it again, then try again.
refusals-unknown-member = This person is not in the group (any more).
refusals-unknown-invite = There is no such invite in this group (any more).
refusals-unknown-request = This request to join is not there any more; it was answered by another admin, or withdrawn.
refusals-password-needed = Making a group on this server takes its password. Ask whoever runs it, give the password, and try again.
refusals-wrong-password = This is not the server's password. Check it, or ask whoever runs the server.
refusals-invited-only = Only people who are in a group on this server can make another one here. Ask one of them for an invite, or to make the group for you, or use another server.
