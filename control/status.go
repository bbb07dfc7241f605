package control

import (
	"fmt"
	"strings"

	"devstack/timeline"
)

// The states of a run.
const (
	Starting = "starting"
	Running  = "running"
	Stopping = "stopping"
)

// Status is the picture of a run at one moment.
type Status struct {
	Run      string      `json:"run"` // name of the folder
	Dir      string      `json:"dir"`
	PID      int         `json:"pid"` // of devstack
	State    string      `json:"state"`
	T        float64     `json:"t"`   // seconds since the start
	Seq      uint64      `json:"seq"` // of the last event
	Target   string      `json:"target,omitempty"`
	Consul   Consul      `json:"consul"`
	Channel  string      `json:"channel"` // connectivity state that the picker has
	Replicas []Replica   `json:"replicas"`
	Traffic  Traffic     `json:"traffic"`
	Faults   []OpenFault `json:"faults"` // injected now, oldest first
}

// Consul is the agent.
type Consul struct {
	timeline.ConsulAddrs
	Process string `json:"process"` // running, paused, exited; foreign: somebody else's
	Answers bool   `json:"answers"`
	Leader  string `json:"leader"`

	Agents []Agent `json:"agents,omitempty"` // of a Consul of more than one
}

// Agent is one Consul agent of several, and what it says of itself.
type Agent struct {
	timeline.AgentInfo
	Process string `json:"process"` // running, paused, exited
	Raft    string `json:"raft,omitempty"`
	Term    uint64 `json:"term,omitempty"`
	Index   uint64 `json:"index,omitempty"`
	Alive   int    `json:"alive"` // members of its gossip pool that it believes to be there
	Members int    `json:"members"`
}

// Replica is what each layer believes about one.
type Replica struct {
	Name       string  `json:"name"`
	PID        int     `json:"pid"`
	Addr       string  `json:"addr"`
	Process    string  `json:"process"`      // starting, running, paused, draining, exited
	DC         string  `json:"dc,omitempty"` // its datacenter, when that is not the client's
	Catalog    string  `json:"catalog"`      // passing, warning, critical, absent, or the name of its datacenter
	Subchannel string  `json:"subchannel"`   // gRPC's connectivity state, "" for none
	Picked     bool    `json:"picked"`       // calls may be sent to it
	Share      float64 `json:"share"`        // of the calls of the last second, 0 to 1
	OK         int     `json:"ok"`
	Failed     int     `json:"failed"`
}

// Traffic is what became of the calls.
type Traffic struct {
	Offered    float64 `json:"offered"` // calls per second that are due
	Rate       float64 `json:"rate"`    // that ended, over the last second
	OK         int     `json:"ok"`
	Failed     int     `json:"failed"`
	OKLast     int     `json:"ok_last_second"`
	FailedLast int     `json:"failed_last_second"`
	Even       bool    `json:"even"` // over those that are picked
}

// OpenFault is a fault that is in the world. Left is the seconds until it heals by itself,
// nil when only a person heals it.
type OpenFault struct {
	timeline.Fault
	Since float64  `json:"since"`
	Left  *float64 `json:"left,omitempty"`
}

// The conditions that somebody may wait for.
const (
	Ready  = "ready"  // the first call was answered
	Steady = "steady" // calls succeed, evenly over the replicas that are picked
	Healed = "healed" // nothing is injected, and every replica runs, passes and is picked
)

// Conditions lists them.
func Conditions() []string { return []string{Ready, Steady, Healed} }

// Missing says what a condition lacks, "" when it holds.
func (s Status) Missing(condition string) string {
	if s.State != Running {
		return "the stack is " + s.State
	}
	switch condition {
	case Steady:
		return s.unsteady()
	case Healed:
		return s.unhealed()
	}
	return ""
}

func (s Status) unsteady() string {
	switch {
	case s.Traffic.FailedLast > 0:
		return fmt.Sprintf("%d calls failed in the last second", s.Traffic.FailedLast)
	case s.Traffic.Offered == 0:
		return "no call is due, so nothing is measured"
	case s.Traffic.OKLast == 0:
		return "no call ended well in the last second"
	case !s.Traffic.Even:
		return "calls do not go evenly to the replicas that are picked"
	}
	return ""
}

func (s Status) unhealed() string {
	var missing []string
	for _, f := range s.Faults {
		missing = append(missing, fmt.Sprintf("%s %s is injected", f.Kind, strings.Join(f.Targets, " ")))
	}
	for _, r := range s.Replicas {
		switch {
		case r.Process != "running":
			missing = append(missing, r.Name+" is "+r.Process)
		case r.DC != "" && !r.Picked: // the client has no use for it now
		case r.Catalog != "passing" && r.Catalog != r.DC:
			missing = append(missing, r.Name+" is "+r.Catalog+" in the catalog")
		case !r.Picked && !s.singlePick():
			missing = append(missing, r.Name+" is not picked")
		}
	}
	return strings.Join(missing, ", ")
}

// singlePick reports a policy that uses one replica at a time: then only that one is in
// the picker, and the others have no connection.
func (s Status) singlePick() bool {
	picked, connected := 0, 0
	for _, r := range s.Replicas {
		if r.Picked {
			picked++
		}
		if r.Subchannel != "" && r.Subchannel != "IDLE" {
			connected++
		}
	}
	return picked == 1 && connected == 1
}
