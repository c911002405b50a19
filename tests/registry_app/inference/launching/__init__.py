"""Tests of how directories say that their scripts are started."""
