"""The composition root: settings, URLs, and the commands that start processes.

- `settings`, `environment`, `data_directory`, `urls`, `checks`: what Django starts from
- `cli`: `guardianflow VERB` and `manage.py COMMAND`
- `serving`: `guardianflow up`
- `doctor`: checks of the installation
- `backup`: `backup` and `restore`
- `demo`: `make demo`
- `home`, `unfold`, `admin`: the home page, the theme, users and groups
"""
