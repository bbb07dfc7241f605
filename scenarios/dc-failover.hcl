scenario "dc-failover" {
  title   = "Every replica of a datacenter dies; another one takes over"
  tier    = 2
  teaches = ["datacenters", "prepared queries", "failover and the way back"]
  docs    = "docs/scenarios/dc-failover.md"
  limit   = "90s"

  lesson = <<-EOT
    Consul's datacenters share no catalog: an agent forwards a question to the servers of the
    datacenter it is about. Whom to ask next when nobody is left at home is decided by the
    client (a list of datacenters) or by Consul (a prepared query with failover). The list is
    watched, so it follows at once; a prepared query cannot be watched, so it is asked again
    from time to time, and until then the calls go to the dead.
  EOT
  watch  = "the picker being emptied, and refilled from the other datacenter"

  topology {
    datacenters = 2
    replicas    = 2
    query       = "dc=dc1,dc2"
  }
  load {
    rate = 100
  }
  vary "query" {
    values = ["dc=dc1,dc2", "query=greeter&poll=2s", ""]
    note   = "the client's own list; a prepared query, asked every two seconds; home only"
  }

  predict {
    ask     = "Both replicas of dc1 die. What becomes of the calls until they are back?"
    options = ["all fail", "those fail until Consul notices, then dc2 answers", "none fails: the channel knows dc2"]
    answer  = "they fail until Consul has noticed both deaths: the channel knows only what the list has told it"
  }

  step "kill" {
    say = "Both replicas of dc1 die: ${victims}."
    inject "kill" {
      target = ["greeter-1", "greeter-2"]
    }
    until  = balanced(replicas)
    within = "15s"
  }
  step "away" {
    say  = "The replicas of dc2 answer."
    wait = "2s"
  }
  step "home" {
    say    = "dc1's replicas are back, and its list is preferred."
    heal   = "kill"
    until  = listed(replicas)
    within = "10s"
    wait   = "2s"
  }

  expect "Consul notices both deaths in one round of checks" {
    within = interval + slack
    of     = kill.t4
  }
  expect "then the list is of the other datacenter" {
    within = interval + 2 * slack
    of     = kill.t5
  }
  expect "calls fail for one round of checks" {
    max  = ceil(rate * (interval + 2 * slack))
    of   = kill.failed
    unit = "RPC"
  }
  expect "away from home, none fails" {
    max  = 0
    of   = away.failed
    unit = "RPC"
  }
  expect "dc2 answers all of it" {
    min  = 1
    of   = away.share["greeter-3"] + away.share["greeter-4"]
  }
  expect "on the way back none fails: the old connections serve until the new ones are ready" {
    max  = 0
    of   = home.failed
    unit = "RPC"
  }
  expect "home is used again" {
    within = interval + 2 * slack
    of     = home.joined
  }
}
