"""What the code of a script shows: signs in its calls, what it looks at, and their weight."""
