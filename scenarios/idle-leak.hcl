scenario "idle-leak" {
  title   = "A channel goes idle and wakes up, again and again"
  tier    = 1
  teaches = ["idle timeout", "Resolver.Close", "leaks"]
  docs    = "docs/scenarios/idle-leak.md"

  lesson = <<-EOT
    A channel without calls goes idle: it closes its connections and its resolver, and makes
    a new resolver with the next call. A resolver whose Close does not stop its blocking
    query leaves a goroutine and a connection to Consul behind, each time.
  EOT
  watch  = "how many resolvers are at work while no call is made"

  topology {
    replicas = 3
  }
  load {
    rate         = 200
    idle_timeout = "500ms"
  }
  vary "resolver" {
    values = ["devstack", "naive"]
    note   = "naive is the tutorial's resolver, whose Close does nothing"
  }

  predict {
    ask     = "A channel goes idle and wakes up four times. How many blocking queries does it have open in the end?"
    options = ["none", "one", "five"]
    answer  = "one, if Close stops the query; five, if it does not"
  }

  step "off1" {
    say  = "No calls. After half a second the channel goes idle."
    rate = 0
    wait = "1200ms"
  }
  step "on1" {
    say    = "Calls again: a new resolver, new connections."
    rate   = rate
    until  = balanced(replicas)
    within = "5s"
  }
  step "off2" {
    rate = 0
    wait = "1200ms"
  }
  step "on2" {
    rate   = rate
    until  = balanced(replicas)
    within = "5s"
  }
  step "off3" {
    rate = 0
    wait = "1200ms"
  }
  step "on3" {
    rate   = rate
    until  = balanced(replicas)
    within = "5s"
  }
  step "off4" {
    rate = 0
    wait = "1200ms"
  }
  step "on4" {
    rate   = rate
    until  = balanced(replicas)
    within = "5s"
    wait   = "500ms"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "an idle channel keeps no connection" {
    max  = 0
    of   = max(off1.ready, off2.ready, off3.ready, off4.ready)
    unit = "replica"
  }
  expect "nor a resolver at work" {
    max  = 0
    of   = off4.watching
    unit = "goroutine"
  }
  expect "awake again, as many are at work as in the beginning" {
    max  = steady.watching
    of   = on4.watching
    unit = "goroutine"
  }
  expect "the first call after an idle time waits for resolver and connection only" {
    within = slack
    of     = max(on1.slowest, on2.slowest, on3.slowest, on4.slowest)
  }
}
