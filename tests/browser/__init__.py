"""Stories in a real browser: `.ci/browser` runs them, in one process, after all other tests."""
