package view

import (
	"cmp"
	"slices"

	"devstack/timeline"
)

// subject is the replica that e is about, "" for none.
func subject(e timeline.Event) string {
	if len(e.On) == 0 {
		return ""
	}
	return timeline.ReplicaName(e.On[0])
}

// processOf is what a replica's event says about its process.
var processOf = map[timeline.Type]string{
	timeline.ReplicaStarted: "starting", timeline.ReplicaListening: "running", timeline.ReplicaPaused: "paused",
	timeline.ReplicaResumed: "running", timeline.ReplicaDraining: "draining", timeline.ReplicaExited: "exited",
}

func (s *State) addReplica(e timeline.Event) {
	name := subject(e)
	if name == "" {
		return
	}
	r := s.replica(name)
	if state, ok := processOf[e.Type]; ok {
		r.Process = state
	}
	if p, ok := timeline.Payload[timeline.Process](e); ok && (e.Type == timeline.ReplicaStarted || e.Type == timeline.ReplicaListening) {
		r.PID = p.PID
		r.DC = cmp.Or(p.DC, r.DC)
		if p.Addr != "" {
			r.Addr = p.Addr
		}
	}
}

// ofOneAgent are events about an agent's process or answers, not about Consul as a whole.
var ofOneAgent = map[timeline.Type]bool{
	timeline.ConsulStarted: true, timeline.ConsulAdopted: true, timeline.ConsulPaused: true, timeline.ConsulResumed: true, timeline.ConsulExited: true,
	timeline.ConsulUnreachable: true, timeline.ConsulBack: true,
}

func (s *State) addConsul(e timeline.Event) {
	c := &s.Consul
	if ofOneAgent[e.Type] && !s.home(e) {
		return
	}
	switch e.Type {
	case timeline.ConsulStarted, timeline.ConsulResumed:
		c.Process, c.Answers = "running", true
	case timeline.ConsulAdopted:
		c.Process, c.Answers = "foreign", true
	case timeline.ConsulPaused:
		c.Process = "paused"
	case timeline.ConsulExited:
		c.Process, c.Answers, c.Leader = "exited", false, ""
	case timeline.ConsulUnreachable:
		c.Answers = false
	case timeline.ConsulBack:
		c.Answers = true
	case timeline.ConsulLeaderElected:
		if l, ok := timeline.Payload[timeline.Leader](e); ok {
			c.Leader = cmp.Or(l.Name, l.Addr)
		}
	case timeline.ConsulLeaderLost:
		c.Leader = ""
	case timeline.ConsulCheckChanged:
		if d, ok := timeline.Payload[timeline.CheckChange](e); ok {
			s.replica(d.Replica).Check = orAbsent(d.To)
		}
	case timeline.ConsulServiceChange:
		if d, ok := timeline.Payload[timeline.CatalogChange](e); ok {
			s.setCatalog(d)
		}
	}
}

func (s *State) setCatalog(d timeline.CatalogChange) {
	s.Consul.Index = d.Index
	for name := range d.Status {
		s.replica(name)
	}
	for i := range s.Replicas {
		s.Replicas[i].Catalog = orAbsent(d.Status[s.Replicas[i].Name])
	}
}

func orAbsent(status string) string {
	if status == "" {
		return "absent"
	}
	return status
}

func (s *State) addResolver(e timeline.Event) {
	r := &s.Resolver
	switch e.Type {
	case timeline.ResolverUpdated, timeline.ResolverEmpty:
		d, ok := timeline.Payload[timeline.Resolved](e)
		if !ok {
			return
		}
		r.Index, r.Listed, r.At, r.Error = d.Index, len(d.Endpoints), e.T, d.Reason
		r.Updates++
		for _, name := range d.Endpoints {
			s.replica(name)
		}
		for i := range s.Replicas {
			s.Replicas[i].Listed = slices.Contains(d.Endpoints, s.Replicas[i].Name)
		}
	case timeline.ResolverError, timeline.ResolverCrashed:
		if d, ok := timeline.Payload[timeline.ResolverFailure](e); ok {
			r.Error = d.Error
		}
		r.Crashed = r.Crashed || e.Type == timeline.ResolverCrashed
	}
}

func (s *State) addChannel(e timeline.Event) {
	switch e.Type {
	case timeline.SubchannelChanged:
		if d, ok := timeline.Payload[timeline.Subchannel](e); ok {
			if d.To == "SHUTDOWN" {
				d.To = ""
			}
			s.replica(d.Replica).Subchannel = d.To
		}
	case timeline.PickerUpdated:
		d, ok := timeline.Payload[timeline.Picker](e)
		if !ok {
			return
		}
		s.Channel = d.State
		for _, name := range d.Ready {
			s.replica(name)
		}
		for i := range s.Replicas {
			s.Replicas[i].Picked = slices.Contains(d.Ready, s.Replicas[i].Name)
		}
	}
}

// Away reports whether the client has no business with r: it is of another datacenter, and
// the resolver does not offer it.
func (r Replica) Away() bool { return r.DC != "" && !r.Listed }

// Entry is what the catalog of the client's datacenter says about r, or the name of the
// datacenter in whose catalog it is.
func (r Replica) Entry() string {
	if r.Catalog == "absent" {
		return cmp.Or(r.DC, r.Catalog)
	}
	return r.Catalog
}

// Disagree reports whether the layers believe different things about r: the moment that
// every lesson is about. Of a replica of another datacenter the catalog at home says nothing.
func (r Replica) Disagree() bool {
	alive := r.Process == "running" || r.Process == ""
	checked := r.Check == "passing"
	if r.Away() {
		return alive != checked
	}
	if r.DC == "" && r.Check != r.Catalog {
		return true
	}
	return alive != checked || checked != r.Listed || r.Listed != r.Picked
}
