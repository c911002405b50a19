"""The registry file of the core repository, read and written without a checkout.

- `credentials`: what git needs to reach the remote, out of sight of other users
- `plumbing`: git commands that run no hook, filter or helper of anybody
- `repository`: fetch, read one file, commit and push it
- `files`: the files of scenarios and pipelines
- `editing`: one file, changed by a user
- `branches`: files on a branch of their own, for people to merge
- `trainers`: the trainers of the repository, as rows and as copies of their folders
- `place`: the file as one of the places that a sync knows
"""
