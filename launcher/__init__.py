"""Takes a bare machine to dashboards: database, demo, Rill."""
