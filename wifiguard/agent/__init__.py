"""The desktop half: notifications and their buttons."""
