"""One file a scenario: LAPTOP says what the laptop runs, `run` builds the world and says what WiFiGuard has to tell."""
