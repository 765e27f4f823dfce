"""The vocabulary of WiFiGuard and its machinery. Pure: standard library only, no I/O, no clock."""
