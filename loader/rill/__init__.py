"""Everything that runs or prepares the Rill project in `rill/`."""
