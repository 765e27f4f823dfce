"""Whose name is this? Registrable domains, the catalogue of institutions, names that say bank. Pure: no I/O, no clock."""
