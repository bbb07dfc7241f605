scenario "ttl-stall" {
  title   = "A good replica forgets to say that it lives"
  tier    = 1
  teaches = ["TTL checks", "self-reported liveness"]
  docs    = "docs/scenarios/ttl-stall.md"

  lesson = <<-EOT
    With a TTL check Consul asks nobody: it waits to be told. When only the heartbeat
    stops, a replica that answers every call disappears from the list one TTL after its
    last beat. Self-reported liveness can lie both ways.
  EOT
  watch  = "nothing is wrong with the replica, and it goes"

  topology {
    replicas = 3
    check    = "ttl"
    ttl      = "2s"
  }
  load {
    rate = 200
  }

  predict {
    ask     = "Only the heartbeat of a replica stops. What do clients notice?"
    options = ["failed calls", "one replica less, and no failed call", "nothing"]
    answer  = "one replica less, and no failed call: the capacity is gone, the replica is not"
  }

  step "stall" {
    say = "The heartbeat stops. Everything else works."
    inject "ttl-stall" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "8s"
  }
  step "look" {
    wait = "1s"
  }
  step "beat" {
    heal   = "stall"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "the replica disappears one TTL after its last beat" {
    within = ttl + slack
    of     = stall.t5
  }
  expect "and not before" {
    min  = ttl - ttl / 3 - slack
    of   = stall.t5
    unit = "s"
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the next heartbeat brings it back" {
    within = ttl / 3 + slack
    of     = beat.joined - beat.healed
  }
  expect "the others share exactly evenly meanwhile" {
    max  = channels
    of   = look.spread
    unit = "pick"
  }
}
