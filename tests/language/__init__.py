"""What a spec means, sentence by sentence of the language page."""
