"""The main screen, cut by what its actions are about."""
