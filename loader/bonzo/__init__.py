"""Bonzo's REST API: one client, its pace, its lists."""
