"""The commands: functions of an `Editor`, in the table `COMMANDS`.

A new command is a function in a module of this package and a row in `commands/registry.py`.
"""
