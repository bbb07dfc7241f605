scenario "kill-node" {
  title   = "A replica dies without saying goodbye"
  tier    = 1
  teaches = ["connectivity detection", "stale registry", "client-side load balancing"]
  docs    = "docs/scenarios/kill-node.md"

  lesson = <<-EOT
    Nobody tells Consul that a process was killed. The channel learns it first, because the
    kernel closes the sockets of the dead process; Consul learns it at its next check, and
    leaves the entry in the catalog: critical is not deregistered.
  EOT
  watch  = "the subchannel column: it changes a thousand times faster than the check"

  topology {
    replicas = 3
    check    = "grpc"
    interval = "1s"
    timeout  = "500ms"
  }
  load {
    rate     = 200
    deadline = "1s"
    policy   = "round_robin"
  }
  steady {
    for = "1s"
  }

  predict {
    ask     = "Who notices first that the replica is dead?"
    options = ["Consul's health check", "the resolver", "the gRPC channel"]
    answer  = "the gRPC channel: the kernel closes the dead process's connections at once"
  }

  step "kill" {
    say = "SIGKILL: no deregistration, no GOAWAY, no chance to say anything."
    inject "kill" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "6s"
  }
  step "look" {
    say  = "${victims} is out of the picker and out of the resolver's list, and still in the catalog: critical."
    wait = "1500ms"
  }
  step "restart" {
    say    = "A new process, on a new port, under the same name. It registers itself at once, but Consul remembers the old entry's critical check until it has run the next one."
    heal   = "kill"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "only RPCs that were in flight on the victim fail" {
    max  = kill.in_flight + 1 + floor(rate / replicas * kill.t6)
    of   = kill.failed
    unit = "RPC"
  }
  expect "the victim leaves the picker" {
    within = slack / 2
    of     = kill.left
  }
  expect "the channel sends nothing more to the victim" {
    within = slack / 2
    of     = kill.t6
  }
  expect "Consul and the resolver notice" {
    within = interval + slack
    of     = kill.t5
  }
  expect "the survivors share exactly evenly" {
    max  = channels
    of   = kill.spread
    unit = "pick"
  }
  expect "the dead entry stays in the catalog, critical" {
    always = kill.entry == "critical"
  }
  expect "the restarted replica is back after one check" {
    within = interval + slack
    of     = restart.joined - restart.healed
  }
  expect "the restarted replica gets its full share" {
    max  = channels
    of   = verify.spread
    unit = "pick"
  }
  expect "all replicas are in the picker at the end" {
    min = replicas
    of  = verify.ready
  }
}
