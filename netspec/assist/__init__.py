"""Information for editors about a position in a spec: pure functions of a report and an offset."""
