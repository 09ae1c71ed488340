"""The language server: the answers of `netspec.assist` in the words of the Language Server Protocol."""
