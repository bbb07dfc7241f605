scenario "stop-without-deregister" {
  title   = "A replica leaves and does not tell Consul"
  tier    = 1
  teaches = ["GOAWAY", "deregistration is for the others", "stale registry"]
  docs    = "docs/scenarios/stop-without-deregister.md"

  lesson = <<-EOT
    GOAWAY reaches the clients that are connected, so they lose nothing. Everybody else
    reads the address of a dead process in Consul until the next check fails, and the entry
    stays in the catalog after that.
  EOT
  watch  = "the time between the end of the process and the moment at which the catalog knows"

  topology {
    replicas = 3
    stop     = "without-deregister"
    interval = "1s"
  }
  load {
    rate = 200
  }
  vary "stop" {
    values = ["without-deregister", "graceful"]
    note   = "whether the replica takes itself out of Consul first"
  }

  predict {
    ask     = "A replica drains well but never deregisters. Who pays?"
    options = ["the connected client: its RPCs fail", "clients that connect now: they read a dead address", "nobody"]
    answer  = "clients that connect now: for up to a check interval Consul still calls it passing"
  }

  step "stop" {
    say = "SIGTERM: drain and end, without a word to Consul."
    inject "drain" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "6s"
  }
  step "look" {
    say  = "${victims} is gone, and still in the catalog."
    wait = "1s"
  }
  step "restart" {
    heal   = "stop"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "the connected client loses nothing" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "GOAWAY moves it away at once" {
    within = slack
    of     = stop.left
  }
  expect "the catalog is wrong until the next check" {
    within = failures * interval + slack
    of     = stop.t4
  }
  expect "the entry stays in the catalog, critical" {
    always = stop.entry == "critical"
  }
  expect "the others share exactly evenly" {
    max  = channels
    of   = look.spread
    unit = "pick"
  }
}
