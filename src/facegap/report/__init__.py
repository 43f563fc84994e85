"""What a person reads of an evaluation: a folder with one self-contained page, its charts and its data.

`writer.write_report` writes the folder. `summary` and `verdict` hold the words and numbers that the command line prints
too; they import nothing heavy.
"""
