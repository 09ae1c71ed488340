"""Functions that optimized programs contain.

`netspec.optimize` prints the text of these modules into a program. They import torch and each other, and no
part of netspec imports them: a name with a leading underscore is a name of the program.
"""
