package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/consul/api"
	"github.com/urfave/cli/v2"

	"devstack/control"
)

func envCommand(std streams) *cli.Command {
	return &cli.Command{
		Name: "env", Usage: "print variables that make other tools find a running stack",
		Description: "eval \"$(devstack env)\"\nconsul members\ngrpcurl -plaintext $GREETER_1 list",
		Flags:       remoteFlags(),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			return withClient(c, func(ctx context.Context, client *control.Client) error {
				s, err := client.Status(ctx)
				if err != nil {
					return err
				}
				if s.Missing(control.Ready) != "" {
					return &exit{status: exitStack, err: fmt.Errorf("the stack is %s", s.State), hint: "devstack wait --for ready"}
				}
				for _, name := range outdated(variables(s)) {
					fmt.Fprintf(std.out, "unset %s\n", name)
				}
				for _, v := range variables(s) {
					fmt.Fprintf(std.out, "export %s=%s\n", v[0], shellQuoted(v[1]))
				}
				return nil
			})
		},
	}
}

// variables are names and values for a shell. Flags of devstack read the ones that begin
// with DEVSTACK_, so later commands mean this run.
func variables(s control.Status) [][2]string {
	vars := [][2]string{
		{"CONSUL_HTTP_ADDR", s.Consul.HTTP}, {"DEVSTACK_TARGET", s.Target}, {"DEVSTACK_RUN", s.Dir},
	}
	if s.Consul.CA != "" {
		vars[0][1] = "https://" + s.Consul.HTTP
		vars = append(vars, [2]string{"CONSUL_CACERT", s.Consul.CA})
	}
	if s.Consul.TokenFile != "" {
		vars = append(vars, [2]string{"CONSUL_HTTP_TOKEN_FILE", s.Consul.TokenFile})
	}
	for _, r := range s.Replicas {
		name := strings.ToUpper(strings.ReplaceAll(r.Name, "-", "_"))
		vars = append(vars, [2]string{name, r.Addr})
	}
	return vars
}

// consulVariables are the names that Consul's tools and its API read, of those that are set.
func consulVariables() []string {
	var names []string
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "CONSUL_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// outdated are variables that an earlier `devstack env` has set for its stack, and that vars does
// not set anew.
func outdated(vars [][2]string) []string {
	return slices.DeleteFunc(consulVariables(), func(name string) bool {
		return name != api.HTTPCAFile && name != api.HTTPTokenFileEnvName ||
			slices.ContainsFunc(vars, func(v [2]string) bool { return v[0] == name })
	})
}

// forgetConsul takes them all out of this program's environment. Consul's API reads them in
// more places than anybody could overrule, and so do the children.
func forgetConsul() {
	for _, name := range consulVariables() {
		os.Unsetenv(name)
	}
}

// shellQuoted is s as one word of a POSIX shell.
func shellQuoted(s string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-:/", r))
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
