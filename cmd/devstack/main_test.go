package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary plays devstack, the children that devstack starts, and consul.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"devstack": main, "consul": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "listen": listen, "nothingleft": nothingLeft, "await-http": awaitHTTP,
		},
	})
}
