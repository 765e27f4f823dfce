"""Property tests here have no deadline of hypothesis: a first example builds an index, and a loaded machine is slow at any."""

from hypothesis import settings

settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
