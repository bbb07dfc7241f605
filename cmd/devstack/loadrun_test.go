//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	reflectalpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	"devstack/view"
)

// foreign is somebody else's server, of which nobody told us anything.
func foreign(t *testing.T, with ...func(*grpc.Server)) (addr string) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	healthpb.RegisterHealthServer(s, health.NewServer())
	for _, f := range with {
		f(s)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(lis) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return lis.Addr().String()
}

func registerV1Alpha(s *grpc.Server) {
	reflectalpha.RegisterServerReflectionServer(s, reflection.NewServer(reflection.ServerOptions{Services: s}))
}

const healthMethod = "grpc.health.v1.Health/Check"

// Reflection comes in two versions, and servers have either.
func TestLoadOfAForeignServer(t *testing.T) {
	for name, register := range map[string]func(*grpc.Server){
		"v1":      func(s *grpc.Server) { reflection.RegisterV1(s) },
		"v1alpha": registerV1Alpha,
	} {
		t.Run(name, func(t *testing.T) {
			cmd, _ := devstackIn(t, t.TempDir(), "load", "--target", foreign(t, register), "--method", healthMethod,
				"--count", "10", "--rate", "max", "--format", "json", "--no-record")
			out, err := cmd.Output()
			var r view.LoadResult
			if jsonErr := json.Unmarshal(out, &r); err != nil || jsonErr != nil || r.OK != 10 {
				t.Fatalf("%v, %v: %s", err, jsonErr, out)
			}
		})
	}
}

func TestLoadNamesTheMissingReflection(t *testing.T) {
	cmd, _ := devstackIn(t, t.TempDir(), "load", "--target", foreign(t), "--method", healthMethod)
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != exitFailed || !bytes.Contains(out, []byte("no server reflection")) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestInterruptedLoadPrintsWhatItMeasured(t *testing.T) {
	cmd, _ := devstackIn(t, t.TempDir(), "load", "--target", foreign(t, func(s *grpc.Server) { reflection.RegisterV1(s) }),
		"--method", healthMethod, "--rate", "100", "--duration", "10m", "--format", "ndjson")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var last string
	for n := 0; lines.Scan(); n++ {
		if n == 0 {
			cmd.Process.Signal(syscall.SIGINT)
		}
		last = lines.Text()
	}
	var ended *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &ended) || ended.ExitCode() != exitInterrupted {
		t.Errorf("ended with %v, want status %d", err, exitInterrupted)
	}
	var r view.LoadResult
	if err := json.Unmarshal([]byte(last), &r); err != nil || r.Type != "load" || !r.Interrupted || r.OK == 0 || !strings.Contains(r.Run, "-load-") {
		t.Errorf("%v: last line %s", err, last)
	}
}
