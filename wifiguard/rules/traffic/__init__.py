"""Rules about what leaves in traffic: one file each."""
