## The connection to the server, and why there is none.

# Parts of a sentence: they stand behind a colon or in brackets.
contact-unreachable = the server cannot be reached
contact-lost = the connection to the server was lost
contact-timed-out = the server does not answer
contact-restarting = the server is restarting
contact-nonsense = the server said something that makes no sense: { $what }
contact-no-answer-yet = no answer yet
# What a server of another version, or without this language, says of itself.
contact-server-says = { $said }
contact-no-websockets = The server is there, but no WebSocket to it opens. Whoever runs it has to have its reverse proxy pass on the headers Upgrade and Connection: tracker-relay check shows what is missing.
contact-unseen = Others do not see what you have of { $name }: { $why }.
contact-unseen-no-file = the file is not in the group any more
contact-unseen-too-many = the server lets one connection take part in so many downloads only; it is tried again
contact-unseen-full = as many take part in this download as may; it is tried again
contact-unseen-nonsense = the server takes this program's progress for nonsense
