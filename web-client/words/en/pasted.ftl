## Why a text is not an invite.

# Each stands behind a colon, or is a sentence of its own; a full stop follows.
pasted-not-found = there is no link in it. An invite looks like https://HOST/j/two-words#secret: ask whoever invites you for the whole link
pasted-no-slug = the link { $seen } is no invite. An invite looks like https://HOST/j/two-words#secret: ask whoever invites you for the whole link
pasted-bad-slug = the group's name in the link, the words behind /j/, has characters that no group has. Copy the whole link again, or ask for it again
pasted-no-secret = this is a group's address, not an invite: ask for the link under "Invite others"
pasted-wrong-character = the link is not whole: a character behind the # is wrong. Copy the whole link again, or ask for it again
pasted-not-whole = the link is not whole: behind the # it has { $seen } characters and should have { $expected }. Copy the whole link again, or ask for it again
pasted-several = there are two different invites in it: { $first } and { $second }. Take the one that you mean
pasted-identity = this is the link of an identity, which makes another device you, and not an invite. It is opened in the browser's address bar, or given to `native-peer identity import`
