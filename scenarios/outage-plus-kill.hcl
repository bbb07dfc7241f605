scenario "outage-plus-kill" {
  title   = "A replica dies while Consul is away"
  tier    = 1
  teaches = ["two independent failure detectors", "stale registry"]
  docs    = "docs/scenarios/outage-plus-kill.md"

  lesson = <<-EOT
    Who is listed and who is reachable are two questions with two judges. Without Consul the
    list is frozen, with the dead replica on it; the channel still stops using a broken
    connection within milliseconds, and only tries the dead address again now and then.
  EOT
  watch  = "listed stays at three while ready goes to two"

  topology {
    replicas = 3
    query    = "empty=hold"
  }
  load {
    rate = 200
  }
  vary "query" {
    values = ["empty=hold", "empty=clear"]
    note   = "what the resolver does with an answer that names nobody: keep its list for a while, or believe it"
  }

  predict {
    ask     = "With Consul away, what happens to the calls that would have gone to the dead replica?"
    options = ["they fail until Consul is back", "the other replicas get them", "a third of all calls fails"]
    answer  = "the other replicas get them: the channel sees the broken connection itself"
  }

  step "outage" {
    say = "SIGKILL for Consul."
    inject "consul-kill" {}
    wait = "500ms"
  }
  step "kill" {
    say = "And SIGKILL for a replica. Nobody is left who could tell the client."
    inject "kill" {
      target = one
    }
    until  = balanced(replicas - 1)
    within = "6s"
  }
  step "look" {
    say  = "${victims} is still on the resolver's list, and not in the picker."
    wait = "1s"
  }
  step "restart" {
    say  = "Consul again, empty. Only the living register."
    heal = "outage"
  }
  step "recover" {
    until  = listed(replicas - 1)
    within = "10s"
  }
  step "return" {
    heal   = "kill"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "only RPCs fail that were in flight, or sent to the victim before the channel had noticed" {
    max  = kill.in_flight + 1 + rate / replicas * kill.t2
    of   = run.failed
    unit = "RPC"
  }
  expect "the victim leaves the picker without Consul's help" {
    within = ms(50)
    of     = kill.left
  }
  expect "the resolver's list is frozen meanwhile" {
    min  = replicas
    of   = look.listed
    unit = "replica"
  }
  expect "the survivors share exactly evenly" {
    max  = channels
    of   = look.spread
    unit = "pick"
  }
  expect "the resolver learns the truth when it next asks" {
    within = ms(200) + 1.2 * outage.length + slack
    of     = recover.length
  }
}
