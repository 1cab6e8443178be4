"""Sources on the network, only when they are named: Wikimedia's dump site and data sets of a hub."""
