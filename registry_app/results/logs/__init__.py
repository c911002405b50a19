"""The reader of what scripts print, on stdout as well as on stderr.

- `reader`: the stream, line by line
- `plans`: the meaning of the numbers in lines of one shape, computed once per shape
- `axes`, `names`, `counting`: which numbers are steps, their names, which are values
- `quiet`: lines without results, which are not parsed again
- `console_table`: a header and rows below it
- `blocks`: lines of settings, distinguished from results by their neighbours
- `lines`, `tokens`: bytes to lines, lines to words and numbers
"""
