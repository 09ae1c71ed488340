"""What holds for all tests."""

from hypothesis import settings

# A busy machine makes single examples slow; how fast netspec is, benchmarks say.
settings.register_profile("netspec", deadline=None)
settings.load_profile("netspec")
