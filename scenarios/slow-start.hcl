scenario "slow-start" {
  title   = "A replica that needs time before it can work"
  tier    = 1
  teaches = ["readiness", "order of serving and registering"]
  docs    = "docs/scenarios/slow-start.md"

  lesson = <<-EOT
    A process that listens is not yet a replica that works. When it registers after its
    warm-up, nobody sends to it too early. When it registers first, with a check that starts
    passing, it gets its share of calls and refuses them until the first check finds out.
  EOT
  watch  = "the time between \"listens\" and \"registered\"; in the other order, the failed calls in it"

  topology {
    replicas       = 3
    check          = "grpc"
    interval       = "1s"
    warm_up        = "2s"
    register_first = false
  }
  load {
    rate = 200
  }
  vary "register_first" {
    values = ["false", "true"]
    note   = "whether a replica registers before it has warmed up"
  }

  predict {
    ask     = "A replica listens at once, works after 2 s, and registers after that. How many RPCs fail?"
    options = ["none", "its share for 2 s", "its share until the first check"]
    answer  = "none: nobody knows of it before it can work"
  }

  step "grow" {
    say    = "One more replica. It listens at once, and needs 2 s before it can answer."
    scale  = replicas + 1
    until  = balanced(replicas + 1)
    within = "10s"
  }
  step "look" {
    wait = "1s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "it is not picked before it is warm" {
    min  = warm_up - ms(50)
    of   = grow.joined - grow.listened
    unit = "s"
  }
  expect "it is picked as soon as it is warm" {
    within = warm_up + slack
    of     = grow.joined - grow.listened
  }
  expect "all share exactly evenly" {
    max  = channels
    of   = look.spread
    unit = "pick"
  }
}
