package terminal

// LiveKeys are the keys of a stack that can be broken by hand.
func LiveKeys() []Key {
	return []Key{
		{"k", "kill", "kill the selected replica: SIGKILL, no goodbye"},
		{"p", "pause", "pause it (SIGSTOP), or let it go on"},
		{"s", "slow", "300 ms more per greeting, or no longer"},
		{"d", "drain", "stop it in its order (SIGTERM)"},
		{"r", "restart", "undo what was done to it"},
		{"h", "heal", "undo every fault"},
		{"space", "one RPC", "make exactly one RPC"},
		{"+-", "rate", "more or fewer RPCs per second"},
		{"f", "freeze", "freeze the picture; the world goes on"},
		{"z", "zoom", "one panel on the whole screen, the next, all"},
		{"?", "help", "this list"},
		{"q", "quit", "stop everything in order; again: at once"},
		{"↑↓ 1-9", "", "select a replica"},
	}
}

// WatchKeys are the keys of a scenario, which breaks things by itself.
func WatchKeys() []Key {
	return []Key{
		{"n", "next", "go on with the story where it waits"},
		{"f", "freeze", "freeze the picture; the world goes on"},
		{"z", "zoom", "one panel on the whole screen, the next, all"},
		{"?", "help", "this list"},
		{"q", "quit", "heal and stop everything; again: at once"},
		{"↑↓ 1-9", "", "select a replica"},
	}
}

// ReplayKeys are the keys of a record.
func ReplayKeys() []Key {
	return []Key{
		{"space", "pause", "pause, or play on"},
		{"←→", "seek", "one second back or on; with shift ten"},
		{"<>", "speed", "half or double the speed"},
		{".", "event", "one event on, while paused"},
		{"z", "zoom", "one panel on the whole screen, the next, all"},
		{"?", "help", "this list"},
		{"q", "quit", "leave"},
		{"↑↓ 1-9", "", "select a replica"},
	}
}
