"""Rules about the air: one file each."""
