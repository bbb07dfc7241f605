scenario "maintenance" {
  title   = "An operator takes a replica out of service"
  tier    = 1
  teaches = ["maintenance mode", "polite drain"]
  docs    = "docs/scenarios/maintenance.md"

  lesson = <<-EOT
    Maintenance mode is a check that says critical, which Consul adds to the entry and takes
    away again. The replica runs on and knows nothing of it, so calls in flight end well.
  EOT
  watch  = "the entry is in maintenance while its process answers as ever"

  topology {
    replicas = 3
  }
  load {
    rate = 200
  }

  predict {
    ask     = "How many calls fail when a replica goes into maintenance?"
    options = ["none", "those in flight on it", "those until its next check"]
    answer  = "none: it leaves the list, and what it has begun it ends"
  }

  step "on" {
    say = "consul maint -enable, for one service entry."
    inject "maintenance" {
      target = one
    }
    until  = balanced(replicas - 1)
    within = "6s"
  }
  step "look" {
    wait = "1s"
  }
  step "off" {
    heal   = "on"
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
    of     = on.t5
  }
  expect "the channel sends nothing more" {
    within = slack + 1 / rate
    of     = on.t6
  }
  expect "the entry stays" {
    min  = replicas
    of   = look.registered
    unit = "entry"
  }
  expect "and does not pass" {
    max  = replicas - 1
    of   = look.passing
    unit = "entry"
  }
  expect "the process lives" {
    max  = 0
    of   = run.exits
    unit = "process"
  }
  expect "the others share exactly evenly" {
    max  = channels
    of   = look.spread
    unit = "pick"
  }
  expect "it is back at once" {
    within = slack
    of     = off.joined
  }
}
