package main

import (
	"fmt"
	"os"
	"path/filepath"

	"devstack/stack"
)

// keptByConsul is what the agents of a dead run wrote down: tokens, keys, the catalog. They
// remove it themselves when devstack is killed, unless they were killed before it.
func keptByConsul(dir string) []finding {
	path := filepath.Join(dir, stack.ConsulDir)
	if _, err := os.Lstat(path); err != nil {
		return nil
	}
	return []finding{{
		what: "tokens, keys and data of a Consul that is gone: " + shown(path),
		fix:  func() error { return os.RemoveAll(path) },
	}}
}

// forgetDead removes what the Consul agents of dead runs below root kept: nobody else may.
func forgetDead(root string) error {
	dirs, err := runDirs(root)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		kept := keptByConsul(dir)
		if len(kept) == 0 || readRunStart(dir).alive() {
			continue
		}
		if err := kept[0].fix(); err != nil {
			return fmt.Errorf("remove the secrets of a run that was killed: %w", err)
		}
	}
	return nil
}
