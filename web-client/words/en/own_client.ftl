## A person's own BitTorrent client.

own-client-secrecy = Ordinary clients speak without Covey's encryption: whoever carries the traffic can read the file.
own-client-reach = Your client gets the file from members who share it with --allow-bittorrent and from other ordinary clients of members, and gives it to browsers only through a bridge.
own-client-personal = The torrent file is yours alone: a key in it stands for you. Do not pass it on: whoever has it can pose as you to the server and see from which addresses the file is shared.
own-client-limit = The last four that you made in this group are valid; a fifth makes the oldest invalid.
own-client-stop = Has one got into other hands, or do you not need them any more? If you make them invalid, the server refuses every torrent file that you ever made of this group's files, on any device. What your clients have saved stays yours, and you can make new ones.
own-client-made = { $file } is in your downloads: open it in your BitTorrent client, and give it to nobody.
own-client-public = This torrent is not private: a client may tell strangers of it. Switch DHT, peer exchange and local peer discovery off before you add it.
# Why: a sentence of its own.
own-client-not-made = There is no torrent file of { $name }: { $why }
own-client-ended = Your torrent files of { $group } are invalid: the server refuses clients that use them.
