scenario "crash-loop" {
  title   = "A replica crashes again and again"
  tier    = 1
  teaches = ["choosing service IDs", "zombie entries", "critical is not deregistered"]
  docs    = "docs/scenarios/crash-loop.md"

  lesson = <<-EOT
    Each start gets a new port. When the service ID changes with it, every crash leaves an
    entry behind that nobody will ever deregister: Consul probes the dead address for ever,
    or for at least a minute with deregister_after. A stable ID is one entry that moves.
  EOT
  watch  = "the number of entries in the catalog: it grows by one with every crash"

  topology {
    replicas = 3
    interval = "1s"
    id       = "fresh"
  }
  load {
    rate = 200
  }
  steady {
    within = "20s"
  }
  vary "id" {
    values = ["fresh", "stable"]
    note   = "whether a restarted replica registers under a new service ID"
  }

  predict {
    ask     = "A replica crashes five times and each start has an ID of its own. How many entries does Consul have in the end?"
    options = ["3: Consul drops dead ones", "3 + 5", "2 + 5"]
    answer  = "3 + 5: critical is not deregistered"
  }

  step "crash" {
    say = "SIGKILL now, and again whenever the new process has lived for 1.5 s."
    inject "crash-loop" {
      target = one
      every  = "1500ms"
    }
    wait = "8s"
  }
  step "calm" {
    say    = "The last process is allowed to live."
    heal   = "crash"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "it crashed more than once" {
    min = 2
    of  = crash.exits
  }
  expect "each crash leaves an entry behind" {
    min  = crash.exits
    of   = verify.registered - replicas
    unit = "entry"
  }
  expect "and only one" {
    max  = crash.exits
    of   = verify.registered - replicas
    unit = "entry"
  }
  expect "no dead entry passes" {
    max = replicas
    of  = verify.passing
  }
  expect "each crash costs what was with the replica before it left the picker" {
    max  = crash.in_flight + crash.exits * (1 + ceil(rate / replicas * slack))
    of   = crash.failed
    unit = "RPC"
  }
}
