"""Customer, region, plant and zone in the name of a directory."""
