package timeline

// Type names a kind of event: a noun and a verb in the past tense.
type Type string

// The event types. Each line names the payload that D carries, if any.
const (
	RunStarted Type = "run.started" // Started
	StackReady Type = "stack.ready" // Ready
	RunEnded   Type = "run.ended"   // Ended
	LogLine    Type = "log.line"

	ReplicaStarted    Type = "replica.started"   // Process
	ReplicaListening  Type = "replica.listening" // Process
	ReplicaRegistered Type = "replica.registered"
	ReplicaPaused     Type = "replica.paused"
	ReplicaResumed    Type = "replica.resumed"
	ReplicaDraining   Type = "replica.draining"
	ReplicaBehaved    Type = "replica.behaved" // a knob of the replica was turned
	ReplicaExited     Type = "replica.exited"  // Exit

	ConsulStarted       Type = "consul.started" // Process; the first is that of the agent that the client talks to
	ConsulAdopted       Type = "consul.adopted" // Process, without a pid: it is somebody else's
	ConsulPaused        Type = "consul.paused"
	ConsulResumed       Type = "consul.resumed"
	ConsulExited        Type = "consul.exited"         // Exit
	ConsulLeaderElected Type = "consul.leader_elected" // Leader
	ConsulLeaderLost    Type = "consul.leader_lost"
	ConsulCheckChanged  Type = "consul.check_changed"   // CheckChange, as the agent that runs the check sees it
	ConsulServiceChange Type = "consul.service_changed" // CatalogChange, as the catalog answers
	ConsulAgentReported Type = "consul.agent_reported"  // AgentReport, of one agent of several
	ConsulUnreachable   Type = "consul.unreachable"
	ConsulBack          Type = "consul.back"

	ResolverUpdated Type = "resolver.updated" // Resolved
	ResolverEmpty   Type = "resolver.empty"   // Resolved
	ResolverError   Type = "resolver.error"   // ResolverFailure
	ResolverBackoff Type = "resolver.backoff" // ResolverFailure
	ResolverCrashed Type = "resolver.crashed" // ResolverFailure: the naive resolver's panic

	HerdUpdated Type = "herd.updated" // Herd: a list has come as far as it does
	HerdRefused Type = "herd.refused" // HerdRefusal, at most once a second

	SubchannelChanged Type = "subchannel.changed" // Subchannel
	PickerUpdated     Type = "picker.updated"     // Picker

	RPCFailed       Type = "rpc.failed"       // RPC
	TrafficTick     Type = "traffic.tick"     // Tick
	TrafficBalanced Type = "traffic.balanced" // Balanced
	TrafficSettled  Type = "traffic.settled"  // Balanced, once no call of before the even window is in flight
	LoadChanged     Type = "load.changed"     // LoadRate

	FaultInjected Type = "fault.injected" // Fault
	FaultHealed   Type = "fault.healed"   // Fault
	FaultFailed   Type = "fault.failed"   // Fault

	FaultHealFailed Type = "fault.heal_failed" // Fault, which stays injected; Error says why

	ScenarioStarted      Type = "scenario.started" // ScenarioInfo
	ScenarioStep         Type = "scenario.step"    // Step
	ScenarioSaid         Type = "scenario.said"
	ScenarioPredicted    Type = "scenario.predicted"     // Prediction
	ScenarioGateWaiting  Type = "scenario.gate_waiting"  // Gate
	ScenarioGatePassed   Type = "scenario.gate_passed"   // Gate
	ScenarioExpectMet    Type = "scenario.expect_met"    // Expectation
	ScenarioExpectFailed Type = "scenario.expect_failed" // Expectation
	ScenarioEnded        Type = "scenario.ended"         // Outcome

	MachineStalled Type = "machine.stalled" // Stall: nothing of devstack ran for a while

	UserActed Type = "user.action"
)
