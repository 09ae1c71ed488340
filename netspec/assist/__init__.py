"""What an editor wants to know of a place in a spec: pure functions of a report and an offset."""
