package timeline

// The payloads, one per event type. Times that end in MS are milliseconds; times
// without a suffix are seconds on the run's clock, as Event.T is.

// Started is what was asked for, and where it runs.
type Started struct {
	Wall     string            `json:"wall"` // RFC 3339; the only wall time in a run
	Name     string            `json:"name"`
	Args     []string          `json:"args,omitempty"`
	PID      int               `json:"pid"`
	Versions map[string]string `json:"versions"`
	Config   any               `json:"config,omitempty"`
	Seed     uint64            `json:"seed"`
}

// Ready is the address book of a stack that answered its first RPC.
type Ready struct {
	Consul     ConsulAddrs        `json:"consul"`
	Dashboard  string             `json:"dashboard"`
	Target     string             `json:"target"` // what a user pastes into grpc.NewClient
	Replicas   []ReplicaInfo      `json:"replicas"`
	ConsulPIDs []int              `json:"consul_pids"`
	Agents     []AgentInfo        `json:"agents,omitempty"` // of a Consul of more than one
	ReadyMS    float64            `json:"ready_ms"`         // exec of devstack to the first successful RPC
	StagesMS   map[string]float64 `json:"stages_ms,omitempty"`
}

// ConsulAddrs is where the first Consul agent listens; each is host:port, UI is a URL.
type ConsulAddrs struct {
	HTTP string `json:"http"`
	GRPC string `json:"grpc"`
	DNS  string `json:"dns"`
	UI   string `json:"ui"`

	CA        string `json:"ca,omitempty"`         // file, when the API speaks https
	TokenFile string `json:"token_file,omitempty"` // of the operator's ACL token, when there are ACLs
}

// Scheme is what the HTTP API speaks, http or https.
func (a ConsulAddrs) Scheme() string {
	if a.CA != "" {
		return "https"
	}
	return "http"
}

// ReplicaInfo names a replica and where it is reached.
type ReplicaInfo struct {
	ID   string `json:"id"`
	Addr string `json:"addr"`
	PID  int    `json:"pid"`
}

// Ended says why a run is over.
type Ended struct {
	Reason  string `json:"reason"`
	Verdict string `json:"verdict,omitempty"`
	Totals  Totals `json:"totals"`
}

// Totals counts RPCs by outcome.
type Totals struct {
	RPCs   int            `json:"rpcs"`
	OK     int            `json:"ok"`
	Failed int            `json:"failed"`
	ByCode map[string]int `json:"by_code,omitempty"`
}

// Process is a child at the start of its life; Addr is empty until it listens.
type Process struct {
	PID  int    `json:"pid"`
	Addr string `json:"addr,omitempty"`
	Log  string `json:"log,omitempty"`

	Behind string `json:"behind,omitempty"` // its own address, when Addr is a link's before it
	DC     string `json:"dc,omitempty"`     // its datacenter, when that is not the client's
}

// Exit is the end of a child. Ordered is true when devstack asked for it.
type Exit struct {
	PID      int      `json:"pid"`
	Status   string   `json:"status"` // "exit status 1", "signal: killed"
	Ordered  bool     `json:"ordered"`
	UptimeMS float64  `json:"uptime_ms"`
	Log      string   `json:"log,omitempty"`
	Tail     []string `json:"tail,omitempty"` // last lines, for a death nobody ordered
}

// AgentInfo is one Consul agent of several and where its HTTP API is.
type AgentInfo struct {
	Name string `json:"name"`
	Role string `json:"role"` // server, client
	DC   string `json:"dc"`
	HTTP string `json:"http"`
	PID  int    `json:"pid,omitempty"`
}

// AgentReport is what one Consul agent says of Raft and of its gossip pool. Raft's part is
// a server's. Reports that differ in nothing but the index come no more often than once a
// second.
type AgentReport struct {
	Role    string            `json:"role"`
	DC      string            `json:"dc"`
	Raft    string            `json:"raft,omitempty"` // Leader, Follower, Candidate
	Term    uint64            `json:"term,omitempty"`
	Index   uint64            `json:"index,omitempty"`   // applied
	Silent  int               `json:"silent,omitempty"`  // whole seconds since a server last heard from a leader
	Members map[string]string `json:"members,omitempty"` // agent → alive, leaving, left, failed
}

// Leader names the Raft leader by its address, empty when there is none, and by its name
// when the agent is ours.
type Leader struct {
	Addr string `json:"addr"`
	Name string `json:"name,omitempty"`
}

// CheckChange is a check moving from one status to another; "" is "not registered".
type CheckChange struct {
	Replica string `json:"replica"`
	From    string `json:"from"`
	To      string `json:"to"`
	Output  string `json:"output,omitempty"`
}

// CatalogChange is what a blocking query on the service answered after a change.
type CatalogChange struct {
	Index   uint64            `json:"index"`
	Prev    uint64            `json:"prev"`
	Status  map[string]string `json:"status"` // replica → aggregated status, absent when not registered
	Changed []string          `json:"changed"`
}

// Resolved is one list as the balancer got it. Names are replica names where known.
type Resolved struct {
	Index     uint64   `json:"index"`
	Prev      uint64   `json:"prev"`
	BlockedMS float64  `json:"blocked_ms"`
	Endpoints []string `json:"endpoints"`
	Added     []string `json:"added,omitempty"`
	Removed   []string `json:"removed,omitempty"`
	Reason    string   `json:"reason,omitempty"` // why a list is empty
}

