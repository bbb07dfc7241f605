scenario "wait-for-ready" {
  title   = "Everybody is down, and the calls wait"
  tier    = 1
  teaches = ["wait for ready", "fail fast"]
  docs    = "docs/scenarios/wait-for-ready.md"

  lesson = <<-EOT
    A call that finds no connection fails at once with UNAVAILABLE, or waits until there is
    one, up to its deadline. Waiting hides an outage that is shorter than the deadline, at
    the price of calls that pile up and arrive all at once.
  EOT
  watch  = "calls in flight climb, and drain in one instant"

  topology {
    replicas = 3
  }
  load {
    rate           = 100
    deadline       = "10s"
    wait_for_ready = true
  }
  vary "wait_for_ready" {
    values = ["true", "false"]
    note   = "calls wait for a connection"
  }

  predict {
    ask     = "All replicas are down for two seconds; calls may take ten. What happens to the calls of the two seconds?"
    options = ["they fail at once", "they succeed, late", "they fail after ten seconds"]
    answer  = "they succeed, late: they wait for a connection"
  }

  step "down" {
    say = "SIGKILL for every replica."
    inject "kill" {
      target = all
    }
    wait = "2s"
  }
  step "up" {
    say    = "All start again, on new ports."
    heal   = "down"
    until  = balanced(replicas)
    within = "8s"
  }

  expect "only RPCs fail that were in flight, or came before the channel had noticed" {
    max  = down.in_flight + replicas + rate * down.t2
    of   = run.failed
    unit = "RPC"
  }
  expect "no RPC waits longer than the outage and the next check, which says that it is over" {
    within = down.length + interval + slack
    of     = run.slowest
  }
  expect "the first calls of the outage waited for two seconds" {
    min = 2
    of  = up.slowest
  }
}
