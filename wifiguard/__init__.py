"""WiFiGuard watches a laptop's networks and says when it is not safe to bank here."""
