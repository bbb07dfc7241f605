scenario "pick-first" {
  title   = "grpc's default policy uses one replica"
  tier    = 1
  teaches = ["pick_first", "round_robin", "failover"]
  docs    = "docs/scenarios/pick-first.md"

  lesson = <<-EOT
    Without a policy grpc picks the first address that answers, and stays: that is failover,
    not balancing. The others idle until the favourite dies; then the next one gets it all.
  EOT
  watch  = "one lane full, two empty"

  topology {
    replicas = 3
  }
  load {
    rate   = 200
    policy = "pick_first"
  }
  vary "policy" {
    values = ["pick_first", "round_robin"]
    note   = "how the channel chooses"
  }

  predict {
    ask     = "Three replicas, and a client that sets no policy. How are the calls shared?"
    options = ["evenly", "all to one", "by load"]
    answer  = "all to one: pick_first is the default"
  }

  step "look" {
    wait = "1s"
  }
  step "kill" {
    say = "SIGKILL for the favourite."
    inject "kill" {
      target = favourite
    }
    wait = "1s"
  }
  step "after" {
    say  = "${victims} is dead; somebody else is the favourite."
    wait = "1s"
  }
  step "return" {
    say  = "It comes back. The channel has no reason to care."
    heal = "kill"
    wait = "1500ms"
  }

  expect "one replica gets every call" {
    min = 1
    of  = look.largest_share
  }
  expect "only RPCs fail that were in flight, or came before the channel had noticed" {
    max  = kill.in_flight + 1 + rate * kill.t2
    of   = run.failed
    unit = "RPC"
  }
  expect "the next call opens the next connection" {
    within = 1 / rate + ms(50)
    of     = kill.joined
  }
  expect "then another one gets every call" {
    min = 1
    of  = after.largest_share
  }
  expect "and keeps them" {
    min = 1
    of  = return.largest_share
  }
}
