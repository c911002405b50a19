"""Questions to the interpreter of an experiment, asked by small children on old Pythons too."""
