scenario "pause-node" {
  title   = "A replica hangs with its sockets open"
  tier    = 1
  teaches = ["deadlines", "check timeout", "what TCP cannot see"]
  docs    = "docs/scenarios/pause-node.md"

  lesson = <<-EOT
    A stopped process keeps its sockets: the kernel accepts, acknowledges and buffers for
    it. The channel sees a READY connection. Only a deadline ends the calls, and only a
    check with a timeout finds the replica: one interval plus one timeout at worst.
  EOT
  watch  = "the victim's share of the calls turns red one deadline later, and stays until the check has timed out"

  topology {
    replicas = 3
    check    = "grpc"
    interval = "1s"
    timeout  = "500ms"
  }
  load {
    rate     = 200
    deadline = "1s"
  }
  vary "timeout" {
    values = ["500ms", "10s"]
    note   = "of the check; 10 s is what Consul takes when none is given"
  }

  predict {
    ask     = "Who notices first that the replica hangs?"
    options = ["the gRPC channel, as with a kill", "Consul's health check", "nobody"]
    answer  = "Consul's health check: for the channel the connection is as good as ever"
  }

  step "pause" {
    say = "SIGSTOP: the process stands still, its kernel does not."
    inject "pause" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "15s"
  }
  step "look" {
    say    = "The last calls that went to ${victims} run into their deadlines."
    until  = settled(replicas - 1)
    within = "6s"
  }
  step "resume" {
    heal   = "pause"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "the check finds it after an interval and a timeout" {
    within = failures * (interval + timeout) + slack
    of     = pause.t5
  }
  expect "the channel does not find it by itself" {
    min  = pause.t5 - ms(50)
    of   = pause.left
    unit = "s"
  }
  expect "no more calls are lost than arrive in that time" {
    max  = ceil(rate / replicas * (failures * (interval + timeout) + slack)) + pause.in_flight
    of   = pause.failed
    unit = "RPC"
  }
  expect "every call on the victim ends at its deadline" {
    min  = pause.picked - ceil(rate / replicas * ms(50))
    of   = pause.DEADLINE_EXCEEDED
    unit = "RPC"
  }
  expect "calls on the other replicas are not touched" {
    max  = 0
    of   = pause.failed_elsewhere
    unit = "RPC"
  }
  expect "the entry stays in the catalog, critical" {
    always = pause.entry == "critical"
  }
}
