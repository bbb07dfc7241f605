package terminal

// LiveKeys are the keys of a stack that can be broken by hand.
func LiveKeys() []Key {
	return []Key{
		{"k", "kill", "kill the selected replica: SIGKILL, no goodbye", false},
		{"p", "pause", "pause it (SIGSTOP), or let it go on", false},
		{"s", "slow", "300 ms more per greeting, or no longer", false},
		{"d", "drain", "stop it in its order (SIGTERM)", false},
		{"r", "restart", "undo what was done to it", false},
		{"h", "heal", "undo every fault", false},
		{"space", "one RPC", "make exactly one RPC", false},
		{"+-", "rate", "more or fewer RPCs per second", false},
		{"f", "freeze", "freeze the picture; the world goes on", false},
		{"z", "zoom", "one panel on the whole screen, the next, all", false},
		{"c", "Consul", "its agents: there k, p and r act on the selected one", false},
		{"?", "help", "this list", true},
		{"q", "quit", "stop everything in order; again: at once", true},
		{"↑↓ 1-9", "", "select a replica, or an agent", false},
	}
}

// WatchKeys are the keys of a scenario, which breaks things by itself.
func WatchKeys() []Key {
	return []Key{
		{"n", "next", "go on with the story where it waits", false},
		{"f", "freeze", "freeze the picture; the world goes on", false},
		{"z", "zoom", "one panel on the whole screen, the next, all", false},
		{"?", "help", "this list", true},
		{"q", "quit", "heal and stop everything; again: at once", true},
		{"↑↓ 1-9", "", "select a replica", false},
	}
}

// ReplayKeys are the keys of a record.
func ReplayKeys() []Key {
	return []Key{
		{"space", "pause", "pause, or play on", false},
		{"←→", "seek", "one second back or on; with shift ten", false},
		{"<>", "speed", "half or double the speed", false},
		{".", "event", "one event on, while paused", false},
		{"z", "zoom", "one panel on the whole screen, the next, all", false},
		{"?", "help", "this list", true},
		{"q", "quit", "leave", true},
		{"↑↓ 1-9", "", "select a replica", false},
	}
}
