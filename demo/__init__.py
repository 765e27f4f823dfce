"""`make demo`: a bank, an attacker and a laptop on this machine, and what WiFiGuard says to the laptop's owner."""
