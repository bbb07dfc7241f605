scenario "proxy-discovery" {
  title   = "A router finds the replicas for its clients"
  tier    = 1
  teaches = ["client-side and proxy discovery", "single point of failure"]
  docs    = "docs/scenarios/proxy-discovery.md"

  lesson = <<-EOT
    Behind a router that understands gRPC the client needs neither resolver nor policy: it
    knows one address, and the router balances each call. The price is one more hop, and one
    more process without which nothing works, however healthy the replicas are.
  EOT
  watch  = "one subchannel at the client, three replicas that answer"

  topology {
    replicas = 3
    via      = "router"
  }
  load {
    rate   = 200
    policy = "pick_first"
  }

  predict {
    ask     = "The router dies for a second; all three replicas are healthy. How many calls get through?"
    options = ["all: the client goes to the replicas itself", "none", "a third"]
    answer  = "none: the client knows no other address"
  }

  step "look" {
    say  = "The client has one connection. Who answers?"
    wait = "1s"
  }
  step "kill" {
    say = "SIGKILL for a replica: the router has the resolver, so it fails over."
    inject "kill" {
      target = one
    }
    wait = "2s"
  }
  step "back" {
    heal = "kill"
    wait = "2s"
  }
  step "router" {
    say = "SIGKILL for the router."
    inject "router-kill" {}
    wait = "500ms"
  }
  step "dark" {
    say  = "Three healthy replicas, and nobody to lead the way."
    wait = "1s"
  }
  step "light" {
    heal   = "router"
    until  = ready(1)
    within = "8s"
    wait   = "1s"
  }

  expect "the calls are spread evenly all the same" {
    max = 1 / replicas + (3 + 2 * rate * look.slowest) / look.total
    of  = look.largest_share
  }
  expect "a dead replica costs its share of calls only until the router's channel has noticed" {
    max  = 1 + rate / replicas * slack
    of   = kill.failed
    unit = "RPC"
  }
  expect "without the router nothing gets through" {
    max = 0
    of  = dark.success
  }
  expect "the client is back when it next dials" {
    within = seconds(1.2) + 0.9 * router.length + slack
    of     = light.joined
  }
}
