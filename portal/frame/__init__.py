"""What surrounds every page: how responses are compressed, and the theme's fonts and icons."""
