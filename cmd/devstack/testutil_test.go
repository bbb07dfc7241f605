package main

import (
	"testing"

	"github.com/hashicorp/consul/sdk/testutil"
)

// sdk/testutil executes a consul from PATH; ours is the test binary under that name.
func TestUtilRunsOurConsul(t *testing.T) {
	server, err := testutil.NewTestServerConfigT(t, func(c *testutil.TestServerConfig) {
		c.LogLevel = "error"
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	server.WaitForLeader(t)
	server.AddService(t, "greeter", "passing", nil)
	if body, err := get(t.Context(), "http://"+server.HTTPAddr+"/v1/catalog/service/greeter"); err != nil || body == "[]" {
		t.Fatalf("catalog says %q, %v", body, err)
	}
}