// ResolverFailure is an error the resolver met and what it does next.
type ResolverFailure struct {
	Error   string  `json:"error"`
	Attempt int     `json:"attempt"`
	RetryMS float64 `json:"retry_ms,omitempty"`
}

// Herd is how far one list has come among channels that only watch, told when the last of
// them has it, or a second after the first.
type Herd struct {
	Channels  int     `json:"channels"`
	Watch     string  `json:"watch"`     // shared or own
	Endpoints int     `json:"endpoints"` // in the list
	Reached   int     `json:"reached"`   // channels that have it, or a later one
	Missed    int     `json:"missed"`    // the others
	First     float64 `json:"first"`     // when it reached the first
	Last      float64 `json:"last"`      // when it reached the last of those that it reached
	Conns     int     `json:"conns"`     // open from the herd to the agent
}

// HerdRefusal is what an agent does to a herd that is too many for it.
type HerdRefusal struct {
	Refused int `json:"refused"` // queries that it answered with 429 or hung up on since the event before
	Waiting int `json:"waiting"` // channels that never had a list
	Conns   int `json:"conns"`   // open from the herd to the agent
}

// Subchannel is one connection of the channel changing its connectivity state.
type Subchannel struct {
	Replica string `json:"replica"`
	Addr    string `json:"addr"`
	From    string `json:"from"`
	To      string `json:"to"`
	Error   string `json:"error,omitempty"`
}

// Picker is the set of replicas that the next RPC may be sent to.
type Picker struct {
	State   string   `json:"state"`
	Ready   []string `json:"ready"`
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

// RPC is one call: when it was due, given to the channel, picked, and done.
type RPC struct {
	N       uint64  `json:"n"`
	Due     float64 `json:"due"`
	Sent    float64 `json:"sent"`
	Picked  float64 `json:"picked,omitempty"`
	Done    float64 `json:"done"`
	Code    string  `json:"code"`
	Error   string  `json:"error,omitempty"`
	Replica string  `json:"replica,omitempty"` // picked, or answered
}

// Tick is the traffic of one interval, the only event that aggregates.
type Tick struct {
	Seconds  float64              `json:"seconds"`
	Rate     float64              `json:"rate"` // calls per second that were due
	Replicas map[string]TickShare `json:"replicas"`
	Failed   map[string]int       `json:"failed,omitempty"` // by code, all replicas
	P50MS    float64              `json:"p50_ms"`
	P99MS    float64              `json:"p99_ms"`
	MaxMS    float64              `json:"max_ms"`
	InFlight int                  `json:"in_flight"`
	// Picks is one character per call in order of completion: digit = that replica
	// answered (1-9, then +), letter = failed there (a = 1), "-" = failed before any pick.
	Picks string `json:"picks"`
	// Watching counts the goroutines of resolvers in the client's process, where the
	// channel may go idle and is to leave none behind.
	Watching int `json:"watching,omitempty"`
}

// TickShare is one replica's part of a Tick.
type TickShare struct {
	OK     int `json:"ok"`
	Failed int `json:"failed"`
}

// Balanced says that every ready replica was picked equally often for a while. LastPick
// is known, and given, only when the traffic has settled.
type Balanced struct {
	Ready    []string           `json:"ready"`
	Since    float64            `json:"since"`               // first pick of the even window
	Picks    map[string]int     `json:"picks"`               // in the window
	Spread   int                `json:"spread"`              // max − min picks
	LastPick map[string]float64 `json:"last_pick,omitempty"` // of replicas that are not ready
}

// LoadRate is the offered rate from now on, in calls per second.
type LoadRate struct {
	Rate float64 `json:"rate"`
}

// Fault is something broken on purpose, or its repair.
type Fault struct {
	ID      int      `json:"id"`
	Kind    string   `json:"kind"`
	Targets []string `json:"targets"`
	Detail  string   `json:"detail,omitempty"`
	Step    string   `json:"step,omitempty"` // name of the scenario step that ordered it
	TTL     float64  `json:"ttl,omitempty"`  // seconds until it heals by itself, 0 for never
	Once    bool     `json:"once,omitempty"` // it is over when it is done, and fault.healed says so
	Error   string   `json:"error,omitempty"`
}

// ScenarioInfo introduces a scenario.
type ScenarioInfo struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Steps   []string `json:"steps"`
	Teaches []string `json:"teaches,omitempty"`
}

// Step is the beginning of a step.
type Step struct {
	Name  string `json:"name"`
	N     int    `json:"n"`
	Of    int    `json:"of"`
	Phase string `json:"phase"` // steady, inject, observe, heal, verify
}

// Prediction is a question put before a fault, and later its answer.
type Prediction struct {
	Ask      string   `json:"ask"`
	Options  []string `json:"options,omitempty"`
	Said     string   `json:"said,omitempty"`
	Revealed string   `json:"revealed,omitempty"`
}

// Gate is a place where the story waits.
type Gate struct {
	For string `json:"for"`
}

// Stall says for how long before the event no timer of devstack fired: the machine was too
// busy, or asleep. What happened meanwhile was not seen when it happened.
type Stall struct {
	MS float64 `json:"ms"`
}

// Outcome is the verdict over a whole scenario.
type Outcome struct {
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"`
}
