scenario "zone-loss" {
  title   = "Half of the replicas die at once, and it is true"
  tier    = 2
  teaches = ["correlated failure", "a guard against mass removal must not hide a real one", "capacity for a zone less"]
  docs    = "docs/scenarios/zone-loss.md"

  lesson = <<-EOT
    Replicas in one zone die together. To a guard against implausible news (min-passing) that
    looks like a broken Consul, and it keeps the dead on the list. No harm comes of it: the list
    says whom to try, the connection says who is there.
  EOT
  watch  = "six on the list, three in the picker"

  topology {
    replicas = 6
    tags     = "zone-a,zone-b"
    query    = "min-passing=60"
  }
  load {
    rate = 200
  }
  vary "query" {
    values = ["min-passing=60", ""]
    note   = "with the guard of agent-kill, and without"
  }

  predict {
    ask     = "Half of the replicas die, and the resolver does not believe it. How many calls fail?"
    options = ["those in flight", "half of them", "half of them, until the guard gives in"]
    answer  = "those in flight: the dead stay on the list, but nobody picks a connection that is closed"
  }

  step "kill" {
    say = "Zone b loses its power: every second replica."
    inject "kill" {
      target = ["greeter-2", "greeter-4", "greeter-6"]
    }
    until  = passing(replicas / 2)
    within = "6s"
  }
  step "look" {
    wait = "2s"
  }
  step "restart" {
    say    = "The power is back."
    heal   = "kill"
    until  = balanced(replicas)
    within = "15s"
  }

  expect "only calls fail that were in flight in the zone, or sent there before the channel knew" {
    max  = kill.in_flight + kill.victims + floor(rate * kill.victims / replicas * kill.t6)
    of   = run.failed
    unit = "RPC"
  }
  expect "the channel sends nothing more there" {
    within = slack
    of     = kill.t6
  }
  expect "Consul notices" {
    within = interval + slack
    of     = kill.t4
  }
  expect "the guard keeps the dead on the list" {
    min  = replicas
    of   = look.listed
    unit = "replica"
  }
  expect "nobody calls them" {
    max  = replicas / 2
    of   = look.used
    unit = "replica"
  }
  expect "the other zone shares evenly" {
    max  = channels
    of   = look.spread
    unit = "pick"
  }
}
