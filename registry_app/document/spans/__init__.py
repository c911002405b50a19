"""Edit a registry file in place: comments, order, quotes and line ends stay as they are.

- `tree`: where each value is in the text
- `edits`: the edits that lead from one content to another
- `lines`, `written`: positions in a text, and how a value is written
- `scalars`, `lists`, `pairs`: the replacements of one edit
- `rewrite`: all edits of a file, with a check of the result

Nothing here knows what a field means. A value that cannot be replaced safely is refused.
"""
