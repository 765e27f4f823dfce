"""Real peers for tests: networks in namespaces, servers, desktops and buses, each private and gone afterwards."""
