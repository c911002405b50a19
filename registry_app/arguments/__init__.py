"""Argument templates and parameters of scripts: their syntax, and what is wrong with one."""
