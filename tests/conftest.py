"""Settings for all tests: the same examples each time, and a slow one is no failure.

``pytest --hypothesis-profile explore`` looks for new examples.
"""

from hypothesis import settings

settings.register_profile("explore", deadline=None)
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same")
