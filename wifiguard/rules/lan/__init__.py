"""Rules about the local network: one file each."""
