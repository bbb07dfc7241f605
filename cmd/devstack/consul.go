package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/consul/command"
	consulcli "github.com/hashicorp/consul/command/cli"
	consulversion "github.com/hashicorp/consul/command/version"
	"github.com/hashicorp/consul/version"
	"github.com/mitchellh/cli"

	"devstack/stack/proc"
)

// runConsul is Consul's own command line, linked in. As a supervised child it leaves at
// once when the parent is gone, and takes along what it kept: nobody will read it again.
func runConsul(args []string) int {
	if parent := proc.Inherit(); parent != nil {
		go func() { // lives as long as the process
			<-parent.Gone()
			if err := parent.Clear(); err != nil {
				fmt.Fprintf(os.Stderr, "devstack: consul: %v\n", err)
			}
			os.Exit(1)
		}()
	}
	log.SetOutput(io.Discard) // what Consul wants seen it says through its own logger
	ui := &consulcli.BasicUI{BasicUi: cli.BasicUi{Writer: os.Stdout, ErrorWriter: os.Stderr}}
	commands := command.RegisteredCommands(ui)
	names := make([]string, 0, len(commands))
	for name := range commands {
		names = append(names, name)
	}
	c := &cli.CLI{
		Args: args, Commands: commands, Name: "consul", Autocomplete: true,
		HelpFunc:   cli.FilteredHelpFunc(names, cli.BasicHelpFunc("consul")),
		HelpWriter: os.Stdout, ErrorWriter: os.Stderr,
	}
	if c.IsVersion() {
		return consulversion.New(ui).Run(nil)
	}
	status, err := c.Run()
	if err != nil {
		fmt.Fprintf(os.Stderr, "devstack: consul: %v\n", err)
		return 1
	}
	return status
}

// consulVersion is the version of the Consul that is linked in.
func consulVersion() string { return version.GetHumanVersion() }
