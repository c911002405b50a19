"""How a directory says that its scripts are started, besides notes and shell launchers."""
