scenario "subsetting" {
  title   = "A client connects to a part of many replicas"
  tier    = 2
  teaches = ["subsetting", "the cost of a full mesh"]
  docs    = "docs/scenarios/subsetting.md"

  lesson = <<-EOT
    Every client connected to every replica is clients times replicas connections. A subset
    is enough for balance and keeps that number down. Its price: a dead member is missing until
    the resolver drops it, and only then another takes its place.
  EOT
  watch  = "four subchannels of twelve, and a fifth replica joining only after Consul has noticed a death"

  topology {
    replicas = 12
  }
  load {
    rate          = 120
    policy        = "random_subsetting"
    policy_config = "{\"subsetSize\":4,\"childPolicy\":[{\"round_robin\":{}}]}"
  }

  predict {
    ask     = "Twelve replicas, a subset of four. One of the four dies. When does another take its place?"
    options = ["at once", "when Consul has noticed and the resolver has told", "never"]
    answer  = "when the resolver has told: the subset is chosen from its list"
  }

  step "look" {
    wait = "2s"
  }
  step "kill" {
    say = "SIGKILL for the one that most calls went to."
    inject "kill" {
      target = favourite
    }
    until  = listed(replicas - 1)
    within = "8s"
  }
  step "rest" {
    until  = balanced(4)
    within = "5s"
    wait   = "1s"
  }
  step "restart" {
    heal   = "kill"
    until  = listed(replicas)
    within = "8s"
  }

  expect "four replicas are called, and no other" {
    max  = 4
    of   = look.used
    unit = "replica"
  }
  expect "connections are made to the subset only" {
    max  = 0
    of   = look.connects
    unit = "connection"
  }
  expect "while Consul does not know, three carry everything" {
    max  = 3
    of   = kill.least
    unit = "replica"
  }
  expect "another takes the dead one's place as soon as the resolver tells" {
    within = kill.t5 + slack
    of     = kill.joined
  }
  expect "four again" {
    min  = 4
    of   = rest.ready
    unit = "replica"
  }
  expect "only calls in flight fail, or sent before the channel knew" {
    max  = kill.in_flight + 1 + ceil(rate / 4 * kill.t2)
    of   = run.failed
    unit = "RPC"
  }
}
