"""The registry file and the portal: both are edited, and no edit is lost.

- `matching`, `identity`, `archived`: which entry is which experiment
- `objects`, `values`, `merge`: the merge of two sides against what they agreed on, as pure rules
- `wanted`, `content`: the content that a file should have, and the file that says it
- `export`: write the rows into a file that exists
- `sides`, `planned`, `write`, `run`: both sides as objects, the plan, the portal's rows, and the
  order of it all
- `answering`: a third value for an open question
- `place`, `chosen`, `git`: where the file is, in a folder or on a branch of a core repository
- `authors`, `waiting`, `edits`: whose edits are committed, and which of them wait for people
"""
