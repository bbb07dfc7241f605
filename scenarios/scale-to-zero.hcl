scenario "scale-to-zero" {
  title   = "Nobody is left, and then somebody comes"
  tier    = 1
  teaches = ["an empty list is an answer", "fail fast"]
  docs    = "docs/scenarios/scale-to-zero.md"

  lesson = <<-EOT
    "No replicas" is a fact that a resolver must pass on, not an error to hide and not a
    reason to crash: then calls fail at once instead of at their deadline, and the first
    replica that returns is used as soon as it registers.
  EOT
  watch  = "how fast calls fail while nobody is there, and how soon they succeed again"

  topology {
    replicas = 3
    settle   = "150ms"
  }
  load {
    rate     = 200
    deadline = "1s"
  }
  vary "wait_for_ready" {
    values = ["false", "true"]
    note   = "whether calls wait for a replica instead of failing at once"
  }

  predict {
    ask     = "No replica is left. When does a call with a deadline of one second fail?"
    options = ["at once", "after one second", "never: it waits for a replica"]
    answer  = "at once: the resolver says that the list is empty, so there is nothing to wait for"
  }

  step "down" {
    say    = "Every replica deregisters and stops."
    scale  = 0
    until  = listed(0)
    within = "10s"
  }
  step "dark" {
    say  = "Nobody is there."
    wait = "1500ms"
  }
  step "back" {
    say    = "One comes back, on a new port."
    scale  = 1
    until  = balanced(1)
    within = "10s"
  }
  step "all" {
    say    = "And the others."
    scale  = replicas
    until  = balanced(replicas)
    within = "10s"
  }

  expect "the resolver survives an empty list" {
    max = 0
    of  = run.crashes
  }
  expect "the list is empty" {
    always = dark.listed == 0
  }
  expect "every call fails" {
    min  = dark.total
    of   = dark.UNAVAILABLE
    unit = "RPC"
  }
  expect "at once, not at the deadline" {
    within = min(slack, deadline / 2)
    of     = dark.slowest_failure
  }
  expect "calls succeed again soon after one replica listens" {
    within = slack + 1 / rate
    of     = back.answered - back.listened
  }
}
