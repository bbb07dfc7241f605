scenario "scale-up" {
  title   = "A new replica joins"
  tier    = 1
  teaches = ["initial check status", "blocking queries"]
  docs    = "docs/scenarios/scale-up.md"

  lesson = <<-EOT
    A replica registers when it really serves, with a check that starts passing: the
    resolver's blocking query returns, the channel connects, and the newcomer takes its
    share at once. A check that starts critical costs up to one check interval more.
  EOT
  watch  = "the time between \"listens\" and the first RPC on the newcomer"

  topology {
    replicas = 3
  }
  load {
    rate = 200
  }
  vary "initial_status" {
    values = ["passing", "critical"]
    note   = "what a new check says before it has run"
  }

  predict {
    ask     = "How soon after it listens does the newcomer get its first call?"
    options = ["in milliseconds", "at Consul's next check", "when the client asks Consul again"]
    answer  = "in milliseconds: it registers as passing, and that ends the resolver's blocking query"
  }

  step "grow" {
    say    = "One more replica, on a free port."
    scale  = replicas + 1
    until  = balanced(replicas + 1)
    within = "8s"
  }
  step "look" {
    wait = "1s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the newcomer is in the picker soon after it listens" {
    within = slack
    of     = grow.joined - grow.listened
  }
  expect "it answers soon after that" {
    within = slack + (replicas + 1) / rate
    of     = grow.answered - grow.listened
  }
  expect "all share exactly evenly" {
    max  = channels
    of   = look.spread
    unit = "pick"
  }
}
