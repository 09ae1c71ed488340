"""What an editor shows of a place in a spec: pure functions of a report and an offset."""
