"""The ways in which people keep recorded speech with its text: a module each, told apart in `finding`."""
