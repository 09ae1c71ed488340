"""One module for each command of netspec, named after it."""
