package view

import (
	"testing"

	"devstack/timeline"
)

func TestAForeignConsulIsThere(t *testing.T) {
	var s State
	s.Add(timeline.Event{Seq: 1, Type: timeline.ConsulAdopted, On: []string{timeline.Agent("consul-1")}, D: timeline.Process{Addr: "127.0.0.1:8500"}})
	if s.Consul.Process != "foreign" || !s.Consul.Answers {
		t.Errorf("%+v", s.Consul)
	}
	s.Add(timeline.Event{Seq: 2, Type: timeline.ConsulUnreachable, On: []string{timeline.Agent("consul-1")}})
	if s.Consul.Answers {
		t.Errorf("%+v", s.Consul)
	}
}
