scenario "connect-stall" {
  title   = "Connects succeed, and nobody speaks"
  tier    = 2
  teaches = ["connect timeout", "HTTP/2 preface", "TRANSIENT_FAILURE"]
  docs    = "docs/scenarios/connect-stall.md"

  lesson = <<-EOT
    An accepted connection is not a server. grpc calls a subchannel READY only when the
    server's HTTP/2 settings have come, and waits up to 20 s for them. Until then the
    subchannel is CONNECTING, the picker does without it, and no call is risked on it.
  EOT
  watch  = "one subchannel stuck in CONNECTING, and not a single failed call because of it"

  topology {
    replicas = 3
    links    = true
  }
  load {
    rate = 100
  }

  predict {
    ask     = "A replica's port accepts connections and never answers. How many calls wait for it?"
    options = ["none", "a third of them", "those of the first 20 seconds"]
    answer  = "none: a subchannel without the server's settings is not READY"
  }

  step "stall" {
    say = "New connections to one replica are accepted from now on, and nobody is behind them."
    inject "link-stall" {
      target = one
    }
  }
  step "reset" {
    say = "Its present connection is reset, so that the channel has to make a new one."
    inject "link-reset" {
      target = one
    }
    until  = balanced(replicas - 1)
    within = "5s"
  }
  step "look" {
    wait = "4s"
  }
  step "mend" {
    heal   = "stall"
    until  = balanced(replicas)
    within = "8s"
  }

  expect "the channel leaves the victim at once" {
    within = slack
    of     = reset.t2
  }
  expect "only calls in flight fail, or sent while the news was on its way" {
    max  = reset.in_flight + 1 + ceil(rate / replicas * reset.t2)
    of   = run.failed
    unit = "RPC"
  }
  expect "no call is sent to who does not speak" {
    max  = replicas - 1
    of   = look.used
    unit = "replica"
  }
  expect "no call waits for it" {
    max  = 0
    of   = look.failed
    unit = "RPC"
  }
  expect "once somebody speaks, the same connection is good" {
    within = slack
    of     = mend.joined
  }
}
