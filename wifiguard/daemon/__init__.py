"""Composition: pipeline, configuration, schedule, control socket and the drivers."""
