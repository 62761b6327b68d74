"""The version: in one place, for packaging, for the command line and for the files that trilc writes."""

VERSION = "0.1.0"
