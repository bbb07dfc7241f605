scenario "graceful-stop" {
  title   = "A replica leaves in the right order"
  tier    = 1
  teaches = ["deregister, drain, stop", "GOAWAY"]
  docs    = "docs/scenarios/graceful-stop.md"

  lesson = <<-EOT
    Deregister first, wait until every resolver has heard of it, then drain: no RPC fails,
    because nobody sends to a replica that is about to leave.
  EOT
  watch  = "the resolver column changes before the process ends"

  topology {
    replicas = 3
    settle   = "150ms"
  }
  load {
    rate = 200
  }

  predict {
    ask     = "How many RPCs fail when a replica gets SIGTERM under 200 RPC/s?"
    options = ["none", "the ones in flight", "a second's worth"]
    answer  = "none: it leaves the list before it stops listening"
  }

  step "stop" {
    say = "SIGTERM: deregister, settle, drain, stop."
    inject "drain" {
      target = one
    }
    until  = balanced(replicas - 1)
    within = "6s"
  }
  step "look" {
    wait = "1s"
  }
  step "restart" {
    heal   = "stop"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the resolver hears of it at once" {
    within = slack
    of     = stop.t5
  }
  expect "the channel stops picking it before it stops" {
    within = settle + slack
    of     = stop.t6
  }
  expect "the entry is gone from the catalog" {
    always = stop.entry == "absent"
  }
  expect "the others share exactly evenly" {
    max  = channels
    of   = look.spread
    unit = "pick"
  }
}
