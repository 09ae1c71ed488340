"""The panes, and the other widgets of the main screen."""
