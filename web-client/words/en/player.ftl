## The player.

player-play = ▶ Play
player-play-name = Play { $name }
player-parts = Play one of its files
player-title = Playing { $name }
player-close = Close
player-close-name = Close the player of { $name }
