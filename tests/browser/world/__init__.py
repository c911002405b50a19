"""The portal of the stories and of the screenshots: sites, people, and some weeks of real runs."""
