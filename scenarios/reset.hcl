scenario "reset" {
  title   = "Every connection is reset at once"
  tier    = 2
  teaches = ["RST", "no backoff after an established connection", "retry policy"]
  docs    = "docs/scenarios/reset.md"

  lesson = <<-EOT
    A reset is the kindest way to lose a connection: both ends know at once. Calls in flight
    fail, the channel connects again without any backoff because the last connection had
    worked, and Consul never hears of it.
  EOT
  watch  = "a flicker: three subchannels leave READY and are back within milliseconds"

  topology {
    replicas = 3
    links    = true
  }
  load {
    rate = 200
  }
  vary "attempts" {
    values = ["1", "3"]
    note   = "attempts of one call: a retry hides the flicker"
  }

  predict {
    ask     = "All connections are reset while 200 calls a second are made. How many calls fail?"
    options = ["those in flight, a handful", "about 200, a second's worth", "none"]
    answer  = "those in flight: the next call waits the moment that a connect takes"
  }

  step "reset" {
    say = "RST for every open connection, once."
    inject "link-reset" {
      target = all
    }
    until  = balanced(replicas)
    within = "5s"
  }
  step "look" {
    wait = "1s"
  }

  expect "only calls in flight fail, and those that were sent while the news was on its way" {
    max  = reset.in_flight + replicas * (1 + ceil(rate / replicas * reset.t2))
    of   = run.failed
    unit = "RPC"
  }
  expect "the channel knows at once" {
    within = slack / 2
    of     = reset.t2
  }
  expect "each replica is connected again without a backoff" {
    within = slack
    of     = reset.joined
  }
  expect "every replica has exactly one new connection" {
    min  = replicas
    of   = reset.connects
    unit = "connection"
  }
  expect "Consul does not hear of it" {
    min  = replicas
    of   = look.passing
    unit = "replica"
  }
  expect "the resolver does not hear of it" {
    max = 0
    of  = reset.updates
  }
}
