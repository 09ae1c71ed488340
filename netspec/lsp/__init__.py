"""The language server: the answers of `netspec.assist` in terms of the Language Server Protocol."""
