"""The measures that facegap brings, a module each for what they are about."""
