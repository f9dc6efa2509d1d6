"""Roof: the app factory, routes mounted from the rooms, the live stream, the built screen."""
