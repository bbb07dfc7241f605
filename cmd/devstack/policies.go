package main

// Balancing policies that a client may be given beyond those of package load; importing
// registers them.
import (
	_ "google.golang.org/grpc/xds" // outlier_detection

	_ "devstack/load/modulo"
	_ "devstack/resolver/weighted"
)
