"""Rules about this laptop: one file each."""
