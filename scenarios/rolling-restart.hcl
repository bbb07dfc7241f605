scenario "rolling-restart" {
  title   = "A deployment: every replica in turn"
  tier    = 1
  teaches = ["zero-downtime deployment", "capacity during a deployment"]
  docs    = "docs/scenarios/rolling-restart.md"

  lesson = <<-EOT
    One replica leaves in the right order, its successor registers and is picked, then the
    next one leaves. At no time is more than one missing, and no RPC fails. The price is
    time: each replica costs its drain and whatever it takes until it is picked again.
  EOT
  watch  = "the wave: one replica after the other fades and comes back under a new address"

  topology {
    replicas = 3
    settle   = "150ms"
    interval = "1s"
  }
  load {
    rate = 200
  }
  vary "stop" {
    values = ["graceful", "without-deregister", "hard"]
    note   = "the order in which a replica ends"
  }

  predict {
    ask     = "All replicas are replaced under 200 RPC/s. How many RPCs fail?"
    options = ["none", "those in flight on each replica as it stops", "a third, while each is away"]
    answer  = "none: each one leaves the list before it stops listening"
  }

  step "work" {
    say = "A greeting takes 30 ms now, so that there is work in flight on every replica."
    inject "slow" {
      target  = all
      latency = "30ms"
    }
    wait = "500ms"
  }
  step "roll" {
    say = "SIGTERM, start again, wait until it is picked; then the next one."
    inject "restart" {
      target = all
    }
    until  = balanced(replicas)
    within = "30s"
  }
  step "look" {
    heal = "roll"
    wait = "500ms"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "every replica was replaced" {
    min = replicas
    of  = roll.exits
  }
  expect "no more than one is missing at any time" {
    min = replicas - 1
    of  = roll.least
  }
  expect "it takes no longer than one replica's change for each" {
    within = replicas * (settle + successes * interval + slack)
    of     = roll.length
  }
  expect "all share exactly evenly afterwards" {
    max  = channels
    of   = verify.spread
    unit = "pick"
  }
}
