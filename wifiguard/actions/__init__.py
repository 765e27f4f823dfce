"""What acts on or asks the outside world. Nothing else in WiFiGuard does."""
